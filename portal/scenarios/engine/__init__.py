"""The pure engine of conversations: what a scenario says next, without database, web or messenger."""
