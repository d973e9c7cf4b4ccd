"""The portal's tables as Django sees them."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from bench.zones import zones

SYNC_STATES = [(state, state.title()) for state in ("pending", "syncing", "synced", "failed")]


class Row(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField(editable=False)
    is_active = models.BooleanField()

    class Meta:
        abstract = True


class User(AbstractBaseUser, Row):
    """Everybody may do everything in their own account; nothing is asked of the database for that."""

    password = models.CharField(max_length=200, db_column="hashed_password")
    last_login = None
    email = models.CharField(max_length=254, unique=True)
    is_staff = True
    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "user"

    def has_perm(self, permission, row=None):
        return True

    def has_module_perms(self, label):
        return True


class Restaurant(Row):
    name = models.CharField(max_length=200)
    address = models.TextField(null=True, blank=True)
    phone = models.CharField(max_length=40, null=True, blank=True)
    email = models.CharField(max_length=254, null=True, blank=True)
    timezone = models.CharField(max_length=64, null=True, blank=True, choices=[(zone, zone) for zone in zones()])
    iiko_sync_status = models.CharField(max_length=20, null=True, editable=False, choices=SYNC_STATES)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        managed = False
        db_table = "restaurant"

    def __str__(self):
        return self.name


class Plain(Restaurant):
    """The same table; its form has a text field for the time zone."""

    class Meta:
        proxy = True


class Credential(Row):
    platform = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "bot_platform_credential"
