"""The requests that the pages of each contestant take."""

import html
import http.client
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import psycopg

from bench.client import HOST, get, post
from bench.data import TOKEN, Bench
from portal.db.base import SCHEMA

# Asked for by one client at a time: several would find that another one has switched already.
SWITCH = "switch, one client"
PAGES = ("list of 50", "search, a rare word", "edit form", "detail", SWITCH)
# The same page of ours and of the floor; a peer's has a text field where the others offer all time zones.
PLAIN_FORM = "edit form, zone as text"
Pages = dict[str, list[bytes]]


@dataclass(frozen=True)
class Asked:
    """What the pages are asked about: the chain, one restaurant with a word of its name, one connected platform.

    ``first`` are the names on the first page of the list and one more.
    """

    data: Bench
    name: str
    first: tuple[str, ...]
    user_id: str
    credential_id: str

    @property
    def word(self) -> str:
        """A word that few names hold."""
        return self.name.split()[1]

    def faults(self, page: str, answer: str) -> list[str]:
        """What an answer lacks, or holds although it must not."""
        *listed, beyond = self.first
        wanted, unwanted = {
            "list of 50": (listed, [beyond]),
            "search, a rare word": ([self.name], [name for name in self.first if self.word not in name]),
            SWITCH: ([], []),
        }.get(page, ([self.name, "Europe/Moscow"], []))
        return [f"no {text}" for text in wanted if text not in answer] + [text for text in unwanted if text in answer]


def asked(superuser_url: str, data: Bench) -> Asked:
    """Look up what the requests name."""
    with psycopg.connect(superuser_url.replace("+psycopg", "")) as database:
        row = database.execute(
            f'SELECT r.name, u.id, c.id FROM {SCHEMA}.restaurant r JOIN {SCHEMA}."user" u USING (account_id)'
            f" JOIN {SCHEMA}.bot_platform_credential c USING (account_id) WHERE r.id = %s",
            (data.restaurant_id,),
        ).fetchone()
        first = database.execute(
            f"SELECT name FROM {SCHEMA}.restaurant WHERE account_id = %s AND is_active ORDER BY name, id LIMIT 51",
            (data.account_id,),
        ).fetchall()
    return Asked(data, row[0], tuple(name for (name,) in first), str(row[1]), str(row[2]))


def clients_of(page: str, clients: int) -> int:
    """How many ask for a page at a time."""
    return 1 if page == SWITCH else clients


def ours(port: int, about: Asked) -> Pages:
    """The portal's own."""
    base, cookie = f"/accounts/{about.data.slug}", f"portal={TOKEN}"
    answer, told = _fetch(port, f"{base}/restaurants", cookie)
    proof = urlencode({"csrf_token": _found(r'name="csrf_token" value="([^"]+)"', told)}).encode()
    return _alike(base, f"{cookie}; {_cookies(answer)}", about, [proof + b"&_method=DELETE", proof])


def floor(port: int, about: Asked) -> Pages:
    """Those of ``bench/floor.py``."""
    return _alike("", f"portal={TOKEN}", about, [b"_method=DELETE", b"x=1"])


def _alike(base: str, cookie: str, about: Asked, switches: list[bytes]) -> Pages:
    one = f"{base}/restaurants/{about.data.restaurant_id}"
    switch = f"{base}/bots/{about.data.bot_id}/platforms/telegram/activation"
    return {
        "list of 50": [get(f"{base}/restaurants", cookie)],
        "search, a rare word": [get(f"{base}/restaurants?q={about.word}", cookie)],
        "edit form": [get(f"{one}/edit", cookie)],
        PLAIN_FORM: [get(f"{one}/edit", cookie)],
        "detail": [get(one, cookie)],
        SWITCH: [post(switch, cookie, body) for body in switches],
    }


def flask_admin(port: int, about: Asked) -> Pages:
    """Its list, its edit and details views, and the switch that its list edits in place."""
    answer, _ = _fetch(port, f"/sign-in/{about.user_id}", "")
    answer, told = _fetch(port, "/admin/credential/", _cookies(answer))
    cookie, base = _cookies(answer), "/admin/restaurant"
    one = urlencode({"id": about.data.restaurant_id})
    form = {"csrf_token": _found(r'data-csrf="([^"]+)"', told), "list_form_pk": about.credential_id}
    return {
        "list of 50": [get(f"{base}/", cookie)],
        "search, a rare word": [get(f"{base}/?search={about.word}", cookie)],
        "edit form": [get(f"{base}/edit/?{one}", cookie)],
        PLAIN_FORM: [get(f"/admin/plain/edit/?{one}", cookie)],
        "detail": [get(f"{base}/details/?{one}", cookie)],
        SWITCH: [
            post("/admin/credential/ajax/update/", cookie, urlencode({**form, "is_active": value}).encode())
            for value in ("", "1")
        ],
    }


def django_admin(port: int, about: Asked) -> Pages:
    """Its list and its change page; without a list of zones that page shows a row, too. A page of one box switches."""
    answer, _ = _fetch(port, f"/sign-in/{about.user_id}", "")
    session, base = _cookies(answer), "/admin/django_admin"
    switch = f"{base}/credential/{about.credential_id}/change/"
    answer, told = _fetch(port, switch, session)
    cookie = f"{session}; {_cookies(answer)}"
    proof = {"csrfmiddlewaretoken": _found(r'name="csrfmiddlewaretoken" value="([^"]+)"', told)}
    one = f"{base}/restaurant/{about.data.restaurant_id}/change/"
    return {
        "list of 50": [get(f"{base}/restaurant/", cookie)],
        "search, a rare word": [get(f"{base}/restaurant/?q={about.word}", cookie)],
        "edit form": [get(one, cookie)],
        PLAIN_FORM: [get(one.replace("/restaurant/", "/plain/"), cookie)],
        "detail": [get(one.replace("/restaurant/", "/plain/"), cookie)],
        SWITCH: [post(switch, cookie, urlencode({**proof, **box}).encode()) for box in ({}, {"is_active": "on"})],
    }


def _fetch(port: int, path: str, cookie: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection(HOST, port)
    connection.request("GET", quote(path, safe="/?=&"), headers={"Cookie": cookie})
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    if answer.status >= 400:
        raise SystemExit(f"{path}: status {answer.status}")
    return answer, told


def _cookies(answer: http.client.HTTPResponse) -> str:
    return "; ".join(each.partition(";")[0] for each in answer.msg.get_all("Set-Cookie", []))


def _found(pattern: str, told: str) -> str:
    return html.unescape(re.search(pattern, told)[1])
