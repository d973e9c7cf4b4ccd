"""The guard of addresses that chains type."""

from flask import current_app

from portal.http.outbound import OutboundGuard


def outbound_guard() -> OutboundGuard:
    """Loopback is allowed where the settings say so, for stand-ins on the same machine."""
    return OutboundGuard(allow_loopback=current_app.config["PORTAL"].allow_loopback_addresses)
