"""What a conversation with a bot tells of a person, on its way to the record."""
