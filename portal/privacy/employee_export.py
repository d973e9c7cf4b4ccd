"""What is held about one employee, as a file that can be handed to them."""

import zipfile
from tempfile import SpooledTemporaryFile
from typing import Any

from sqlalchemy import ColumnElement, Select, not_, select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.media.files import BotFile
from portal.onboarding.intake.models import StaffIntake, StaffQuestion
from portal.onboarding.messages.models import StaffMessage
from portal.onboarding.models import OnboardingStep, StaffOnboarding
from portal.privacy.employee import Employee
from portal.privacy.export import IN_MEMORY, as_json, pack_files, pack_guest, plain
from portal.staff.models import StaffField
from portal.staff.papers.models import DocumentType, StaffDocument

PARTS: dict[str, type[TenantEntity]] = {
    "values": StaffField,
    "engagements": StaffOnboarding,
    "steps": OnboardingStep,
    "intakes": StaffIntake,
    "questions": StaffQuestion,
    "messages": StaffMessage,
}


def packed_employee(employee: Employee) -> "SpooledTemporaryFile[bytes]":
    """A ZIP archive: the record, the papers with their photos, each chat in a folder of its own.

    Papers about somebody's health leave the portal in no file: ``about.json`` says how many were left out. Raises
    ``BucketUnavailable`` where files cannot be read.
    """
    spool = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:
        health, others = _papers(employee)
        record_of = _without_health({name: _rows(employee.rows_of(entity)) for name, entity in PARTS.items()})
        told = {"employee": plain(employee.member), **record_of, "papers": [plain(each) for each in others]}
        archive.writestr("record.json", as_json(told, indent=2))
        for number, guest in enumerate(employee.guests, start=1):
            pack_guest(archive, guest, f"chats/{number}/")
        left_out = list(pack_files(archive, _files(others)))
        about = {"counts": employee.counts(), "files_left_out": left_out, "health_papers_left_out": len(health)}
        archive.writestr("about.json", as_json(about, indent=2))
    record(Action.EXPORTED, employee.member, after=employee.counts())
    spool.seek(0)
    return spool


def _without_health(parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Without the steps that need a health paper, what was told of those, and the answers that brought one."""
    kinds = db.session.execute(select(DocumentType.id, DocumentType.code).where(DocumentType.is_health)).all()
    kind_ids, codes = {each.id for each in kinds}, {each.code.casefold() for each in kinds}
    hidden = {each["id"] for each in parts["steps"] if each["document_type_id"] in kind_ids}
    for each in parts["intakes"]:
        told = each["details"].get("told") or {}
        papers = {code: answer for code, answer in told.get("documents", {}).items() if code.casefold() not in codes}
        each["details"] = each["details"] | ({"told": told | {"documents": papers}} if "documents" in told else {})
    return parts | {
        "steps": [each for each in parts["steps"] if each["id"] not in hidden],
        "messages": [each for each in parts["messages"] if each["onboarding_step_id"] not in hidden],
    }


def _papers(employee: Employee) -> tuple[list[StaffDocument], list[StaffDocument]]:
    """Those about health, and the others."""
    is_health: ColumnElement[bool] = DocumentType.is_health.expression
    query = employee.rows_of(StaffDocument).join(DocumentType, DocumentType.id == StaffDocument.document_type_id)
    health, others = (
        list(db.session.scalars(query.where(each).order_by(StaffDocument.created_at)))
        for each in (is_health, not_(is_health))
    )
    return health, others


def _files(papers: list[StaffDocument]) -> list[BotFile]:
    ids = [each.file_id for each in papers if each.file_id]
    return list(db.session.scalars(select(BotFile).where(BotFile.id.in_(ids)).order_by(BotFile.id)))


def _rows(query: Select[Any]) -> list[dict[str, Any]]:
    return [plain(each) for each in db.session.scalars(query)]
