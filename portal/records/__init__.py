"""Pages that all records share: list, CSV, archiving and restoring."""
