"""Equipment: what stands in a store."""
