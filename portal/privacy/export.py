"""What is held about one guest, as a file that can be handed to them."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import not_

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import Entity, db
from portal.media.files import BotFile
from portal.media.queries import called
from portal.privacy.guest import Guest
from portal.staff.papers.queries import is_health_file

IN_MEMORY = 1024 * 1024
# More than this is told by its names: whoever asks for it asks the chain for the rest.
MAX_FILES = 200 * 1024 * 1024
UNTOLD = frozenset({
    "account_id", "search_text", "worker", "claimed_at", "allowance", "allowance_at", "data", "sha256",
    "phone_reversed", "start_order", "due_order", "progress_order",
})  # fmt: skip


def packed(guest: Guest) -> "SpooledTemporaryFile[bytes]":
    """A ZIP archive: conversations with their answers, messages, deliveries (a JSON object a line), files.

    Raises ``BucketUnavailable`` where the files cannot be read.
    """
    spool = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:
        counts = pack_guest(archive, guest)
    record(Action.EXPORTED, guest.conversation, after=counts, label=guest.conversation.bot.name)
    spool.seek(0)
    return spool


def pack_guest(archive: zipfile.ZipFile, guest: Guest, folder: str = "") -> dict[str, int]:
    """Write what is held about one guest into a folder; how much there is by kind. Health papers are in no export."""
    archive.writestr(f"{folder}conversations.json", as_json([plain(each) for each in guest.conversations], indent=2))
    for name, rows in (("messages", guest.messages()), ("deliveries", guest.updates())):
        with archive.open(f"{folder}{name}.jsonl", "w", force_zip64=True) as lines:
            for row in db.session.scalars(rows.execution_options(yield_per=500)):
                lines.write(as_json(plain(row)).encode() + b"\n")
    files = db.session.scalars(guest.files().where(not_(is_health_file()))).all()
    left_out, counts = list(pack_files(archive, files, folder)), guest.counts()
    withheld = counts["files"] - len(files)
    about = {"ids": guest.ids, "counts": counts, "files_left_out": left_out, "health_papers_left_out": withheld}
    archive.writestr(f"{folder}about.json", as_json(about, indent=2))
    return counts


def pack_files(archive: zipfile.ZipFile, files: Iterable[BotFile], folder: str = "") -> Iterator[str]:
    """Write the files; the names of those that are too much for one archive."""
    room = MAX_FILES
    for file in files:
        name = f"{folder}files/{file.id}-{called(file)}"
        room -= file.size
        if room < 0:
            yield name
            continue
        with archive.open(name, "w", force_zip64=True) as target:
            _copy(file, target)


def _copy(file: BotFile, target: IO[bytes]) -> None:
    for piece in file.pieces():
        target.write(piece)


def plain(row: Entity) -> dict[str, Any]:
    """A row's columns as JSON can say them; what only the portal's machinery needs is left out."""
    columns = [column.key for column in row.__mapper__.column_attrs if column.key not in UNTOLD]
    return {key: getattr(row, key) for key in columns}


def as_json(value: Any, indent: int | None = None) -> str:
    """As JSON, with whatever it does not know as text."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
