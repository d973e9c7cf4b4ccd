"""The library of a bot: its list, uploading, naming, replacing, archiving; by role and across chains."""

import io
import json
import re
from uuid import uuid4

import pytest

from portal.media.content_types import FILE_LIMIT, IMAGE_LIMIT
from portal.media.routes import LARGEST_UPLOAD
from tests.media import samples


def rows(superuser_sql, world):
    return superuser_sql(
        "SELECT m.*, f.content_type, f.data, f.size FROM getinn_ops.bot_media m"
        " JOIN getinn_ops.bot_file f ON f.id = m.file_id WHERE m.account_id = %s AND m.id <> %s ORDER BY m.key",
        [world.pelmenya.account_id, world.pelmenya.media_id],
    )


def live_scenario_with(superuser_sql, world, *keys):
    """Make the live version send files."""
    media = [{"type": "image", "file_id": key} for key in keys]
    document = {
        "name": "media",
        "version": "1",
        "steps": {"first": {"message": {"text": "hello", "media": media[:1]}, "next_step": "second"},
                  "second": {"type": "conditional_message", "conditions": [
                      {"if": "a == 1", "message": {"text": "x", "media": media[1:]}}, {"message": {"text": "y"}}]}},
    }  # fmt: skip
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET source = %s, scenario_data = %s::jsonb WHERE id = %s",
        [json.dumps(document), json.dumps(document), world.pelmenya.scenario_id],
    )


def test_an_owner_uploads_several_files_at_once_and_each_gets_a_key(browse, world, library, upload, superuser_sql):
    owner = browse(world.pelmenya.owner)
    answer = upload(owner, ("Меню.png", samples.PNG), ("menyu.jpg", samples.JPEG), ("rules.pdf", samples.PDF))
    assert answer.status_code == 303
    found = {row.key: (row.name, row.kind, row.content_type) for row in rows(superuser_sql, world)}
    assert found == {
        "menyu": ("Меню.png", "image", "image/png"),
        "menyu-2": ("menyu.jpg", "image", "image/jpeg"),
        "rules": ("rules.pdf", "document", "application/pdf"),
    }
    page = owner.get(answer.location).text
    assert "3 files were added" in page
    assert "Меню.png" in page
    assert 'data-copy="menyu-2"' in page


def test_one_file_under_a_key_of_ones_own_leads_to_its_page(browse, world, upload, superuser_sql):
    owner = browse(world.pelmenya.owner)
    answer = upload(owner, ("x.png", samples.PNG), key="media/team.jpg")
    page = owner.get(answer.location).text
    assert 'data-copy="media/team.jpg"' in page
    [row] = rows(superuser_sql, world)
    assert bytes(row.data) == samples.PNG
    log = superuser_sql("SELECT action, entity, after FROM getinn_ops.audit_event WHERE entity_id = %s", [row.id])
    told = [(line.action, line.entity, line.after["key"]) for line in log]
    assert told == [("created", "bot_media", "media/team.jpg")]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("zqpelmenya-menu", "has this key already"),
        ("a b", "no spaces"),
        ("k" * 201, "too long"),
        ("a\x00b", "cannot be"),
    ],
)
def test_a_key_that_cannot_be_is_refused_beside_its_field(browse, world, upload, superuser_sql, key, told):
    answer = upload(browse(world.pelmenya.owner), ("x.png", samples.PNG), key=key)
    assert answer.status_code == 422
    assert told in re.search(r'id="field-key".*?</div>', answer.text, re.DOTALL)[0]
    assert rows(superuser_sql, world) == []


