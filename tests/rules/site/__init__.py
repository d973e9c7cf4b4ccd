"""The portal as its own url_map and pages tell it, for rule tests that must cover pages not yet written."""
