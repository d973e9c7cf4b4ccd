"""A bot's library of pictures, videos, sounds and documents."""
