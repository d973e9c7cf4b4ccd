"""HTTP from the stand-ins to a bot's server."""

from typing import Any

import httpx

# Reading all certificate authorities takes longer than most tests.
_TRUSTED = httpx.create_ssl_context()


def http_client(timeout: float = 10, **options: Any) -> httpx.Client:
    """A client that asks straight away, whatever proxy the environment names."""
    return httpx.Client(trust_env=False, verify=_TRUSTED, timeout=timeout, **options)
