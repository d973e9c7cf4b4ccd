"""Fields that are kept as they were typed here, whatever iiko says."""

from portal.db.base import TenantEntity


def pin(entity: TenantEntity, field: str) -> None:
    """Keep a field of a linked row as it is."""
    raise NotImplementedError


def release(entity: TenantEntity, field: str) -> None:
    """Take iiko's value again, now and later."""
    raise NotImplementedError
