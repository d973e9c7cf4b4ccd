"""Papers: files and photos."""
