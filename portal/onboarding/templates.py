"""Templates of checklists: the steps that a new person gets."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, false, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.lines import change_lines
from portal.db.base import db, search_text
from portal.db.lines import Filled, Line
from portal.db.records import Archivable, Archival
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.states import MoveRefused
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import Label, counted
from portal.onboarding.kinds import Anchor, CompletedBy, Days, Who
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffPosition

DEFAULT_STAYS = _l("This checklist stays: everybody gets it who has no other. Edit it instead.")


class OnboardingTemplate(
    Archivable,
    label=_l("Checklist"),
    plural=_l("Checklists"),
    add=_l("Add a checklist"),
    count=counted("%(num)s checklist", "%(num)s checklists"),
    page="checklists.show",
    fields={"running": _l("Running checklists")},
):
    """The steps that a new person of a position and a restaurant gets, each ``None`` for any."""

    __tablename__ = "onboarding_template"
    __most__ = 1_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id", unassigned_visible=True)
    __table_args__ = (
        *table_args(
            "onboarding_template",
            references={"position_id": "staff_position", "restaurant_id": "restaurant"},
            listed_by=("name",),
        ),
        Index(
            "uix_onboarding_template_live",
            "account_id",
            "position_id",
            "restaurant_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("is_active"),
        ),
    )

    name: Mapped[str]
    position_id: Mapped[UUID | None]
    restaurant_id: Mapped[UUID | None]
    search_text: Mapped[str | None] = search_text("onboarding_template", "name")

    position: Mapped[StaffPosition | None] = relationship(viewonly=True)
    restaurant: Mapped[Restaurant | None] = relationship(viewonly=True)

    @property
    def steps(self) -> Sequence["OnboardingTemplateStep"]:
        """The steps in their order."""
        query = select(OnboardingTemplateStep).where(OnboardingTemplateStep.template_id == self.id)
        return db.session.scalars(query.order_by(OnboardingTemplateStep.position, OnboardingTemplateStep.id)).all()

    def steps_to_change(self) -> Sequence["OnboardingTemplateStep"]:
        """The same, held against others until the commit."""
        query = select(OnboardingTemplate.id).where(OnboardingTemplate.id == self.id)
        db.session.execute(query.with_for_update(key_share=True))
        return self.steps

    def put_steps(self, lines: Sequence["OnboardingTemplateStep"], filled: Sequence[Filled]) -> None:
        """Make its steps what was filled in. Checklists that run keep theirs until they are brought along."""
        change_lines(self, OnboardingTemplateStep, lines, filled, template_id=self.id)

    @property
    def is_default(self) -> bool:
        """Whether it is that of everybody without another."""
        return self.position_id is None and self.restaurant_id is None

    @property
    def reason_to_stay(self) -> Label:
        """The one for everybody else stays."""
        return DEFAULT_STAYS if self.is_default and self.is_active else None

    def archive(self) -> bool:
        """Take it out of use; what runs keeps its steps. The one for everybody else stays."""
        return self.reason_to_stay is None and super().archive()

    def guard_move(self, to: LabelledEnum) -> None:
        """Two of the same position and restaurant are not in use at once."""
        if to == Archival.ACTIVE and (other := holder_of_place(self.position_id, self.restaurant_id)) is not None:
            raise MoveRefused(_("“%(name)s” is in use for the same position and restaurant.", name=other.name))


class OnboardingTemplateStep(
    Line, label=_l("Step"), plural=_l("Steps"), count=counted("%(num)s step", "%(num)s steps")
):
    """A step of a template; ``offset_days`` are counted from the anchor, before it below zero."""

    __tablename__ = "onboarding_template_step"
    __restaurant_limit__ = RestaurantLimit("template_id", parent=OnboardingTemplate)
    __filled__ = (
        "name", "code", "who", "offset_days", "counts", "anchor", "completed_by", "document_type_id", "description",
        "message_when_done", "message_reminder", "required", "for_foreigners",
    )  # fmt: skip
    __table_args__ = (
        *table_args(
            "onboarding_template_step",
            references={"template_id": "onboarding_template", "document_type_id": "document_type"},
            archivable=False,
            on_delete={"template_id": "CASCADE"},
        ),
        CheckConstraint(f"anchor IN {tuple(Anchor.words())}", name="anchor"),
        CheckConstraint(f"counts IN {tuple(Days.words())}", name="counts"),
        CheckConstraint("offset_days BETWEEN -365 AND 365", name="offset_days"),
        CheckConstraint(f"who IN {tuple(Who.words())}", name="who"),
        CheckConstraint(f"completed_by IN {tuple(CompletedBy.words())}", name="completed_by"),
        # Looked at when all lines are written: one that goes may leave its code to one that comes.
        UniqueConstraint("template_id", "code", deferrable=True, initially="DEFERRED"),
    )

    template_id: Mapped[UUID]
    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    anchor: Mapped[Anchor] = mapped_column(EnumText(Anchor), default=Anchor.FIRST_SHIFT, server_default="first_shift")
    offset_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    counts: Mapped[Days] = mapped_column(EnumText(Days), default=Days.CALENDAR, server_default="calendar")
    who: Mapped[Who] = mapped_column(EnumText(Who), default=Who.MANAGER, server_default="manager")
    required: Mapped[bool] = mapped_column(default=True, server_default=true())
    document_type_id: Mapped[UUID | None]
    completed_by: Mapped[CompletedBy] = mapped_column(
        EnumText(CompletedBy), default=CompletedBy.HAND, server_default="hand"
    )
    # Only people whose citizenship is known to be another get it.
    for_foreigners: Mapped[bool] = mapped_column(default=False, server_default=false())
    message_when_done: Mapped[str | None] = mapped_column(Text)
    message_reminder: Mapped[str | None] = mapped_column(Text)


def holder_of_place(
    position_id: UUID | None, restaurant_id: UUID | None, but: UUID | None = None
) -> OnboardingTemplate | None:
    """The template in use for just that position and restaurant, ``but`` one."""
    t = OnboardingTemplate
    query = select(t).where(
        t.is_active,
        t.position_id.is_not_distinct_from(position_id),
        t.restaurant_id.is_not_distinct_from(restaurant_id),
    )
    return db.session.scalar(query if but is None else query.where(t.id != but))
