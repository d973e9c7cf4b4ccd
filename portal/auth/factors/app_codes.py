"""Codes of an authenticator app: six digits, anew every 30 seconds (RFC 6238)."""

import hmac
import time
from functools import partial

import pyotp
import segno

ISSUER = "GET INN"
PERIOD = 30
# One step early or late: clocks of phones and slow fingers.
TOLERATED_STEPS = (0, -1, 1)


def new_secret() -> str:
    """160 random bits in base32, as the apps take them."""
    return pyotp.random_base32()


def accepted_step(secret: str, code: str, last_step: int) -> int | None:
    """The time step that the code is of, where it is now's or a neighbour's and later than the last accepted."""
    now = int(time.time()) // PERIOD
    right = partial(hmac.compare_digest, code)
    steps = [now + each for each in TOLERATED_STEPS if right(pyotp.TOTP(secret).generate_otp(now + each))]
    return next((step for step in steps if step > last_step), None)


def app_address(secret: str, email: str) -> str:
    """What an app reads: ``otpauth://totp/…``."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_picture(address: str) -> str:
    """The address as a QR code, an image to be written into the page."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff")


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
