"""The pages of one paper: a new one, and one that is checked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.media.files import BotFile
from portal.staff.models import StaffMember
from portal.staff.papers.forms import NewPaperForm, PaperForm, RefusalForm
from portal.staff.papers.models import PaperState, StaffDocument
from portal.staff.papers.queries import PaperView, SentFile
from portal.staff.papers.standing import standing_of
from portal.staff.papers.validity import today_of
from portal.staff.papers.verbs import accept, accept_original, is_own, receive_paper
from portal.web.fragments import form_page, redirect_after_post


def add_paper(member: StaffMember, form: NewPaperForm, photo: SentFile | None) -> StaffDocument:
    """Note an accepted paper: of a photo that came by chat, of a file that was given, or as seen in the original."""
    kind = form.kind
    assert kind is not None
    if photo is None and form.upload is None:
        return accept_original(member, kind, form.number_tail.data, form.expires_on.data, issued_on=form.issued_on.data)
    message_id, file_id = (photo.message_id, photo.file_id) if photo else (None, None)
    if form.upload is not None:
        file_id = BotFile.store(form.upload.data, form.upload.file_type.content_type).id
        message_id = None
    document = receive_paper(member, kind, message_id, file_id)
    accept_as_typed(document, form)
    return document


def accept_as_typed(document: StaffDocument, form: PaperForm) -> None:
    """Accept a paper with the days of the form."""
    accept(document, form.issued_on.data, form.expires_on.data, form.number_tail.data)


def page_of_new(form: NewPaperForm, photo: SentFile | None) -> Response:
    """The form of a new paper, beside the photo that it is of."""
    return form_page(
        "papers/new.html",
        form,
        member=form.member,
        photo=photo,
        own=is_own(form.member),
        person_url=person(form.member.id),
    )


def page_of_paper(paper: PaperView, form: PaperForm, refusal: RefusalForm, looks: Sequence[Any]) -> Response:
    """A paper, with what may be done with it."""
    document = paper.document
    response = form_page(
        "papers/show.html",
        form,
        paper=paper,
        document=document,
        member=document.member,
        refusal=refusal,
        standing=standing_of(document, today_of(document.member)),
        own=is_own(document.member),
        is_open=document.state is not PaperState.REPLACED,
        is_new=document.state is PaperState.SENT,
        looks=looks if may(Permission.AUDIT_SEE) else [],
        person_url=person(document.staff_member_id),
    )
    if refusal.errors:
        response.status_code = 422
    return response


def dates_of(form: PaperForm) -> Response:
    """The days of a form alone, the end reckoned anew."""
    return make_response(render_template("papers/_dates.html", form=form))


def person(member_id: UUID) -> str:
    """Where the person's papers stand."""
    return url_for("account.staff.show", staff_member_id=member_id) + "#papers"


def to_person(member_id: UUID) -> Response:
    """Back there."""
    return redirect_after_post(person(member_id))
