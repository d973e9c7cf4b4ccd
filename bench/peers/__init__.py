"""Admin interfaces that others have written, over the same tables: what the portal's pages are measured beside."""
