"""Who works here: people, their positions, chats and the source of each value."""