def test_several_files_cannot_share_one_key(browse, world, upload, superuser_sql):
    files = [("a.png", samples.PNG), ("b.png", samples.PNG)]
    answer = upload(browse(world.pelmenya.owner), *files, key="both")
    assert answer.status_code == 422
    assert "cannot share one key" in answer.text
    assert rows(superuser_sql, world) == []


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("logo.png", samples.SVG, "cannot show this kind"),
        ("menu.pdf", samples.HTML, "cannot show this kind"),
        ("menu.png", b"MZ\x90\x00", "cannot show this kind"),
        ("empty.png", b"", "empty.png is empty"),
        ("big.png", samples.PNG + bytes(IMAGE_LIMIT), "too large: at most 10 MB"),
        ("big.pdf", samples.PDF + bytes(FILE_LIMIT), "too large: at most 20 MB"),
        ("big.bin", bytes(FILE_LIMIT + 1), "too large: at most 20 MB"),
    ],
    ids=["svg", "html", "program", "empty", "large picture", "large document", "large unknown"],
)
def test_what_cannot_be_sent_is_refused_and_nothing_of_the_form_is_kept(
    browse, world, upload, superuser_sql, name, data, told
):
    answer = upload(browse(world.pelmenya.owner), ("good.png", samples.PNG), (name, data))
    assert answer.status_code == 422
    assert told in answer.text
    assert rows(superuser_sql, world) == []


def test_the_type_is_told_by_the_content_and_never_by_name_or_claim(browse, world, library, superuser_sql):
    owner = browse(world.pelmenya.owner)
    sent = {"files": [(io.BytesIO(samples.PDF), "holiday.jpg", "image/jpeg")]}
    owner.post(owner.account(f"{library}/new"), sent)
    [row] = rows(superuser_sql, world)
    assert (row.content_type, row.kind, row.name) == ("application/pdf", "document", "holiday.jpg")


def test_a_picture_that_claims_to_be_huge_is_never_decoded(browse, world, upload):
    answer = upload(browse(world.pelmenya.owner), ("bomb.png", samples.png(60000, 60000)))
    assert answer.status_code == 303


@pytest.mark.parametrize("name", ["../../etc/passwd", "<script>alert(1)</script>.png", "'; DROP.png", "\u202egnp.exe"])
def test_a_hostile_name_is_shown_as_text_and_harms_nothing(browse, world, upload, name):
    owner = browse(world.pelmenya.owner)
    page = owner.get(upload(owner, (name, samples.PNG)).location)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "../" not in re.search(r"<h1>.*?</h1>", page.text)[0]


def test_too_many_files_are_refused_before_any_is_read(browse, world, upload):
    answer = upload(browse(world.pelmenya.owner), *[(f"{n}.png", samples.PNG) for n in range(11)])
    assert answer.status_code == 422
    assert "At most 10 files at once" in answer.text


def test_no_file_chosen_is_said_beside_the_field(browse, world, upload):
    answer = upload(browse(world.pelmenya.owner), ("", b""))
    assert answer.status_code == 422
    assert "Choose at least one file" in answer.text


class Untouchable(io.RawIOBase):
    """A body that fails the test when somebody reads it."""

    def readable(self):
        return True

    def readinto(self, buffer):
        raise AssertionError("the body was read")


def body_of(size):
    """A form of files that claims a size and must not be read."""
    kind = "multipart/form-data; boundary=x"
    return {"wsgi.input": Untouchable(), "CONTENT_LENGTH": str(size), "CONTENT_TYPE": kind}


def test_a_body_beyond_the_limit_is_turned_away(browse, world, library):
    owner = browse(world.pelmenya.owner)
    owner.prove()
    answer = owner.client.post(
        owner.account(f"{library}/new"),
        base_url="https://localhost",
        environ_overrides=body_of(LARGEST_UPLOAD + 1),
    )
    assert answer.status_code == 413
    assert "Choose a smaller file" in answer.text


@pytest.mark.parametrize("who", [None, "manager", "viewer", "chef"])
def test_the_body_of_an_upload_is_not_even_read_for_those_who_may_not_upload(browse, world, who):
    browser = browse(getattr(world.pelmenya, who) if who else None)
    answer = browser.client.post(
        f"/accounts/pelmenya/bots/{world.pelmenya.bot_id}/media/new",
        base_url="https://localhost",
        environ_overrides=body_of(50_000_000),
    )
    assert answer.status_code == (403 if who else 303)


