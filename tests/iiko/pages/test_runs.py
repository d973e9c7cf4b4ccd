"""The page of a run: progress that moves, what would happen before it happens, and applying it."""

import re

import pytest

from tests.iiko.pages.conftest import S, ago

KINDS = {
    "legal_entities": {"state": "planned", "bytes": 4_000, "rows": 12, "unchanged": 12},
    "departments": {"state": "planned", "bytes": 133_120, "rows": 3, "creates": 1, "updates": 1, "conflicts": 1},
}
NEW = {"kind": "departments", "iiko_id": "a", "name": "Новая", "word": "create", "rank": 5,
       "iiko_values": {"name": "Новая", "code": "017"}}  # fmt: skip
CHANGED = {"kind": "departments", "iiko_id": "b", "name": "Старая", "word": "update", "rank": 4,
           "changes": {"name": ["Прежняя", "Старая"],
                       "legal_entity_id": ["ООО «Лес»", {"id": "x", "name": "ООО «Луг»"}]}}  # fmt: skip
UNREAD = {"kind": "stores", "name": "", "word": "error", "rank": 2, "reason": "no_id"}


@pytest.fixture
def states(superuser_sql):
    """Reads the state of a run."""
    return lambda run_id: superuser_sql(f"SELECT * FROM {S}.iiko_run WHERE id = %s", [run_id])[0]


def test_a_preview_says_before_it_happens_what_would_happen(world, browse, put_run, run_url):
    owner = browse(world.pelmenya.owner)
    page = owner.get(run_url(put_run(kinds=KINDS, actions=[NEW, CHANGED, UNREAD]))).text
    assert "1 to add, 1 to change." in page
    assert "Nothing has been changed yet" in page
    told = re.sub(r"<[^>]+>|\s+", " ", page)
    told = re.sub(r"\s+", " ", told)
    assert "Name: Прежняя → Старая" in told
    # A row of another kind is told by its name.
    assert "Legal entity: ООО «Лес» → ООО «Луг»" in told
    assert "Code: 017" in told
    assert "It has no id." in told
    # What is grave comes first.
    rows = page[page.index("<tbody>") :]
    assert rows.index("It has no id.") < rows.index("Старая") < rows.index("Новая")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("kind=departments", {"Новая", "Старая"}),
        ("word=create", {"Новая"}),
        ("field=legal_entity_id", {"Старая"}),
        ("field=code", set()),
        ("q=нов", {"Новая"}),
        ("done=left_out", set()),
        ("kind=nonsense&field=%00", set()),
    ],
)
def test_a_preview_is_narrowed_by_kind_word_field_and_name(world, browse, put_run, run_url, query, shown):
    owner = browse(world.pelmenya.owner)
    answer = owner.get(f"{run_url(put_run(kinds=KINDS, actions=[NEW, CHANGED, UNREAD]))}?{query}", htmx=True)
    assert answer.status_code == 200
    assert {name for name in ("Новая", "Старая") if f">{name}<" in answer.text} == shown


def test_a_long_preview_is_turned_over_page_by_page_and_no_row_is_lost(world, browse, put_run, run_url, superuser_sql):
    run_id = put_run(kinds=KINDS)
    superuser_sql(
        f"INSERT INTO {S}.iiko_action (account_id, run_id, kind, iiko_id, name, word, rank)"
        " SELECT %s, %s, 'departments', n::text, 'Row ' || n / 2, 'create', n %% 3 FROM generate_series(1, 120) n",
        [world.pelmenya.account_id, run_id],
    )
    owner = browse(world.pelmenya.owner)
    seen, url = [], run_url(run_id)
    while url:
        page = owner.get(url.replace("&amp;", "&")).text
        seen += re.findall(r'<tr id="row-([0-9a-f-]+)"', page)
        following = re.search(r'href="([^"]*after=[^"]*)"', page)
        url = following[1] if following else None
    assert len(seen) == len(set(seen)) == 120


def test_the_plan_is_taken_out_as_a_file_with_reasons(world, browse, put_run, run_url):
    owner = browse(world.pelmenya.owner)
    run_id = put_run("done", kinds=KINDS, actions=[NEW, CHANGED | {
        "state": "left_out",
        "note": {"reason": "changed", "who": "Анна", "when": "2026-11-30T09:03:00+00:00"}}])  # fmt: skip
    answer = owner.get(f"{run_url(run_id)}/export?word=update")
    assert answer.mimetype == "text/csv"
    assert "Restaurants,Старая,b,Changed,,Name: Прежняя → Старая; Legal entity: ООО «Лес» → ООО «Луг»" in answer.text
    assert "Changed by Анна at " in answer.text
    assert "Новая" not in answer.text


