"""The floor: a plain Flask route, raw psycopg, a minimal template, the same rows, the same server.

It knows no accounts beyond one condition, no permissions, no forms, no errors: what a page costs when
everything but the page is left out.
"""

import hashlib
import os
import threading

import psycopg
from flask import Flask, abort, render_template_string, request
from psycopg.rows import namedtuple_row

SCHEMA = os.environ.get("DATABASE_SCHEMA", "getinn_ops")
CONNECTION_URL = os.environ["DATABASE_URL"].replace("+psycopg", "")
PAGE = 50

WHO = f"""
    SELECT u.id, u.email, u.account_id FROM {SCHEMA}.user_session s JOIN {SCHEMA}."user" u ON u.id = s.user_id
    WHERE s.token_hash = %s
"""
ROWS = f"""
    SELECT id, name, address, phone, iiko_sync_status, updated_at FROM {SCHEMA}.restaurant
    WHERE account_id = %s AND is_active ORDER BY name, id LIMIT {PAGE}
"""
ONE = f"SELECT * FROM {SCHEMA}.restaurant WHERE account_id = %s AND id = %s"
SWITCH = f"""
    UPDATE {SCHEMA}.bot_platform_credential SET is_active = %s
    WHERE account_id = %s AND bot_id = %s AND platform = %s RETURNING is_active
"""
STORE = f"""
    INSERT INTO {SCHEMA}.bot_inbound_update (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)
    VALUES (%s, %s, %s, %s, 'message', %s, %s) ON CONFLICT (account_id, credential_id, dedupe_key) DO NOTHING
"""
LIST_TEMPLATE = """<!doctype html><title>Restaurants</title><table>{% for row in rows %}<tr>
<td><a href="/restaurants/{{ row.id }}">{{ row.name }}</a><td>{{ row.address }}<td>{{ row.phone }}
<td>{{ row.iiko_sync_status }}<td>{{ row.updated_at }}</tr>{% endfor %}</table>"""
ONE_TEMPLATE = """<!doctype html><title>{{ row.name }}</title><h1>{{ row.name }}</h1><dl><dt>Address<dd>{{ row.address }}
<dt>Phone<dd>{{ row.phone }}<dt>Zone<dd>{{ row.timezone }}<dt>iiko<dd>{{ row.iiko_sync_status }}</dl>"""
SWITCH_TEMPLATE = "<button>{{ 'on' if is_on else 'off' }}</button>"

app = Flask(__name__)
local = threading.local()


def connection() -> psycopg.Connection:
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(CONNECTION_URL, row_factory=namedtuple_row)
        # The floor is not held by row security's setting; it says the account once and for all.
        local.connection.execute("SELECT set_config('getinn.door', 'session', false)")
        local.connection.commit()
    return local.connection


def hook_connection() -> psycopg.Connection:
    """One more a thread, which may write the rows of every account."""
    if not hasattr(local, "hooks"):
        local.hooks = psycopg.connect(CONNECTION_URL)
        local.hooks.execute("SELECT set_config('getinn.door', 'worker', false)")
        local.hooks.commit()
    return local.hooks


def viewer(database: psycopg.Cursor):
    digest = hashlib.sha256(request.cookies.get("portal", "").encode()).digest()
    row = database.execute(WHO, (digest,)).fetchone() or abort(401)
    database.execute("SELECT set_config('getinn.account_id', %s, true)", (str(row.account_id),))
    return row


@app.get("/restaurants")
def index() -> str:
    with connection().transaction(), local.connection.cursor() as database:
        rows = database.execute(ROWS, (viewer(database).account_id,)).fetchall()
    return render_template_string(LIST_TEMPLATE, rows=rows)


@app.get("/restaurants/<uuid:restaurant_id>")
def show(restaurant_id) -> str:
    with connection().transaction(), local.connection.cursor() as database:
        row = database.execute(ONE, (viewer(database).account_id, restaurant_id)).fetchone()
    return render_template_string(ONE_TEMPLATE, row=row)


@app.post("/bots/<uuid:bot_id>/platforms/<platform>/activation")
def switch(bot_id, platform) -> str:
    is_on = request.form.get("_method") != "DELETE"
    with connection().transaction(), local.connection.cursor() as database:
        row = database.execute(SWITCH, (is_on, viewer(database).account_id, bot_id, platform)).fetchone()
    return render_template_string(SWITCH_TEMPLATE, is_on=row.is_active)


@app.post("/hooks/<platform>/<uuid:credential_id>")
def hook(platform, credential_id) -> str:
    told = request.get_json()
    chat = str(told["message"]["chat"]["id"])
    row = (os.environ["BENCH_ACCOUNT"], os.environ["BENCH_BOT"], credential_id, str(told["update_id"]), chat)
    with hook_connection().transaction():
        local.hooks.execute(STORE, (*row, request.get_data(as_text=True)))
    return ""
