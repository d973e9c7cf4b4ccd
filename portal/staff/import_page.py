"""People from a file: told apart by their phone numbers, each value with the file as its source."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from werkzeug.datastructures import MultiDict
from wtforms import Field

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.importing.columns import Rows, cell
from portal.importing.declaration import Importer, match_key
from portal.importing.judging import MAX_LABEL_LENGTH, Judge
from portal.importing.verdicts import Judgement, Verdict
from portal.onboarding.engagements import open_engagement
from portal.onboarding.intake.values import shares_a_word
from portal.onboarding.models import StaffOnboarding
from portal.scenarios.engine.phone_numbers import read_phone
from portal.staff.fields import LANGUAGE, PhoneField
from portal.staff.forms import StaffMemberForm, refuse_far_day
from portal.staff.hiring_page import begin_work
from portal.staff.models import Source, StaffChat, StaffMember, StaffStatus
from portal.staff.queries import fields_by_hand, is_mine, people_with_phones
from portal.staff.telling import FIELD_OF, change_member, take_each, told_by, untell
from portal.tenancy.scope import require_scope
from portal.web.days import DayField
from portal.web.forms import AtMost, Required

STARTS = "starts_on"
EXCEL_EPOCH = date(1899, 12, 30)


class FileDayField(DayField):
    """A day as spreadsheets write it: with a time behind it, as eight digits, or as the number of the day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The day of the cell; an empty one leaves what is stored."""
        super().process_formdata([_day_text(str(value)) for value in valuelist])


def _day_text(text: str) -> str:
    """What ``DayField`` reads; a text that is no day stays as it is."""
    told = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2})?$", "", text.strip())
    if re.fullmatch(r"(19|20)\d{6}", told):
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
        found = people_with_phones(sorted(told), self.importer.fields)
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
        kept = [name for name in found.changes if FIELD_OF.get(name) in self.by_hand[match.id]]
        for name in kept:
            del found.changes[name]
            found.values.pop(name, None)
        if kept and not found.changes and found.verdict is Verdict.CHANGED:
            found.verdict = Verdict.UNCHANGED
            found.problems += [(name, _("Stays as it was set by hand.")) for name in kept]

    def _judge_new(self, found: Judgement, given: dict[str, Any]) -> None:
        if require_scope().restaurant_ids is not None and "restaurant_id" not in given and not found.problems:
            found.problems.append(("restaurant_id", _("Choose the restaurant.")))
        if "phone" not in given and not found.problems:
            found.problems.append(("phone", _("Fill this in.")))
        self.form.process(MultiDict())
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
        take_each(row, told_by(told, Source.IMPORT))
        self._begin(row, values)

    def change(self, row: StaffMember, values: dict[str, Any]) -> None:
        """Let the file's values win."""
        change_member(row, {name: value for name, value in values.items() if name in FIELD_OF}, Source.IMPORT)
        self._begin(row, values)

    def _begin(self, row: StaffMember, values: dict[str, Any]) -> None:
        if values.get(STARTS) is not None:
            begin_work(row, values[STARTS])
        _read_anew(row)

    def restore(self, row: StaffMember, former: dict[str, Any]) -> None:
        """Give every field what it had before, with its source; a hiring is undone."""
        untell(row, {name: value for name, value in former.items() if name in FIELD_OF})
        if STARTS in former and former[STARTS] is not None:
            begin_work(row, former[STARTS])
        elif STARTS in former:
            _unhire(row)
        _read_anew(row)

    def take_back(self, row: StaffMember) -> None:
        """Remove whom the file brought."""
        record(Action.REMOVED, row)
        db.session.execute(delete(StaffOnboarding).where(StaffOnboarding.staff_member_id == row.id))
        db.session.delete(row)
        db.session.flush()

    def told(self, row: StaffMember) -> dict[str, Any]:
        """What is known of the person, how far they have come, and in how many chats they are."""
        chats = select(func.count()).select_from(StaffChat).where(StaffChat.staff_member_id == row.id)
        names = (*self.fields, "status", "onboarding_status", "progress", "papers_until", "open_questions")
        return {name: getattr(row, name) for name in names} | {"chats": db.session.scalar(chats)}


def _unhire(row: StaffMember) -> None:
    """Take the open engagement back that a file began."""
    if (engagement := open_engagement(row)) is not None:
        db.session.delete(engagement)
        row.status = StaffStatus.CANDIDATE


def _read_anew(row: StaffMember) -> None:
    """What triggers have told of the person."""
    db.session.flush()
    db.session.refresh(row)


def _phone_key(text: str) -> str:
    return read_phone(text, LANGUAGE) or match_key(text)