def test_an_upload_without_its_proof_is_refused(browse, world, library, superuser_sql):
    owner = browse(world.pelmenya.owner)
    for path in (f"{library}/new", f"{library}/{world.pelmenya.media_id}/content"):
        sent = {"files": [(io.BytesIO(samples.PNG), "a.png")], "file": (io.BytesIO(samples.PNG), "a.png")}
        assert owner.post(owner.account(path), sent, csrf=False).status_code == 400
    assert rows(superuser_sql, world) == []


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_who_sees_bots_sees_the_library_and_changes_nothing(browse, world, library, upload, role):
    browser = browse(getattr(world.pelmenya, role))
    page = browser.get(browser.account(library)).text
    assert "zqpelmenya menu.png" in page
    assert "Upload files" not in page
    one = f"{library}/{world.pelmenya.media_id}"
    assert browser.get(browser.account(one)).status_code == 200
    assert browser.get(browser.account(f"{library}/new")).status_code == 403
    assert upload(browser, ("a.png", samples.PNG)).status_code == 403
    assert browser.get(browser.account(f"{one}/edit")).status_code == 403
    assert (
        browser.post(browser.account(f"{library}/archival"), {"ids": str(world.pelmenya.media_id)}).status_code == 403
    )


def test_a_chef_sees_no_library(browse, world, library):
    chef = browse(world.pelmenya.chef)
    assert chef.get(chef.account(library)).status_code == 403


def test_names_and_key_are_edited_and_a_taken_key_is_refused(browse, world, library, upload, superuser_sql):
    owner = browse(world.pelmenya.owner)
    here = upload(owner, ("x.png", samples.PNG)).location
    taken = owner.post(f"{here}/edit", {"name": "New", "key": "zqpelmenya-menu", "description": ""})
    assert taken.status_code == 422
    assert "has this key already" in taken.text
    assert owner.post(f"{here}/edit", {"name": " New ", "key": "autumn", "description": "Leaves"}).status_code == 303
    [row] = rows(superuser_sql, world)
    assert (row.name, row.key, row.description) == ("New", "autumn", "Leaves")
    assert owner.post(f"{here}/edit", {"name": "New", "key": "autumn", "description": ""}).status_code == 303


def test_new_content_keeps_the_key_and_forgets_what_platforms_called_the_old_one(browse, world, library, superuser_sql):
    owner = browse(world.pelmenya.owner)
    here = owner.account(f"{library}/{world.pelmenya.media_id}")
    answer = owner.post(f"{here}/content", {"file": (io.BytesIO(samples.MP4), "clip.mp4")})
    assert answer.status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.bot_media WHERE id = %s", [world.pelmenya.media_id])
    assert (row.key, row.name, row.kind) == ("zqpelmenya-menu", "zqpelmenya menu.png", "video")
    assert row.file_id != world.pelmenya.file_id
    left = superuser_sql("SELECT account_id FROM getinn_ops.bot_media_upload")
    assert [each.account_id for each in left] == [world.vareniki.account_id]
    page = owner.get(here).text
    assert "<video" in page
    log = superuser_sql(
        "SELECT before, after FROM getinn_ops.audit_event WHERE entity_id = %s", [world.pelmenya.media_id]
    )
    assert [(line.before["kind"], line.after["kind"]) for line in log] == [("image", "video")]


def test_new_content_of_a_kind_that_is_not_taken_is_refused(browse, world, library, superuser_sql):
    owner = browse(world.pelmenya.owner)
    path = owner.account(f"{library}/{world.pelmenya.media_id}/content")
    assert owner.post(path, {"file": (io.BytesIO(samples.SVG), "a.png")}).status_code == 422
    assert owner.post(path, {}).status_code == 422
    [row] = superuser_sql("SELECT file_id FROM getinn_ops.bot_media WHERE id = %s", [world.pelmenya.media_id])
    assert row.file_id == world.pelmenya.file_id


