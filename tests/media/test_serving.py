"""Handing out files: to whom, with which headers, in parts; and the sealed addresses for platforms."""

import re
from uuid import uuid4

import pytest

from portal.db.base import db
from portal.media.files import PIECE, BotFile
from portal.media.outgoing import public_address, read_token, seal_token
from tests.conftest import SECRET_KEY
from tests.media import samples


@pytest.fixture
def served(browse, world, superuser_sql, scoped):
    """``served(data, type, name)`` stores a file of the library and gives its answer to the owner."""

    def serve(data, content_type, name="menu", **options):
        with scoped(world.pelmenya.account_id):
            file_id = BotFile.store(data, content_type).id
            db.session.commit()
        superuser_sql(
            "UPDATE getinn_ops.bot_media SET file_id = %s, name = %s WHERE id = %s",
            [file_id, name, world.pelmenya.media_id],
        )
        owner = browse(world.pelmenya.owner)
        return owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/files/{file_id}"), **options)

    return serve


@pytest.mark.parametrize(
    ("data", "content_type"),
    [(samples.PNG, "image/png"), (samples.GIF, "image/gif"), (samples.MP4, "video/mp4"), (samples.MP3, "audio/mpeg")],
)
def test_pictures_videos_and_sounds_are_shown(served, data, content_type):
    answer = served(data, content_type, "menu.x")
    assert answer.data == data
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        ("application/pdf", "application/pdf"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
        ("image/heic", "image/heic"),
    ],
)
def test_everything_else_is_only_saved(served, content_type, told):
    answer = served(samples.HTML, content_type, "menu.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == told


def test_a_file_runs_nothing_and_is_asked_for_again_each_time(served):
    headers = served(samples.PNG, "image/png").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("name", ["Меню на осень.png", 'a"; filename="b.exe', "a\r\nSet-Cookie: x=1", "../../x.png"])
def test_a_name_is_told_safely_and_ends_in_what_the_file_is(served, name):
    answer = served(samples.PNG, "image/png", name)
    told = answer.headers["Content-Disposition"]
    assert "\n" not in told
    assert "Set-Cookie" not in answer.headers
    assert ".png" in told
    if "Меню" in name:
        assert "filename*=UTF-8''%D0%9C" in told


def test_what_a_browser_holds_already_is_not_sent_again(served, browse, world):
    etag = served(samples.PNG, "image/png").headers["ETag"]
    again = served(samples.PNG, "image/png", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert served(samples.JPEG, "image/jpeg", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-3", 0, 4), ("bytes=5-", 5, None), ("bytes=-4", -4, None)]
)
def test_a_part_of_a_video_is_sent_where_it_is_asked_for(served, asked, start, end):
    answer = served(samples.MP4, "video/mp4", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == samples.MP4[start:end]
    assert answer.headers["Content-Range"].endswith(f"/{len(samples.MP4)}")


def test_a_part_that_does_not_exist_is_refused(served):
    assert served(samples.MP4, "video/mp4", headers={"Range": "bytes=9999-"}).status_code == 416


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, 2 * PIECE + 7])
def test_a_large_file_comes_whole_out_of_its_pieces(served, size):
    data = (samples.PDF * (size // len(samples.PDF) + 1))[:size]
    answer = served(data, "application/pdf")
    assert answer.data == data
    assert answer.headers["Content-Length"] == str(size)


@pytest.mark.parametrize("place", ["media", "message", "picture"])
def test_a_file_is_handed_out_for_its_own_bot_alone(browse, world, superuser_sql, place):
    chain = world.pelmenya
    if place != "media":
        superuser_sql("DELETE FROM getinn_ops.bot_media_upload")
        superuser_sql("DELETE FROM getinn_ops.bot_media")
    if place != "message":
        superuser_sql("UPDATE getinn_ops.bot_message SET file_id = NULL")
    if place != "picture":
        superuser_sql("UPDATE getinn_ops.bot_connection SET picture_id = NULL")
    owner = browse(chain.owner)
    assert owner.get(owner.account(f"bots/{chain.bot_id}/files/{chain.file_id}")).status_code == 200
    for bot_id, file_id in (
        (chain.archived_bot_id, chain.file_id),
        (chain.bot_id, world.vareniki.file_id),
        (world.vareniki.bot_id, world.vareniki.file_id),
        (chain.bot_id, uuid4()),
    ):
        assert owner.get(owner.account(f"bots/{bot_id}/files/{file_id}")).status_code == 404


def test_a_file_that_nothing_names_is_handed_out_to_nobody(browse, world, scoped):
    with scoped(world.pelmenya.account_id):
        file_id = BotFile.store(samples.PNG, "image/png").id
        db.session.commit()
    owner = browse(world.pelmenya.owner)
    assert owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/files/{file_id}")).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("manager", 200), ("viewer", 200), ("chef", 403)])
def test_who_sees_the_bot_sees_its_files(browse, world, role, status):
    browser = browse(getattr(world.pelmenya, role))
    path = browser.account(f"bots/{world.pelmenya.bot_id}/files/{world.pelmenya.file_id}")
    assert browser.get(path).status_code == status


def test_a_file_is_gone_with_the_session(browse, world):
    path = f"/accounts/pelmenya/bots/{world.pelmenya.bot_id}/files/{world.pelmenya.file_id}"
    assert browse().get(path, headers={"If-None-Match": "*"}).status_code == 302


def test_the_name_of_a_received_file_is_the_senders(browse, world, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.bot_media_upload")
    superuser_sql("DELETE FROM getinn_ops.bot_media")
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET content = %s::jsonb WHERE id = %s",
        ['{"file": {"name": "my passport.jpeg"}}', world.pelmenya.image_message_id],
    )
    owner = browse(world.pelmenya.owner)
    answer = owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/files/{world.pelmenya.file_id}"))
    assert 'filename="my passport.jpeg.png"' in answer.headers["Content-Disposition"]


def token_of(chain, **options):
    return seal_token(SECRET_KEY, chain.account_id, chain.file_id, **options)


def test_a_sealed_address_hands_a_file_to_anybody(browse, world):
    answer = browse().get(f"/media/{token_of(world.pelmenya)}.png")
    assert answer.data == b"zqpelmenya picture"
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_a_sealed_address_works_the_same_for_whoever_is_signed_in_elsewhere(browse, world):
    other = browse(world.vareniki.owner)
    assert other.get(f"/media/{token_of(world.pelmenya)}.png").data == b"zqpelmenya picture"
    assert other.get(other.account("bots")).status_code == 200


def test_a_sealed_address_tells_nothing_of_account_or_file(world):
    one, other = token_of(world.pelmenya), token_of(world.pelmenya)
    assert one != other
    assert len(one) == len(other) <= 100
    assert world.pelmenya.file_id.hex not in one


def test_whatever_is_wrong_with_a_sealed_address_is_answered_alike(app, browse, world):
    good = token_of(world.pelmenya)
    tampered = ("A" if good[0] != "A" else "B") + good[1:]
    wrong = [
        f"{tampered}.png",
        f"{good}.jpg",
        f"{token_of(world.pelmenya, expires_at=1)}.png",
        f"{seal_token('another key of more than 32 letters', world.pelmenya.account_id, world.pelmenya.file_id)}.png",
        f"{seal_token(SECRET_KEY, world.vareniki.account_id, world.pelmenya.file_id)}.png",
        f"{seal_token(SECRET_KEY, uuid4(), uuid4())}.png",
        f"{'A' * 86}.png",
        f"{'A' * 16}.png",
        f"{'A' * 17}.png",
    ]
    answers = {each: browse().get(f"/media/{each}") for each in wrong}
    assert {answer.status_code for answer in answers.values()} == {404}
    proof = re.compile(r'name="csrf_token" value="[^"]*"')
    assert len({proof.sub("", answer.text).replace(each, "") for each, answer in answers.items()}) == 1


def test_a_sealed_address_of_a_closed_chain_hands_out_nothing(browse, world, superuser_sql):
    superuser_sql("UPDATE getinn_ops.account SET is_active = false WHERE id = %s", [world.pelmenya.account_id])
    assert browse().get(f"/media/{token_of(world.pelmenya)}.png").status_code == 404


@pytest.mark.parametrize("text", ["", "=", "A", "AAAA", "_" * 100, "é" * 20])
def test_a_text_that_is_no_token_is_none(text):
    assert read_token([SECRET_KEY], text) is None


def test_there_is_a_public_address_where_the_portal_has_one(app, world, scoped, monkeypatch, browse):
    with scoped(world.pelmenya.account_id):
        file = db.session.get(BotFile, world.pelmenya.file_id)
        assert public_address(file) is None
        monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.example")
        address = public_address(file)
    assert address.startswith("https://portal.example/media/")
    assert address.endswith(".png")
    assert browse().get(address.removeprefix("https://portal.example")).status_code == 200
