"""Every environment variable of the portal: read and validated here, and nowhere else.

``docs/deploy.md`` explains each one; a test keeps that table and ``VARIABLES`` alike.
"""

from config.addresses import API_BASES, NO_DATABASE, MailServer, MediaBucket
from config.environment import VARIABLES, ConfigurationError
from config.keys import CredentialKey, parse_credential_keys
from config.limits import Limits, Pooler
from config.observation import share_measurements
from config.settings import Config, Environment, Process, database_schema, portal_data

__all__ = [
    "API_BASES",
    "NO_DATABASE",
    "VARIABLES",
    "Config",
    "ConfigurationError",
    "CredentialKey",
    "Environment",
    "Limits",
    "MailServer",
    "MediaBucket",
    "Pooler",
    "Process",
    "database_schema",
    "parse_credential_keys",
    "portal_data",
    "share_measurements",
]