def test_an_archived_file_leaves_the_list_and_comes_back_by_undo(browse, world, library):
    owner = browse(world.pelmenya.owner)
    archived = owner.post(owner.account(f"{library}/archival"), {"ids": str(world.pelmenya.media_id)})
    page = owner.get(archived.location).text
    assert "Moved to the archive: 1 file." in page
    assert f'name="ids" value="{world.pelmenya.media_id.hex}"' in page
    assert "zqpelmenya menu.png" not in owner.get(owner.account(library)).text
    assert "zqpelmenya menu.png" in owner.get(owner.account(f"{library}?state=archived")).text
    owner.post(owner.account(f"{library}/archival"), {"ids": world.pelmenya.media_id.hex, "_method": "DELETE"})
    assert "zqpelmenya menu.png" in owner.get(owner.account(library)).text


def test_a_file_is_archived_among_those_of_its_own_bot_alone(browse, world, library, superuser_sql):
    owner = browse(world.pelmenya.owner)
    [other] = superuser_sql(
        "INSERT INTO getinn_ops.bot_instance (account_id, name) VALUES (%s, 'Second') RETURNING id",
        [world.pelmenya.account_id],
    )
    for method in ("POST", "DELETE"):
        fields = {"ids": str(world.pelmenya.media_id), "_method": method}
        assert owner.post(owner.account(f"bots/{other.id}/media/archival"), fields).status_code == 404
    assert "zqpelmenya menu.png" in owner.get(owner.account(library)).text


def test_the_export_holds_what_the_filter_shows_of_this_bot_alone(browse, world, library, upload):
    owner = browse(world.pelmenya.owner)
    upload(owner, ("rules.pdf", samples.PDF))
    heads, *lines = owner.get(owner.account(f"{library}/export?kind=document")).data.decode("utf-8-sig").splitlines()
    assert heads == "Name,Key,Kind,Size in bytes,Type,Active,Added (UTC)"
    [line] = lines
    assert line.startswith(f"rules.pdf,rules,Document,{len(samples.PDF)},application/pdf,yes,")
    assert owner.get(owner.account(f"bots/{world.vareniki.bot_id}/media/export")).status_code == 404


def test_the_list_is_narrowed_by_kind(browse, world, library, upload):
    owner = browse(world.pelmenya.owner)
    upload(owner, ("rules.pdf", samples.PDF))
    page = owner.get(owner.account(f"{library}?kind=document")).text
    assert "rules.pdf" in page
    assert "zqpelmenya menu.png" not in page
    assert owner.get(owner.account(f"{library}?kind=nonsense")).status_code == 200


def test_a_file_says_in_which_steps_of_the_live_version_it_is_sent(browse, world, library, superuser_sql):
    live_scenario_with(superuser_sql, world, "zqpelmenya-menu", "zqpelmenya-menu")
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account(f"{library}/{world.pelmenya.media_id}")).text
    assert "Sent in 2 steps of the live version" in page
    assert "<code>first</code>" in page
    assert "<code>second</code>" in page


def test_what_the_live_scenario_lacks_leads_to_its_upload(browse, world, library, superuser_sql, upload):
    live_scenario_with(superuser_sql, world, "media/пельмени.jpg", "zqpelmenya-menu")
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account(library)).text
    assert "sends 1 file that is not here" in page
    [link] = re.findall(r'href="([^"]*/media/new\?key=[^"]*)"', page)
    assert 'value="media/пельмени.jpg"' in owner.get(link).text
    upload(owner, ("x.jpg", samples.JPEG), key="media/пельмени.jpg")
    assert "that is not here" not in owner.get(owner.account(library)).text


def test_a_file_that_the_live_scenario_sends_but_is_archived_is_offered_back(browse, world, library, superuser_sql):
    live_scenario_with(superuser_sql, world, "zqpelmenya-menu")
    owner = browse(world.pelmenya.owner)
    owner.post(owner.account(f"{library}/archival"), {"ids": str(world.pelmenya.media_id)})
    page = owner.get(owner.account(library)).text
    assert "sends 1 file that is not here" in page
    assert f'value="{world.pelmenya.media_id}"' in page
    assert "does not send it" in owner.get(owner.account(f"{library}/{world.pelmenya.media_id}")).text


