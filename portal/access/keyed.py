"""Names for what must not be written down: the same for the same thing, and nobody can tell what it is."""

import hashlib
import hmac

from flask import current_app


def keyed_digest(purpose: str, value: str) -> bytes:
    """32 bytes that stand for an e-mail, an address or the like, others for each purpose and each SECRET_KEY."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"{purpose}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)
