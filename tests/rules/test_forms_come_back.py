"""Every form of the site, whatever its route: without a good proof nothing is written, and nothing typed is lost."""

import html
import re

from tests.rules.site.targets import targets

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
# Ways to sign in and to prove who one is: their forms hold secrets alone, or belong to nobody yet.
BEFORE_ANYBODY = ("auth.login", "passwords.", "invitations.", "factors.", "confirmation.")
WRITES = re.compile(r"\s*(WITH\b.*)?\b(INSERT INTO|UPDATE|DELETE FROM)\b", re.IGNORECASE | re.DOTALL)
# Who was here when is noted before anything is asked for.
NOTED = re.compile("user_session|superuser_visit")
TYPED_KINDS = ("text", "textarea", "email", "tel", "url", "search")


def form_targets(app):
    """The routes that forms are sent to, webhooks and language left out."""
    for target in targets(app):
        if not target.is_safe and not target.access.public and target.rule.endpoint != "language.choose":
            yield target


def sent_to(offers, target, chain):
    """A filled form and what a person has typed of it, secrets and the search among checklists left out."""
    fields = offers.fields.get((target.rule.endpoint, target.method), {})
    form = offers.form(target, chain)
    secret = secrets_of(offers, target)
    typed = {
        name: f"typed {number}"
        for number, (name, each) in enumerate(sorted(fields.items()))
        if each.kind in TYPED_KINDS and name not in secret and name not in NOT_TYPED and not each.values
    }
    # Buttons of a list that only show it again.
    form = {name: value for name, value in form.items() if not name.endswith("-command")}
    told = {"_secret": sorted(secret - {"_secret"})} if "_secret" in form else {}
    return {**form, **typed, **told}, typed


def secrets_of(offers, target):
    """The names of a form's secrets, as it tells them itself."""
    told = offers.fields.get((target.rule.endpoint, target.method), {}).get("_secret", NONE)
    return {"_secret", *told.values}


class NONE:
    values = ()


NOT_TYPED = {"restaurant_q", "q"}


def person_for(world, target):
    return world.superuser if target.access.superuser else world.pelmenya.owner


def writes(counted):
    return [each for each in counted.statements if WRITES.match(each) and not NOTED.search(each)]


def test_without_a_good_proof_no_route_writes_and_what_was_typed_comes_back(app, browse, world, offers, statements):
    faults = []
    for target in form_targets(app):
        browser = browse(person_for(world, target))
        form, typed = sent_to(offers, target, world.pelmenya)
        path = target.path(target.values(world.pelmenya))
        for htmx in (False, True):
            with statements() as counted:
                answer = browser.open(path, target.method, data=form, htmx=htmx, headers=OWN_PAGE)
            told = html.unescape(answer.text)
            lost = [] if htmx else [value for value in typed.values() if value not in told]
            is_quiet = answer.status_code < 400 and not {"Location", "HX-Redirect"} & set(answer.headers.keys())
            if writes(counted) or lost or is_quiet or answer.status_code >= 500:
                faults.append((str(target), htmx, answer.status_code, lost, writes(counted)))
    assert faults == []


def test_every_form_of_the_signed_in_waits_for_its_sender_to_sign_in_again(app, browse, world, offers, statements):
    faults = []
    owner = browse(world.pelmenya.owner)
    token = re.search(r'name="csrf_token" [^>]*value="([^"]+)"', owner.get("/profile").text)[1]
    for target in form_targets(app):
        form, typed = sent_to(offers, target, world.pelmenya)
        path = target.path(target.values(world.pelmenya))
        with statements() as counted:
            answer = browse().open(path, target.method, data={**form, "csrf_token": token}, headers=OWN_PAGE)
        is_kept = 'name="kept"' in answer.text and answer.status_code == 401
        if (
            writes(counted)
            or is_kept != bool(set(form) - secrets_of(offers, target))
            or any(value in answer.text for value in typed.values())
        ):
            faults.append((str(target), answer.status_code, is_kept, form))
    assert faults == []


def test_no_field_that_is_called_optional_is_demanded(app, browse, world, offers):
    """ "Password (optional)", and then "Fill this in"."""
    faults = []
    for target in form_targets(app):
        path = target.path(target.values(world.pelmenya))
        if path not in offers.pages or target.method != "POST":
            continue
        optional = re.findall(r'for="([^"]+)">[^<]+<span class="field__optional">', offers.pages[path])
        form, _typed = sent_to(offers, target, world.pelmenya)
        blank = {**form, **dict.fromkeys(optional, "")}
        answer = browse(person_for(world, target)).post(path, blank)
        demanded = [name for name in optional if f'id="{name}-errors"' in answer.text]
        faults += [(str(target), demanded)] if demanded else []
    assert faults == []


def test_every_field_for_a_secret_says_so(offers):
    untold = [
        (endpoint, name)
        for (endpoint, _method), fields in offers.fields.items()
        for name, each in fields.items()
        if each.kind == "password" and not name.startswith("_") and name not in fields.get("_secret", NONE).values
    ]
    assert untold == []