@pytest.mark.parametrize("path", ["", "/edit", "/content"])
def test_a_file_of_another_bot_or_chain_answers_like_none(browse, world, library, superuser_sql, path):
    owner = browse(world.pelmenya.owner)
    other_bot = f"bots/{world.pelmenya.archived_bot_id}/media/{world.pelmenya.media_id}"
    for address in (other_bot, f"{library}/{world.vareniki.media_id}", f"{library}/{uuid4()}"):
        assert owner.get(owner.account(f"{address}{path}")).status_code == 404
        assert owner.post(owner.account(f"{address}{path}"), {}).status_code in (404, 405)


def test_files_of_another_bot_or_chain_cannot_be_archived(browse, world, library, superuser_sql):
    owner = browse(world.pelmenya.owner)
    for bot_id, media_id in (
        (world.pelmenya.archived_bot_id, world.pelmenya.media_id),
        (world.pelmenya.bot_id, world.vareniki.media_id),
    ):
        path = owner.account(f"bots/{bot_id}/media/archival")
        assert owner.post(path, {"ids": str(media_id)}).status_code == 404
    assert all(row.is_active for row in superuser_sql("SELECT is_active FROM getinn_ops.bot_media"))


def test_a_scenario_of_an_older_writer_that_cannot_be_read_hinders_nothing(browse, world, library, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET source = NULL, scenario_data = '[]' WHERE id = %s",
        [world.pelmenya.scenario_id],
    )
    owner = browse(world.pelmenya.owner)
    assert owner.get(owner.account(library)).status_code == 200
    assert owner.get(owner.account(f"{library}/{world.pelmenya.media_id}")).status_code == 200


def test_pages_cost_few_statements(browse, world, library, upload, statements):
    owner = browse(world.pelmenya.owner)
    upload(owner, *[(f"{n}.png", samples.PNG) for n in range(10)])
    for path, most in ((library, 3), (f"{library}/{world.pelmenya.media_id}", 4), (f"{library}/new", 4)):
        with statements() as counted:
            assert owner.get(owner.account(path)).status_code == 200
        assert counted.total <= most, (path, counted.statements)


def speak_through(superuser_sql, platform):
    """Let every bot be connected to one messenger alone."""
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET superseded_at = timezone('utc', now())")
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET superseded_at = NULL WHERE platform = %s", [platform])


def test_the_library_and_the_version_say_which_messengers_take_a_file_as_a_link_alone(
    browse, world, library, upload, superuser_sql
):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    upload(owner, ("dance.gif", samples.GIF), ("menyu.jpg", samples.JPEG))
    live_scenario_with(superuser_sql, world, "dance", "menyu")
    version = owner.account(f"bots/{chain.bot_id}/scenarios/{chain.scenario_id}")
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET platform = 'whatsapp' WHERE platform = 'viber'")
    speak_through(superuser_sql, "telegram")
    assert "as a link" not in owner.get(owner.account(library)).text
    assert "a link to it" not in owner.get(version).text
    speak_through(superuser_sql, "whatsapp")
    assert owner.get(owner.account(library)).text.count("WhatsApp: as a link") == 1
    told = owner.get(version).text
    assert "WhatsApp: the file “dance” is not taken" in told
    assert "“menyu” is not taken" not in told


def test_a_version_says_which_files_it_sends_are_not_in_the_library_and_in_which_step(
    browse, world, upload, superuser_sql
):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    upload(owner, ("dance.gif", samples.GIF))
    live_scenario_with(superuser_sql, world, "dance", "gone")
    told = owner.get(owner.account(f"bots/{chain.bot_id}/scenarios/{chain.scenario_id}")).text
    assert "“dance”" not in told
    beside = told.partition("The file “gone” is not in the bot")[2].partition('<p class="problem__place">')[2]
    assert beside.startswith("<code>second</code>")
