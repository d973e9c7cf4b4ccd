"""Answering with the bytes of a stored file, in whatever room it is kept."""

import re

from flask import Response, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response as BaseResponse

from portal.media.content_types import type_named
from portal.media.files import BotFile
from portal.web.security import CONTENT_SECURITY_POLICY


def handed_out(file: BotFile, name: str) -> BaseResponse:
    """The bytes, or a part of them; shown by browsers only where the type can do no harm there."""
    etag = file.sha256.hex()
    if request.if_none_match.contains_weak(etag):
        return _guarded(Response(status=304), etag)
    file_type = type_named(file.content_type)
    is_inline = file_type is not None and file_type.inline
    answer = send_file(
        file.opened(),
        file_type.content_type if file_type else "application/octet-stream",
        as_attachment=not is_inline,
        download_name=re.sub(r"[\r\n]", " ", name),
        conditional=False,
        etag=False,
    )
    answer.content_length = file.size
    try:
        answer.make_conditional(request, accept_ranges=True, complete_length=file.size)
    except RequestedRangeNotSatisfiable:
        answer.close()
        raise
    return _guarded(answer, etag)


def _guarded(answer: Response, etag: str) -> Response:
    """Whatever is inside, it runs no script, and is no page of the portal."""
    answer.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; sandbox"
    answer.set_etag(etag)
    return answer
