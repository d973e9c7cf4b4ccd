"""What messengers deliver: verified, stored once, and worked off."""
