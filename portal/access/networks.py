"""Who shares an address: what counts as one visitor."""

import ipaddress

# A household or a restaurant has one IPv4 address, or one network of this length.
IPV6_NETWORK = 64


def network_of(address: str | None) -> str:
    """What one visitor has of addresses: one of IPv4, a whole /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None or found.version == 4:
        return str(mapped or found)
    return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
