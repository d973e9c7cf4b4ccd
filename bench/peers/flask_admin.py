"""Flask-Admin over the portal's tables: the same list, search, filters and form, declared as its guide shows."""

import os
import secrets
from datetime import datetime
from uuid import UUID

from flask import Flask, redirect
from flask_admin import Admin
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import SecureForm
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, Text
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import SelectField

from bench.zones import zones

app = Flask(__name__)
app.config.update(
    SECRET_KEY=secrets.token_hex(32),
    SQLALCHEMY_DATABASE_URI=os.environ["PEERS_DATABASE_URL"],
    SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 8},
)
db = SQLAlchemy(app, metadata=MetaData(schema=os.environ.get("DATABASE_SCHEMA", "getinn_ops")))
login_manager = LoginManager(app)


class User(UserMixin, db.Model):
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    email: Mapped[str]
    is_active: Mapped[bool]


class Restaurant(db.Model):
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None]
    email: Mapped[str | None]
    timezone: Mapped[str | None]
    is_active: Mapped[bool]
    iiko_sync_status: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Credential(db.Model):
    __tablename__ = "bot_platform_credential"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    platform: Mapped[str]
    is_active: Mapped[bool]


class AccountView(ModelView):
    """For those who are signed in, the rows of their own account."""

    form_base_class = SecureForm
    page_size = 50
    can_view_details = True
    can_delete = False  # rows are archived, many at a time; a form in each row would be theirs alone

    def is_accessible(self):
        return current_user.is_authenticated

    def get_query(self):
        return super().get_query().filter(self.model.account_id == current_user.account_id)

    def get_count_query(self):
        return super().get_count_query().filter(self.model.account_id == current_user.account_id)

    def get_one(self, id):  # noqa: A002 (Flask-Admin's word)
        return self.get_query().filter(self.model.id == id).one_or_none()


class PlainView(AccountView):
    """The restaurants; the time zone is a text field, as Flask-Admin makes one of any string."""

    column_list = ("name", "address", "phone", "iiko_sync_status", "updated_at")
    column_details_list = (
        "name",
        "address",
        "phone",
        "email",
        "timezone",
        "iiko_sync_status",
        "created_at",
        "updated_at",
    )
    column_searchable_list = ("name", "address", "phone", "email")
    column_filters = ("is_active", "iiko_sync_status")
    column_sortable_list = ("name", "updated_at")
    column_default_sort = "name"
    form_columns = ("name", "address", "phone", "email", "timezone")

    @action("archive", "Archive")
    def archive(self, ids):
        self.get_query().filter(self.model.id.in_(ids)).update({"is_active": False})
        db.session.commit()


class RestaurantView(PlainView):
    """The same with all time zones on offer."""

    form_overrides = {"timezone": SelectField}
    form_args = {"timezone": {"choices": [("", "Not set"), *((zone, zone) for zone in zones())]}}


class CredentialView(AccountView):
    """The platforms, switched in their list."""

    column_list = ("platform", "is_active")
    column_editable_list = ("is_active",)
    form_columns = ("platform", "is_active")


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, UUID(user_id))


@app.get("/sign-in/<uuid:user_id>")
def sign_in(user_id):
    """Be somebody: how people prove who they are is not what is measured."""
    login_user(db.session.get(User, user_id))
    return redirect("/admin/")


admin = Admin(app)
admin.add_view(RestaurantView(Restaurant, db, endpoint="restaurant"))
admin.add_view(PlainView(Restaurant, db, endpoint="plain", name="Plain"))
admin.add_view(CredentialView(Credential, db, endpoint="credential"))
