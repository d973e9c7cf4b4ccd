"""The floor: plain Flask routes, raw psycopg, minimal templates compiled once, the same rows, the same server.

It knows no accounts beyond one condition, no layout, no permissions, no proof that a form is its own, no audit and no
errors: what a page costs when everything but the page is left out.
"""

import hashlib
import os
import threading
from uuid import UUID

import psycopg
from flask import Flask, abort, request
from psycopg.rows import namedtuple_row

from bench.zones import zones

SCHEMA = os.environ.get("DATABASE_SCHEMA", "getinn_ops")
PAGE = 50

WHO = f"""
    SELECT u.id, u.email, u.account_id FROM {SCHEMA}.user_session s JOIN {SCHEMA}."user" u ON u.id = s.user_id
    WHERE s.token_hash = %s
"""
COLUMNS = "id, name, address, phone, iiko_sync_status, updated_at"
ROWS = f"SELECT {COLUMNS} FROM {SCHEMA}.restaurant WHERE account_id = %s AND is_active ORDER BY name, id LIMIT {PAGE}"
FOUND = f"""
    SELECT {COLUMNS} FROM {SCHEMA}.restaurant
    WHERE account_id = %s AND is_active AND search_text ILIKE %s ORDER BY name, id LIMIT {PAGE}
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

app = Flask(__name__)
local = threading.local()

LIST = app.jinja_env.from_string("""<!doctype html><title>Restaurants</title><form><input name="q" value="{{ word }}"></form>
<table>{% for id, name, address, phone, sync, updated in rows %}<tr><td><a href="/restaurants/{{ id }}">{{ name }}</a>
<td>{{ address or '' }}<td>{{ phone or '' }}<td>{{ sync or '' }}<td>{{ updated }}</tr>{% endfor %}</table>""")
DETAIL = app.jinja_env.from_string("""<!doctype html><title>{{ row.name }}</title><h1>{{ row.name }}</h1>
<dl><dt>Address<dd>{{ row.address or '' }}<dt>Phone<dd>{{ row.phone or '' }}<dt>E-mail<dd>{{ row.email or '' }}<dt>Zone<dd>{{ row.timezone or '' }}
<dt>iiko<dd>{{ row.iiko_sync_status or '' }}<dt>Added<dd>{{ row.created_at }}<dt>Changed<dd>{{ row.updated_at }}</dl>""")
FORM = app.jinja_env.from_string("""<!doctype html><title>{{ row.name }}</title><form method="post">
<input name="name" value="{{ row.name }}"><textarea name="address">{{ row.address or '' }}</textarea>
<input name="phone" value="{{ row.phone or '' }}"><input name="email" value="{{ row.email or '' }}">
<select name="timezone"><option value="">Not set{{ zones | safe }}</select><button>Save</button></form>""")
ZONES = "".join(f'<option value="{zone}">{zone}' for zone in zones())


def connection() -> psycopg.Connection:
    if not hasattr(local, "connection"):
        local.connection = _connect("session", row_factory=namedtuple_row)
    return local.connection


def hook_connection() -> psycopg.Connection:
    """One more a thread, which may write the rows of every account."""
    if not hasattr(local, "hooks"):
        local.hooks = _connect("worker")
    return local.hooks


def _connect(door: str, **options) -> psycopg.Connection:
    """What row security is to let through is said once, not with each request."""
    opened = psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", ""), **options)
    opened.execute("SELECT set_config('getinn.door', %s, false)", (door,))
    opened.commit()
    return opened


def viewer(database: psycopg.Cursor):
    digest = hashlib.sha256(request.cookies.get("portal", "").encode()).digest()
    row = database.execute(WHO, (digest,)).fetchone() or abort(401)
    database.execute("SELECT set_config('getinn.account_id', %s, true)", (str(row.account_id),))
    return row


@app.get("/restaurants")
def index() -> str:
    word = request.args.get("q", "")
    with connection().transaction(), local.connection.cursor() as database:
        account = viewer(database).account_id
        query, values = (FOUND, (account, f"%{word}%")) if word else (ROWS, (account,))
        rows = database.execute(query, values).fetchall()
    return LIST.render(rows=rows, word=word)


@app.get("/restaurants/<uuid:restaurant_id>")
def show(restaurant_id: UUID) -> str:
    return DETAIL.render(row=one(restaurant_id))


@app.get("/restaurants/<uuid:restaurant_id>/edit")
def edit(restaurant_id: UUID) -> str:
    row = one(restaurant_id)
    chosen = f'value="{row.timezone}"'
    return FORM.render(row=row, zones=ZONES.replace(chosen, f"{chosen} selected", 1))


def one(restaurant_id: UUID):
    with connection().transaction(), local.connection.cursor() as database:
        return database.execute(ONE, (viewer(database).account_id, restaurant_id)).fetchone() or abort(404)


@app.post("/bots/<uuid:bot_id>/platforms/<platform>/activation")
def switch(bot_id: UUID, platform: str) -> str:
    is_on = request.form.get("_method") != "DELETE"
    with connection().transaction(), local.connection.cursor() as database:
        row = database.execute(SWITCH, (is_on, viewer(database).account_id, bot_id, platform)).fetchone() or abort(404)
    return f"<button>{'on' if row.is_active else 'off'}</button>"


@app.post("/hooks/<platform>/<uuid:credential_id>")
def hook(platform: str, credential_id: UUID) -> str:
    told = request.get_json()
    chat = str(told["message"]["chat"]["id"])
    row = (os.environ["BENCH_ACCOUNT"], os.environ["BENCH_BOT"], credential_id, str(told["update_id"]), chat)
    with hook_connection().transaction():
        local.hooks.execute(STORE, (*row, request.get_data(as_text=True)))
    return ""
