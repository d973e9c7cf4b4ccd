"""What every page of a signed-in person offers, and what no field for a password forbids."""

import re

from portal.auth.passwords import MAXIMUM_LENGTH
from tests.rules.site.targets import targets

SIGN_OUT = '<form method="post" action="/logout">'


def pages(app, browser, world):
    """(target, text) of every whole page that the browser is let in to."""
    for target in targets(app):
        if not target.is_safe:
            continue
        answer = browser.get(target.path(target.values(world.pelmenya)))
        if answer.status_code == 200 and answer.mimetype == "text/html" and "<!doctype html>" in answer.text[:20]:
            yield target, answer.text


def test_every_page_has_a_way_out(app, browse, world):
    found = 0
    for browser in (browse(world.pelmenya.owner), browse(world.superuser, visiting=world.pelmenya)):
        for target, text in pages(app, browser, world):
            if 'class="plain"' not in text:
                assert SIGN_OUT in text, target
                found += 1
    assert found > 50


def test_passwords_are_masked_and_may_be_pasted_and_kept_by_a_manager(app, browse, world):
    found = 0
    for browser in (browse(), browse(world.pelmenya.owner)):
        for target, text in pages(app, browser, world):
            assert not re.search(r"\bon(paste|copy|drop|keydown|contextmenu)=", text), target
            # Within a chain's pages stand secrets of other systems, which have pages of their own to be typed into.
            for tag in re.findall(r"<input[^>]*>", text) if "account_slug" not in target.rule.arguments else ():
                if re.search(r'name="(?:[a-z_]*password[a-z_]*|current)"', tag):
                    assert 'type="password"' in tag, f"{target}: {tag}"
                    longest = re.search(r'maxlength="(\d+)"', tag)
                    assert longest is None or int(longest[1]) >= MAXIMUM_LENGTH, f"{target}: {tag}"
                    assert re.search(r'autocomplete="(current|new)-password"', tag), f"{target}: {tag}"
                    found += 1
    assert found >= 5
