"""People from a file: told apart by their phone numbers, each value with the file as its source."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from wtforms import Field

from portal.audit.models import Action, AuditEvent
from portal.audit.recording import record
from portal.db.base import db
from portal.importing.columns import Rows, cell
from portal.importing.declaration import Importer, match_key
from portal.importing.judging import MAX_LABEL_LENGTH, Judge
from portal.importing.verdicts import Judgement, Verdict
from portal.onboarding.engagements import latest_engagement
from portal.onboarding.intake.values import shares_a_word
from portal.onboarding.kinds import OnboardingStatus
from portal.onboarding.messages.telling import drop_waiting
from portal.onboarding.models import StaffOnboarding
from portal.scenarios.engine.phone_numbers import read_phone
from portal.staff.fields import LANGUAGE, PhoneField
from portal.staff.forms import StaffMemberForm, refuse_far_day
from portal.staff.hiring_page import SHIFT, begin_work, shift_clock, take_shift_back
from portal.staff.models import Source, StaffChat, StaffMember, StaffStatus
from portal.staff.queries import fields_by_hand, is_mine, people_with_phones
from portal.staff.telling import FIELD_OF, change_member, retract, take_each, told_by, untell
from portal.tenancy.scope import require_scope
from portal.web.days import DayField
from portal.web.forms import AtMost, Required

STARTS = "starts_on"
# How somebody stands, beside what a file may say.
STANDING = ("status", "left_on", "onboarding_status")
EXCEL_EPOCH = date(1899, 12, 30)


class FileDayField(DayField):
    """A day as spreadsheets write it: with a time behind it, as eight digits, or as the number of the day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The day of the cell; an empty one leaves what is stored."""
        super().process_formdata([_day_text(str(value)) for value in valuelist])


def _day_text(text: str) -> str:
    """What ``DayField`` reads; a text that is no day stays as it is."""
    told = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2})?$", "", text.strip())
    if re.fullmatch(r"(19|20)\d{2}(0[1-9]|1[0-2])\d{2}", told):
        return f"{told[:4]}-{told[4:6]}-{told[6:]}"
    if re.fullmatch(r"\d{4}(19|20)\d{2}", told):
        return f"{told[4:]}-{told[2:4]}-{told[:2]}"
    if re.fullmatch(r"[1-7]\d{4}", told):
        return (EXCEL_EPOCH + timedelta(days=int(told))).isoformat()
    return re.sub(r"^(\d{4})[./](\d{2})[./](\d{2})$", r"\1-\2-\3", told)


class StaffFileForm(StaffMemberForm):
    """A row of a file."""

    phone = PhoneField(_l("Phone"), [Required(), AtMost(40)])
    birthday = FileDayField(_l("Birthday"))
    starts_on = FileDayField(_l("Starts on"))

    def validate_phone(self, field: Field) -> None:
        """Whose it is tells the match."""

    def validate_starts_on(self, field: Field) -> None:
        """Not in another century."""
        refuse_far_day(field)


class StaffJudge(Judge):
    """Matches by phone, past the limit to restaurants; what a hand has set stays."""

    def stored_rows(self, rows: Rows) -> Sequence[Any]:
        """The people whose numbers the file holds."""
        place = self.places.get("phone")
        told = {_phone_key(cell(cells, place)) for _number, cells in rows} if place is not None else set()
        found = people_with_phones(sorted(told), (*self.importer.fields, *STANDING))
        self.by_hand: dict[UUID, set[str]] = defaultdict(set)
        for member_id, field in fields_by_hand([each.id for each in found]):
            self.by_hand[member_id].add(field)
        return found

    def _key(self, values: dict[str, Any]) -> tuple[str, ...]:
        return (_phone_key(values["phone"]),)

    def judge(self, number: int, cells: list[str]) -> Judgement:
        """The verdict; a row is called by the person's name."""
        found = super().judge(number, cells)
        name = cell(cells, self.places["name"]) if "name" in self.places else ""
        if found.entity_id is not None:
            name = _("%(name)s (by phone)", name=self.stored[found.key][0].name) if found.key else name
        found.label = name[:MAX_LABEL_LENGTH] or found.label
        return found

    def _match(self, found: Judgement) -> Any:
        same = self.stored.get(found.key, []) if found.key else []
        if not same:
            return None
        if not is_mine(same[0].restaurant_id):
            found.problems.append(("phone", _("This number belongs to somebody in another restaurant.")))
            return None
        return same[0]

    def _judge_edit(self, found: Judgement, given: dict[str, Any], match: Any) -> None:
        if "name" in given and not shares_a_word(given["name"], match.name):
            found.entity_id, found.verdict = match.id, Verdict.ERROR
            found.problems.append(("phone", _("This number belongs to %(name)s.", name=match.name)))
            return
        super()._judge_edit(found, given, match)
        self._keep_by_hand(found, match)
        if STARTS in found.changes and found.verdict is Verdict.CHANGED:
            self._judge_start(found, match)

    def _keep_by_hand(self, found: Judgement, match: Any) -> None:
        """Leave out what a hand has set, and say so; the first shift of an engagement that is over is no matter."""
        by_hand = self.by_hand[match.id]
        kept = [name for name in found.changes if FIELD_OF.get(name) in by_hand]
        if STARTS in found.changes and SHIFT in by_hand and match.onboarding_status == OnboardingStatus.IN_PROGRESS:
            kept.append(STARTS)
        for name in kept:
            del found.changes[name]
            found.values.pop(name, None)
        if found.verdict is Verdict.CHANGED:
            found.verdict = Verdict.CHANGED if found.changes else Verdict.UNCHANGED
            found.problems += [(name, _("Stays as it was set by hand.")) for name in kept]

    def _judge_start(self, found: Judgement, match: Any) -> None:
        """Another first day: of somebody who was never hired or has left it is a hiring, and what was is noted."""
        if match.status is StaffStatus.LEFT or match.onboarding_status is None:
            hired = {"onboarding_status": OnboardingStatus.IN_PROGRESS, "status": StaffStatus.ACTIVE, "left_on": None}
            found.changes |= {name: (getattr(match, name), new) for name, new in hired.items()}
        elif match.onboarding_status != OnboardingStatus.IN_PROGRESS:
            found.verdict = Verdict.ERROR
            found.problems.append((STARTS, _("Works here, and the checklist is done. Leave this cell empty.")))

    def _judge_new(self, found: Judgement, given: dict[str, Any]) -> None:
        if require_scope().restaurant_ids is not None and "restaurant_id" not in given and not found.problems:
            found.problems.append(("restaurant_id", _("Choose the restaurant.")))
        if "phone" not in given and not found.problems:
            found.problems.append(("phone", _("Fill this in.")))
        super()._judge_new(found, given)


