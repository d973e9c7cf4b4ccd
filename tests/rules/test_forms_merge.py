"""Every form over something stored carries what it was made of, and asks where two people changed the same."""

import re

import pytest

from tests.rules.site.pages import PageReader
from tests.rules.site.targets import targets
from tests.rules.test_forms_come_back import BEFORE_ANYBODY, person_for

# Forms over nothing stored, and why nobody else's change can be lost by them.
NOTHING_STORED = {
    ".new": "a new row",
    ".new_passkey": "a new row",
    "conversions.index": "a new row, below those that there are",
    "supplier_merges.begin": "which supplier another one goes into, chosen anew",
    "media.replace": "a whole new content, which has no fields",
    "imports.index": "a file to be read",
    "invoice_files.index": "a file to be read",
    "test_messages.send": "nothing is kept",
    "steps.see_original": "a paper seen in the original, which is a new row",
    "steps.reopen": "a reason",
    "invoice_standing.cancel": "a reason",
    "order_standing.cancel": "a reason",
    "order_standing.close": "a reason",
    "order_standing.reopen": "a question",
    "delivery_standing.take_back": "a reason",
    "deliveries.receive_order": "a new row: what came of the order",
    "checklist.leave": "somebody leaves once",
    "staff_choice.assign": "what is done with those who were chosen",
    "staff_choice.write": "what is done with those who were chosen",
    "profile.password": "secrets alone, the present one among them",
    "protection.app": "a code",
    "questions.show": "an answer to a question, which nobody gives twice",
    "iiko_links.choose": "which row of ours one of iiko's is, which nobody decides twice",
    "iiko_links.place": "which restaurant a node of iiko's tree belongs to, chosen anew",
    "questions.unassigned": "the restaurant of somebody who has none",
}
UNREAD_KINDS = ("hidden", "password", "file", "submit", "button", "search")
# Beside what is stored: what the person agrees to, and what belongs to the browser.
ASKED = {"is_sure", "everywhere", "switch_on"}


def edit_targets(app):
    for target in targets(app):
        has_page = {"GET", "POST"} <= (target.rule.methods or set())
        is_stored = not target.rule.endpoint.endswith(tuple(NOTHING_STORED))
        if (
            target.is_safe
            and has_page
            and is_stored
            and not target.rule.endpoint.removeprefix("account.").startswith(BEFORE_ANYBODY)
        ):
            yield target


def form_of(page):
    reader = PageReader()
    reader.feed(page)
    reader.close()
    own = [each for each in reader.forms if each.method == "POST" and not each.action and "_method" not in each.fields]
    return max(own, key=lambda each: len(each.fields), default=None)


@pytest.fixture
def edit_pages(app, browse, world):
    def read():
        for target in edit_targets(app):
            browser = browse(person_for(world, target))
            path = target.path(target.values(world.pelmenya))
            answer = browser.get(path)
            assert answer.status_code == 200, (str(target), answer.status_code)
            yield target, browser, path, form_of(answer.text)

    return read


def test_every_form_over_something_stored_carries_what_it_was_made_of(edit_pages):
    unread = []
    for target, _browser, _path, form in edit_pages():
        read = form.fields.get("_read")
        told = {each.partition(":")[0] for each in read.filled.split()} if read else set()
        typed = {
            name
            for name, each in form.fields.items()
            if each.kind not in UNREAD_KINDS and name not in ASKED and not name.startswith(("lines-", "_"))
        }
        if typed - told or not (told or "lines-stamp" in form.fields):
            unread.append((str(target), sorted(typed - told)))
    assert unread == []


def test_every_such_form_asks_about_what_two_people_changed(edit_pages):
    faults = []
    for target, browser, path, form in edit_pages():
        sent, changed = {}, []
        for name, each in form.fields.items():
            sent[name] = each.filled if name != "_read" else re.sub(r":\w+", ":0000000000", each.filled)
            other = next((value for value in each.values if value and value not in each.chosen), None)
            if each.kind in ("select", "radio") and other and name not in ASKED and not name.startswith("lines-"):
                sent[name] = other
                changed.append(name)
            elif each.kind == "checkbox" and each.values and name not in ASKED:
                sent[name] = [value for value in each.values if value not in each.chosen]
                changed.append(name)
            elif each.kind == "password":
                changed.append("*")
            elif each.kind in ("text", "textarea", "email", "tel") and not name.startswith("lines-"):
                sent[name] = "another@there.example" if "mail" in name else "+7 495 111-11-11"
                changed.append(name)
        if "lines-stamp" in sent:
            sent["lines-stamp"] = re.sub("[0-9a-f]{6}(?=[. ]|$)", "000000", sent["lines-stamp"])
            told = ("-comment", "-name", "-description", "-to_quantity", "-unit_price")
            changed = [name for name in form.fields if name.endswith(told)]
            sent |= dict.fromkeys(changed, "another")
        sent.pop("csrf_token")
        answer = browser.post(path, sent)
        asked = {
            *re.findall('name="_take-([^"]+)"', answer.text),
            "*" if "credentials were replaced" in answer.text else "",
        }
        unasked = sorted({*changed} - asked)
        if answer.status_code != 409 or unasked or not changed:
            faults.append((str(target), answer.status_code, unasked, changed))
    assert faults == []