def test_progress_moves_by_itself_and_loads_the_page_anew_at_its_end(world, browse, put_run, run_url, superuser_sql):
    owner = browse(world.pelmenya.owner)
    run_id = put_run("reading", kinds={"departments": {"state": "reads", "bytes": 3_250_586, "rows": 8_400}})
    page = owner.get(run_url(run_id)).text
    assert f'hx-get="{run_url(run_id)}/progress"' in page
    assert "3.1 MB, 8,400 rows read" in page
    assert "Reload the page to see how far it has come." in page
    moved = owner.get(f"{run_url(run_id)}/progress", htmx=True)
    assert moved.text.strip().startswith('<section class="card card--flush" id="iiko-run"')
    # A percentage only where the whole is known.
    assert "<progress" not in moved.text
    superuser_sql(
        f"UPDATE {S}.iiko_run_kind SET state = 'writes', written = 6000, total = 20000 WHERE run_id = %s",
        [run_id],
    )
    written = owner.get(f"{run_url(run_id)}/progress", htmx=True).text
    assert "6,000 of 20,000 written" in written
    assert 'max="20000" value="6000"' in written
    superuser_sql(f"UPDATE {S}.iiko_run SET state = 'planned', planned_at = now() WHERE id = %s", [run_id])
    ended = owner.get(f"{run_url(run_id)}/progress", htmx=True)
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (204, "true")
    assert "hx-trigger" not in owner.get(run_url(run_id)).text.split('id="iiko-run"')[1].split(">")[0]
    # Without scripts the address of the part leads to the page.
    assert owner.get(f"{run_url(run_id)}/progress").location == run_url(run_id)


def test_it_says_how_long_it_usually_takes(world, browse, put_run, run_url):
    owner = browse(world.pelmenya.owner)
    for minutes in (10, 20):
        put_run("done", started_at=ago(minutes=minutes), planned_at=ago(minutes=minutes - 4))
    assert "Usually 4 minutes." in owner.get(run_url(put_run("reading"))).text


def test_a_run_is_cancelled_once_and_says_so(world, browse, put_run, run_url, states):
    owner = browse(world.pelmenya.owner)
    run_id = put_run("reading")
    assert owner.post(f"{run_url(run_id)}/cancellation").status_code == 303
    assert states(run_id).cancel_asked_at is not None
    page = owner.get(run_url(run_id)).text
    assert "Stops after its present request." in page
    assert f'action="{run_url(run_id)}/cancellation"' not in page


def test_a_preview_is_applied_after_its_counts_were_confirmed(world, browse, put_run, run_url, states, superuser_sql):
    owner = browse(world.pelmenya.owner)
    run_id = put_run(kinds=KINDS, actions=[NEW])
    page = owner.get(run_url(run_id)).text
    assert "1 row is added. 1 row is changed. 1 row still needs somebody&#39;s decision" in page
    assert owner.post(f"{run_url(run_id)}/application").status_code == 303
    assert (states(run_id).state, states(run_id).applied_by_id) == ("applying", world.pelmenya.owner.id)
    again = owner.post(f"{run_url(run_id)}/application")
    assert "nothing that could be applied now" in owner.get(again.location).text
    jobs = superuser_sql("SELECT args FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'run_sync'")
    assert [job.args["run_id"] for job in jobs] == [str(run_id)]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"planned_at": ago(hours=25), "created_at": ago(hours=26)}, "older than a day"),
        ({"created_at": ago(hours=2)}, "A newer run has looked at this server since"),
    ],
)
def test_an_old_preview_asks_for_a_new_one(world, browse, put_run, run_url, states, values, told):
    owner = browse(world.pelmenya.owner)
    run_id = put_run(kinds=KINDS, actions=[NEW], **values)
    if "planned_at" not in values:
        put_run()
    page = owner.get(run_url(run_id)).text
    assert told in page
    assert "Make a new preview" in page
    assert f"{run_url(run_id)}/application" not in page
    assert owner.post(f"{run_url(run_id)}/application").status_code == 303
    assert states(run_id).state == "planned"


