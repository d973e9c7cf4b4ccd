"""Files: uploaded by the bot or sent by people, handed out by addresses that expire."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from tests.fakes.bots import Bot
from tests.fakes.records import Call, StoredFile
from tests.fakes.whatsapp.checks import MEDIA_TYPES, check_media_type, check_upload
from tests.fakes.whatsapp.errors import refusal

if TYPE_CHECKING:
    from tests.fakes.whatsapp.server import FakeWhatsApp

KEPT_DAYS = 30


@dataclass(frozen=True)
class Media:
    """A file under an id; only the number that it belongs to may use it."""

    bot: Bot
    file: StoredFile
    at: datetime


def keep(server: "FakeWhatsApp", bot: Bot, kind: str, name: str, content_type: str, data: bytes) -> StoredFile:
    """A file under a new id."""
    file = StoredFile(kind, name, content_type, data, str(900_000_000_000_000 + next(server.numbers)))
    with server.changed:
        server.media[file.reference] = Media(bot, file, server.now())
    return file


def upload(server: "FakeWhatsApp", bot: Bot, request: Request) -> dict[str, str]:
    """POST media, a multipart form."""
    if request.form.get("messaging_product") != "whatsapp":
        raise refusal(100, "messaging_product must be whatsapp")
    sent = request.files.get("file")
    if sent is None:
        raise refusal(131008, "file is required")
    content_type = sent.mimetype or request.form.get("type", "")
    check_upload(content_type)
    kind = next((kind for kind in MEDIA_TYPES if content_type in MEDIA_TYPES[kind]), "document")
    data = sent.read()
    if not data:
        raise refusal(131053, "The file is empty")
    check_media_type(kind, content_type, len(data))
    return {"id": keep(server, bot, kind, sent.filename or "file", content_type, data).reference}


def look(server: "FakeWhatsApp", bot: Bot, media_id: str, method: str) -> dict[str, Any]:
    """GET of a file's id: an address for five minutes. DELETE forgets it."""
    if method == "DELETE":
        with server.changed:
            server.media.pop(media_id)
        return {"success": True}
    file = server.media[media_id].file
    expires = server.now() + timedelta(seconds=server.media_seconds)
    return {
        "messaging_product": "whatsapp",
        "url": f"{server.base_url}/media/{media_id}?ext={expires.timestamp():.3f}",
        "mime_type": file.content_type,
        "sha256": hashlib.sha256(file.data).hexdigest(),
        "file_size": len(file.data),
        "id": media_id,
    }


def download(server: "FakeWhatsApp", call: Call, request: Request) -> Response:
    """The file, with the token, while the address lasts."""
    server.check_token(call.token)
    media = server.media.get(request.path.removeprefix("/media/"))
    expires = request.args.get("ext", 0.0, float)
    if media is None or expires < server.now().timestamp():
        return Response("", 404)
    call.bot = media.bot.public_id
    return Response(media.file.data, mimetype=media.file.content_type)


def find(server: "FakeWhatsApp", bot: Bot, media_id: object, kind: str) -> StoredFile:
    """An uploaded file that is to be sent as that kind. Raises Refused."""
    media = server.media.get(str(media_id))
    if media is None or media.bot is not bot or server.now() - media.at > timedelta(days=KEPT_DAYS):
        raise refusal(131009, f"Media {media_id} does not exist for this number")
    check_media_type(kind, media.file.content_type, len(media.file.data))
    return media.file
