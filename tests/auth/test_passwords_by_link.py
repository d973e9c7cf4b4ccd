"""A forgotten password: asking for a link, handing it over, using it."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from config import MailServer
from portal.auth.password_changes import answer_reset_request
from portal.auth.throttle import RESETS_PER_DAY
from tests.conftest import SECRET_KEY
from tests.world import Person, World
from tests.world_rows import PASSWORD, link_secret

NEW_PASSWORD = "seven lanterns on the quay"
JOBS = "getinn_ops_jobs.procrastinate_jobs"
RESETS = "SELECT * FROM getinn_ops.password_reset WHERE user_id = %s ORDER BY created_at"


@pytest.fixture
def mail(app: Flask) -> Iterator[None]:
    """A portal that can send mail."""
    before = app.config["PORTAL"]
    app.config["PORTAL"] = dataclasses.replace(
        before, mail=MailServer("mail.example", 25, "none", "portal@example.com")
    )
    yield
    app.config["PORTAL"] = before


@pytest.fixture
def answer_requests(app: Flask, superuser_sql: Any) -> Callable[[], None]:
    """Does what the worker does of the requests for links that are waiting."""

    answered: set[int] = set()

    def answer() -> None:
        for job in superuser_sql(f"SELECT id, args FROM {JOBS} WHERE task_name = 'answer_reset_request'"):
            if job.id in answered:
                continue
            answered.add(job.id)
            answer_reset_request.task.func(
                SimpleNamespace(additional_context={"flask": app}, job=SimpleNamespace(id=1)), **job.args
            )

    return answer


def link_of(world: World) -> str:
    """The open link of the viewer of the first chain."""
    return f"/password/{link_secret(SECRET_KEY, 'password_reset', world.pelmenya.reset_id)}"


def signs_in(browse: Any, person: Person, password: str) -> bool:
    answer = browse().post("/login", {"email": person.email, "password": password})
    return bool(answer.status_code == 303)


def test_the_log_in_page_leads_to_the_forgotten_password(browse: Any) -> None:
    assert 'href="/password"' in browse().get("/login").text


def test_known_and_unknown_emails_answer_alike(browse: Any, world: World, mail: None) -> None:
    known, gone = world.pelmenya.manager.email, world.pelmenya.deactivated.email
    answers = {}
    for email in (known, gone, "nobody@nowhere.example"):
        answer = browse().post("/password", {"email": email})
        words = re.sub(r'value="[^"]*"', "", answer.text.replace(email, "…"))  # without the form's token
        answers[answer.status_code, words] = email
    assert len(answers) == 1


def test_only_active_people_are_mailed_a_link(
    browse: Any, world: World, mail: None, superuser_sql: Any, answer_requests: Any
) -> None:
    for person in (world.pelmenya.manager, world.pelmenya.deactivated):
        browse().post("/password", {"email": person.email})
    answer_requests()
    jobs = superuser_sql(f"SELECT task_name, args FROM {JOBS} WHERE task_name <> 'answer_reset_request'")
    [reset] = superuser_sql(RESETS, [world.pelmenya.manager.id])
    assert [job.task_name for job in jobs] == ["deliver_password_reset"]
    assert jobs[0].args == {"reset_id": str(reset.id), "account_id": str(world.pelmenya.account_id)}
    assert superuser_sql(RESETS, [world.pelmenya.deactivated.id]) == []


def test_the_same_is_done_for_known_and_unknown_emails_before_the_answer(
    browse: Any, world: World, mail: None, superuser_sql: Any, statements: Any
) -> None:
    done = []
    for email in (world.pelmenya.manager.email, world.pelmenya.deactivated.email, "nobody@nowhere.example"):
        with statements() as counted:
            browse().post("/password", {"email": email})
        done.append(counted.statements)
    assert done[0] == done[1] == done[2]
    jobs = superuser_sql(f"SELECT task_name, args FROM {JOBS}")
    assert {job.task_name for job in jobs} == {"answer_reset_request"}
    assert len({tuple(sorted(job.args)) for job in jobs}) == 1


def test_asking_again_mails_the_link_that_is_open_until_it_is_nearly_too_old(
    browse: Any, world: World, mail: None, superuser_sql: Any, answer_requests: Any
) -> None:
    manager = world.pelmenya.manager
    for _turn in range(2):
        browse().post("/password", {"email": manager.email})
        answer_requests()
    [reset] = superuser_sql(RESETS, [manager.id])
    mailed = superuser_sql(f"SELECT args FROM {JOBS} WHERE task_name = 'deliver_password_reset'")
    assert {job.args["reset_id"] for job in mailed} == {str(reset.id)}
    superuser_sql("UPDATE getinn_ops.password_reset SET expires_at = expires_at - interval '46 minutes'")
    browse().post("/password", {"email": manager.email})
    answer_requests()
    assert len(superuser_sql(RESETS, [manager.id])) == 2


def test_a_portal_without_mail_says_who_can_help(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse()
    assert "Ask an owner of your chain" in browser.get("/password").text
    answer = browser.post("/password", {"email": world.pelmenya.manager.email})
    assert "Ask an owner of your chain" in answer.text
    assert superuser_sql(RESETS, [world.pelmenya.manager.id]) == []


def test_asking_for_links_is_throttled_without_shutting_anybody_out(browse: Any, world: World, mail: None) -> None:
    person = world.pelmenya.manager
    own = browse()
    own.post("/login", {"email": person.email, "password": PASSWORD})
    own.post("/logout", {})
    for _turn in range(RESETS_PER_DAY):
        assert browse().post("/password", {"email": person.email}).status_code == 200
    assert browse().post("/password", {"email": person.email}).status_code == 429
    assert own.post("/password", {"email": person.email}).status_code == 200
    assert signs_in(browse, person, PASSWORD)


def test_somebody_of_another_chain_leaves_no_name_in_the_log(
    browse: Any, world: World, mail: None, superuser_sql: Any, answer_requests: Any
) -> None:
    browse(world.vareniki.owner).post("/password", {"email": world.pelmenya.manager.email})
    answer_requests()
    [event] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'password_reset_offered'")
    assert (event.account_id, event.actor_email) == (world.pelmenya.account_id, None)


def test_looking_at_the_link_changes_nothing(browse: Any, world: World, superuser_sql: Any) -> None:
    before = superuser_sql(RESETS, [world.pelmenya.viewer.id])
    answer = browse().get(link_of(world))
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert superuser_sql(RESETS, [world.pelmenya.viewer.id]) == before


def test_the_link_sets_the_password_once_and_signs_in(browse: Any, world: World, superuser_sql: Any) -> None:
    person = world.pelmenya.viewer
    elsewhere, browser = browse(person), browse()
    answer = browser.post(link_of(world), {"password": NEW_PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302
    assert signs_in(browse, person, NEW_PASSWORD)
    assert not signs_in(browse, person, PASSWORD)
    assert browse().post(link_of(world), {"password": "another long way home"}).status_code == 404
    [event] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'password_changed'")
    assert (event.entity_id, event.actor_email) == (person.id, person.email)


@pytest.mark.parametrize("password", ["short", "getinn-demo-password", "a" * 16, "x" * 129, "", "viewer@zqpelmenya"])
def test_a_poor_password_is_refused_and_the_link_stays_good(browse: Any, world: World, password: str) -> None:
    browser = browse()
    answer = browser.post(link_of(world), {"password": password})
    assert answer.status_code == 422
    assert 'id="password-errors"' in answer.text
    assert browser.post(link_of(world), {"password": NEW_PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE getinn_ops.password_reset SET expires_at = timezone('utc', now()) - interval '1 second'",
        "UPDATE getinn_ops.password_reset SET used_at = timezone('utc', now())",
        "UPDATE getinn_ops.\"user\" SET is_active = false WHERE role = 'viewer'",
        "UPDATE getinn_ops.account SET is_active = false",
    ],
)
def test_a_link_is_dead_when_old_used_or_of_somebody_locked_out(
    browse: Any, world: World, superuser_sql: Any, change: str
) -> None:
    superuser_sql(change)
    unknown = browse().get(f"/password/{'x' * 43}")
    for answer in (browse().get(link_of(world)), browse().post(link_of(world), {"password": NEW_PASSWORD})):
        assert answer.status_code == 404
        assert "no longer good" in answer.text
    assert unknown.status_code == 404
    assert "no longer good" in unknown.text


def test_a_new_link_replaces_the_old_one(browse: Any, world: World, superuser_sql: Any) -> None:
    owner, person = browse(world.pelmenya.owner), world.pelmenya.viewer
    page = owner.post(owner.account(f"users/{person.id}/password-reset"))
    assert page.status_code == 200
    assert browse().get(link_of(world)).status_code == 404
    newest = superuser_sql(RESETS + " DESC", [person.id])[0]
    link = f"/password/{link_secret(SECRET_KEY, 'password_reset', newest.id)}"
    assert link in page.text
    assert link not in owner.get(owner.account(f"users/{person.id}")).text
    assert browse().post(link, {"password": NEW_PASSWORD}).status_code == 303


def test_a_link_is_good_for_an_hour(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = browse(world.pelmenya.owner)
    owner.post(owner.account(f"users/{world.pelmenya.chef.id}/password-reset"))
    [row] = superuser_sql(
        "SELECT extract(epoch FROM expires_at - timezone('utc', now())) AS life"
        " FROM getinn_ops.password_reset WHERE user_id = %s",
        [world.pelmenya.chef.id],
    )
    assert 0 < row.life <= 3600


def test_where_mail_is_configured_the_owner_sees_no_link(browse: Any, world: World, mail: None) -> None:
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account(f"users/{world.pelmenya.chef.id}/password-reset"))
    assert answer.status_code == 303
    assert "/password/" not in owner.get(answer.location).text
