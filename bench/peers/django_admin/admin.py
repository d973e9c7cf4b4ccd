"""What Django's admin is told of the tables."""

from django import forms
from django.contrib import admin

from bench.peers.django_admin.models import Credential, Plain, Restaurant


class AccountAdmin(admin.ModelAdmin):
    """The rows of the account of who is signed in."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).filter(account_id=request.user.account_id)


@admin.register(Restaurant)
class RestaurantAdmin(AccountAdmin):
    list_display = ("name", "address", "phone", "iiko_sync_status", "updated_at")
    search_fields = ("name", "address", "phone", "email")
    list_filter = ("is_active", "iiko_sync_status")
    ordering = ("name",)
    fields = ("name", "address", "phone", "email", "timezone")


@admin.register(Plain)
class PlainAdmin(RestaurantAdmin):
    def formfield_for_choice_field(self, db_field, request, **options):
        return forms.CharField(max_length=64, required=False)


@admin.register(Credential)
class CredentialAdmin(AccountAdmin):
    fields = ("is_active",)
