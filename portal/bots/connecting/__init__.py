"""The owner's switch and the webhook's doctor: how a bot and a platform are brought together and kept so."""
