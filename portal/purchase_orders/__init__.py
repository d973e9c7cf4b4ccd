"""Orders to suppliers: what is to come, and when."""