@dataclass(frozen=True)
class StaffImporter(Importer):
    """What becomes of people whom a file names."""

    def make(self, values: dict[str, Any]) -> StaffMember:
        """A new person."""
        return StaffMember(**{name: value for name, value in values.items() if name in FIELD_OF})

    def open(self, row: StaffMember, values: dict[str, Any]) -> None:
        """Add the person; whoever has a first day is hired."""
        row.open()
        told = {name: value for name, value in values.items() if value is not None and name in FIELD_OF}
        take_each(row, told_by(told, Source.IMPORT), {})
        self._begin(row, values)

    def change(self, row: StaffMember, values: dict[str, Any]) -> None:
        """Let the file's values win; a first shift that moves keeps its hour, in another restaurant's zone too."""
        at = shift_clock(row) if STARTS in values else None
        change_member(row, {name: value for name, value in values.items() if name in FIELD_OF}, Source.IMPORT)
        self._begin(row, values, at)

    def _begin(self, row: StaffMember, values: dict[str, Any], at: time | None = None) -> None:
        if values.get(STARTS) is not None:
            begin_work(row, values[STARTS], at, Source.IMPORT)

    def restore(self, row: StaffMember, former: dict[str, Any]) -> None:
        """Give every field what it had before, with its source; a hiring is undone."""
        is_hiring = "onboarding_status" in former
        if is_hiring:
            _unhire(row, StaffStatus(former["status"]), former["left_on"])
        at = shift_clock(row) if STARTS in former else None
        untell(row, {name: value for name, value in former.items() if name in FIELD_OF})
        if STARTS in former and not is_hiring:
            take_shift_back(row, former[STARTS], at)

    def take_back(self, row: StaffMember) -> None:
        """Remove whom the file brought."""
        record(Action.REMOVED, row)
        db.session.execute(delete(StaffOnboarding).where(StaffOnboarding.staff_member_id == row.id))
        db.session.delete(row)
        db.session.flush()

    def told_of(self, rows: Sequence[Any]) -> dict[UUID, dict[str, Any]]:
        """What is known of each, how far they have come, in how many chats they are, and what the log has."""
        db.session.flush()
        names = (*self.fields, "status", "onboarding_status", "progress", "papers_until", "open_questions")
        ids = [row.id for row in rows]
        chats = _count_by(StaffChat.staff_member_id, ids)
        # Whatever somebody does with a person or their papers and steps leaves a line.
        lines = _count_by(AuditEvent.entity_id, ids)
        # Triggers have told of them, too.
        query = select(StaffMember).where(StaffMember.id.in_(ids)).execution_options(populate_existing=True)
        return {
            row.id: {name: getattr(row, name) for name in names}
            | {"chats": chats.get(row.id, 0), "log": lines.get(row.id, 0)}
            for row in db.session.scalars(query)
        }


def _count_by(column: Any, ids: list[UUID]) -> dict[UUID, int]:
    """How many rows name each of those people."""
    query = select(column.label("member_id"), func.count().label("rows")).where(column.in_(ids)).group_by(column)
    return {each.member_id: each.rows for each in db.session.execute(query)}


def _unhire(row: StaffMember, status: StaffStatus, left_on: date | None) -> None:
    """Take back the engagement that a file has opened: nobody has touched it since."""
    engagement = latest_engagement(row)
    if engagement is None:
        return
    before = {"status": row.status.value, "hired_on": str(engagement.hired_on)}
    record(Action.EDITED, row, before=before, after={"status": status.value, "left_on": left_on and str(left_on)})
    drop_waiting(row)
    db.session.delete(engagement)
    retract(row, SHIFT)
    row.status, row.left_on = status, left_on
    db.session.flush()


def _phone_key(text: str) -> str:
    return read_phone(text, LANGUAGE) or match_key(text)
