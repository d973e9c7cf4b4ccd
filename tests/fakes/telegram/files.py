"""Files: uploads, their ids, their download; the bot's picture."""

import hashlib
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from tests.fakes.bots import Bot
from tests.fakes.records import StoredFile
from tests.fakes.telegram.errors import bad, refusal

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

KINDS = {"photo": "image"}  # all others are called alike on both sides
FIELDS = {"image": "photo"}
IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"BM")
MAX_BYTES = {"photo": 10 << 20}
MAX_UPLOADED = 50 << 20
MAX_DOWNLOADED = 20 << 20
PICTURE = "profile-picture"
Values = dict[str, Any]


def keep(bot: Bot, kind: str, name: str, content_type: str, data: bytes) -> StoredFile:
    """A file under a new id, which only this bot can use."""
    number = hashlib.sha256(f"{bot.public_id}/{len(bot.files)}".encode()).hexdigest()[:40]
    file = StoredFile(kind, name, content_type, data, f"AgAC{number}")
    with bot.fake.changed:
        bot.files[file.reference] = file
    return file


def given(server: "FakeTelegram", bot: Bot, field: str, values: Values, uploads: dict[str, FileStorage]) -> StoredFile:
    """The file of a call, uploaded or named. Raises Refused."""
    kind = KINDS.get(field, field)
    reference = str(values.get(field, ""))
    upload = uploads.get(reference.removeprefix("attach://") if reference.startswith("attach://") else field)
    if upload is not None:
        return _uploaded(bot, field, kind, upload)
    if not reference:
        raise bad(f"there is no {field} in the request")
    if reference.startswith(("http://", "https://")):
        return StoredFile(kind, reference.rpartition("/")[2], "", url=reference)
    known = bot.files.get(reference)
    if known is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise bad(f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}")
    return known


def _uploaded(bot: Bot, field: str, kind: str, upload: FileStorage) -> StoredFile:
    data = upload.read()
    if not data:
        raise bad("file must be non-empty")
    if len(data) > MAX_UPLOADED:
        raise refusal(413, "Request Entity Too Large")
    if len(data) > MAX_BYTES.get(field, MAX_UPLOADED):
        raise bad("file is too big")
    if field == "photo" and not data.startswith(IMAGE_STARTS):
        raise bad("IMAGE_PROCESS_FAILED")
    return keep(bot, kind, upload.filename or "file", upload.mimetype, data)


def describe(file: StoredFile) -> Values:
    """The file's part of a message object."""
    described: Values = {
        "file_id": file.reference,
        "file_unique_id": file.reference[-16:],
        "file_size": len(file.data),
    }
    if file.kind == "image":
        small = described | {"file_id": file.reference, "width": 90, "height": 90}
        return {"photo": [small, described | {"width": 800, "height": 600}]}
    described |= {"mime_type": file.content_type}
    if file.kind in ("document", "video", "audio", "animation"):
        described["file_name"] = file.name
    if file.kind in ("video", "audio", "voice", "animation"):
        described["duration"] = 3
    if file.kind in ("video", "animation"):
        described |= {"width": 640, "height": 360}
    return {FIELDS.get(file.kind, file.kind): described}


def get_me(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> Values:
    """getMe."""
    return {
        "id": int(bot.public_id),
        "is_bot": True,
        "first_name": bot.name,
        "username": bot.username,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def profile_photos(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> Values:
    """getUserProfilePhotos: of the bot itself."""
    if str(values.get("user_id", "")) != bot.public_id:
        return {"total_count": 0, "photos": []}
    if PICTURE not in bot.files:
        bot.files[PICTURE] = keep(bot, "image", "picture.png", "image/png", bot.picture)
    return {"total_count": 1, "photos": [describe(bot.files[PICTURE])["photo"]]}


def get_file(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> Values:
    """getFile: where a file can be downloaded."""
    file = bot.files.get(str(values.get("file_id", "")))
    if file is None:
        raise bad("invalid file_id")
    if len(file.data) > MAX_DOWNLOADED:
        raise bad("file is too big")
    return {
        "file_id": file.reference,
        "file_unique_id": file.reference[-16:],
        "file_size": len(file.data),
        "file_path": f"{FIELDS.get(file.kind, file.kind)}s/{file.reference}",
    }


def download(bot: Bot, path: str) -> Response:
    """``/file/bot<token>/<path>``."""
    file = bot.files.get(path.rpartition("/")[2])
    if file is None:
        raise refusal(404, "Not Found")
    return Response(file.data, mimetype="application/octet-stream")


METHODS = {
    "getme": ("getMe", "profile", get_me),
    "getuserprofilephotos": ("getUserProfilePhotos", "profile", profile_photos),
    "getfile": ("getFile", "fetch", get_file),
}
