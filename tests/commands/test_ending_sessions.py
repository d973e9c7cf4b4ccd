"""An operator signs people out, whatever browser they sit at."""

import pytest


@pytest.fixture
def run(app, world):
    """``run("end-sessions", …)`` runs a command."""
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


def is_signed_in(browser):
    return browser.get("/profile").status_code == 200


def test_one_person_is_signed_out_everywhere_and_nobody_else(run, browse, world, superuser_sql):
    tablet, telephone, colleague = (
        browse(world.pelmenya.chef),
        browse(world.pelmenya.chef),
        browse(world.pelmenya.owner),
    )
    result = run("end-sessions", world.pelmenya.chef.email.upper())
    assert result.exit_code == 0, result.output
    assert result.output.startswith("2 ") or result.output.startswith("3 ")
    assert [is_signed_in(browser) for browser in (tablet, telephone, colleague)] == [False, False, True]
    [line] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'session_ended' ORDER BY created_at")
    assert (line.account_id, line.entity_id) == (world.pelmenya.account_id, world.pelmenya.chef.id)


def test_everybody_of_every_chain_is_signed_out(run, browse, world, superuser_sql):
    people = [browse(person) for person in (world.pelmenya.owner, world.vareniki.owner, world.superuser)]
    assert run("end-sessions", "--everybody").exit_code == 0
    assert not any(is_signed_in(browser) for browser in people)
    assert superuser_sql("SELECT count(*) AS left FROM getinn_ops.user_session")[0].left == 0


@pytest.mark.parametrize("arguments", [(), ("a@b.example", "--everybody"), ("nobody@nowhere.example",)])
def test_whom_it_is_not_told_of_it_leaves_alone(run, browse, world, arguments):
    owner = browse(world.pelmenya.owner)
    assert run("end-sessions", *arguments).exit_code != 0
    assert is_signed_in(owner)
