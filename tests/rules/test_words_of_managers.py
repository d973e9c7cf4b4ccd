"""Pages say what a manager knows: no step ids, names of variables, webhooks or chat numbers, in either language."""

import html
import re

import pytest

from tests.rules.test_statement_counts import pages

DEVELOPERS = re.compile(
    r"webhook|вебхук|\bjson\b|\{\{|\bfull_name\b|zqpelmenya_(name|thanks)|zqpelmenya-chat\b|\buuid\b|\bAPI\b",
    re.IGNORECASE,
)
SCRIPTS = re.compile(r"<(script|style|template|textarea)\b.*?</\1>", re.DOTALL)


def words_of(page):
    """What a page says: its text, and what is read aloud or shown when pointed at."""
    visible = SCRIPTS.sub(" ", page)
    told = re.findall(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"', visible)
    return html.unescape(" ".join([re.sub(r"<[^>]*>", " ", visible), *told]))


@pytest.mark.parametrize("role", ["manager", "viewer"])
@pytest.mark.parametrize("locale", ["en", "ru"])
def test_no_page_of_a_manager_speaks_as_developers_do(app, world, browse, superuser_sql, role, locale):
    person = getattr(world.pelmenya, role)
    superuser_sql('UPDATE getinn_ops."user" SET locale = %s WHERE id = %s', [locale, person.id])
    browser, said = browse(person), {}
    for target in pages(app):
        answer = browser.get(target.path(target.values(world.pelmenya)))
        if answer.status_code == 200 and "text/html" in answer.content_type:
            found = {match[0] for match in DEVELOPERS.finditer(words_of(answer.text))}
            said[str(target)] = found
    assert len(said) > 15
    assert {page: found for page, found in said.items() if found} == {}