def test_a_held_kind_says_what_looks_wrong_and_waits_for_a_person(world, browse, put_run, run_url, superuser_sql):
    owner = browse(world.pelmenya.owner)
    held = {"state": "held", "hold": "many_gone", "missing": 398, "details": {"hold": {"gone": 398, "linked": 400}}}
    run_id = put_run(kinds={"departments": held, "stores": {"state": "planned", "updates": 2}})
    page = owner.get(run_url(run_id)).text
    assert "This looks wrong:" in page
    assert "398 of 400 are gone." in page
    assert "0 to add, 2 to change." in page
    assert "Held back: Restaurants." in page
    (kind,) = superuser_sql(f"SELECT id FROM {S}.iiko_run_kind WHERE run_id = %s AND state = 'held'", [run_id])
    confirmation = owner.account(f"integrations/runs/kinds/{kind.id}/confirmation")
    assert confirmation in page
    assert owner.post(confirmation).location == run_url(run_id)
    told = owner.get(run_url(run_id)).text
    assert "This looks wrong:" not in told
    assert f"Confirmed by {world.pelmenya.owner.full_name}" in told


def test_a_run_that_failed_says_that_nothing_was_changed_and_why(world, browse, put_run, run_url):
    owner = browse(world.pelmenya.owner)
    why = {"failure": {"text": "product == null\n<b>stack</b>"}}
    run_id = put_run(
        "failed", failure="server_error", details=why,
        kinds={"departments": {"state": "failed", "failure": "server_error", "details": why},
               "stores": {"state": "left_out", "failure": "depends", "details": {"failure": {"kind": "departments"}}}},
    )  # fmt: skip
    page = owner.get(run_url(run_id)).text
    assert "Nothing was changed." in page
    assert "product == null" in page
    assert "<b>stack" not in page
    assert "Restaurants failed." in page
    assert "Everything is as iiko says" not in page


def test_a_check_is_no_preview(world, browse, put_run, run_url):
    owner = browse(world.pelmenya.owner)
    run_id = put_run("done", purpose="check", planned_at=None, kinds={"suppliers": {"state": "done"}})
    page = owner.get(run_url(run_id)).text
    assert "Suppliers" in page
    assert "What may be read" in page
    assert "Apply" not in page


def test_managers_look_and_only_owners_act(world, browse, put_run, run_url, states):
    held = {"state": "held", "hold": "many_gone", "details": {"hold": {"gone": 4, "linked": 9}}}
    run_id = put_run(kinds=KINDS | {"stores": held}, actions=[NEW])
    manager = browse(world.pelmenya.manager)
    page = manager.get(run_url(run_id)).text
    assert "An owner of your chain applies it." in page
    assert "/application" not in page
    assert "/confirmation" not in page
    for path in ("application", "cancellation"):
        assert manager.post(f"{run_url(run_id)}/{path}").status_code == 403
    # Support on a visit decides nothing for the chain.
    visitor = browse(world.superuser, visiting=world.pelmenya)
    assert "/application" not in visitor.get(run_url(run_id)).text
    assert visitor.post(f"{run_url(run_id)}/application").status_code == 403
    assert states(run_id).state == "planned"


def test_whoever_works_in_some_restaurants_is_not_shown_the_plan_for_all(world, browse, put_run, run_url, server_url):
    run_id = put_run(kinds=KINDS, actions=[NEW])
    limited = browse(world.pelmenya.assigned_manager)
    for path in ("", "/progress", "/export"):
        assert limited.get(f"{run_url(run_id)}{path}").status_code == 403
    server = limited.get(server_url)
    assert server.status_code == 200
    assert run_url(run_id) not in server.text + limited.get(f"{server_url}/runs").text
    assert "Новая" not in server.text


def test_a_run_of_another_chain_does_not_exist(world, browse, put_run):
    run_id = put_run(kinds=KINDS, actions=[NEW])
    other = browse(world.vareniki.owner)
    for path in ("", "/progress", "/export"):
        assert other.get(other.account(f"integrations/runs/{run_id}{path}")).status_code == 404
    for path in ("/application", "/cancellation"):
        assert other.post(other.account(f"integrations/runs/{run_id}{path}")).status_code == 404


def test_runs_are_listed_with_what_came_of_them(world, browse, put_run, server_url):
    owner = browse(world.pelmenya.owner)
    put_run("done", user_id=world.pelmenya.owner.id, kinds=KINDS)
    put_run("failed", purpose="schedule", failure="no_seat")
    listed = owner.get(f"{server_url}/runs").text
    assert "1 New · 1 Changed · 12 Unchanged · 1 Needs a person" in listed
    assert "All API seats of this iiko licence are taken" in listed
    assert world.pelmenya.owner.full_name in listed
    assert "by itself" in listed
    only = owner.get(f"{server_url}/runs?state=failed").text
    assert "12 Unchanged" not in only
    exported = owner.get(f"{server_url}/runs/export").text
    assert exported.count("\n") == 3
