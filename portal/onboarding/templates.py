"""Templates of checklists: the steps that a new person gets."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, false, func, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import db, search_text
from portal.db.lines import Line
from portal.db.records import Archivable
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText
from portal.db.words import counted
from portal.onboarding.kinds import Anchor, CompletedBy, Days, Who
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffPosition


class OnboardingTemplate(
    Archivable,
    label=_l("Checklist"),
    plural=_l("Checklists"),
    add=_l("Add a checklist"),
    count=counted("%(num)s checklist", "%(num)s checklists"),
    page="checklists.show",
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


class OnboardingTemplateStep(
    Line, label=_l("Step"), plural=_l("Steps"), count=counted("%(num)s step", "%(num)s steps")
):
    """A step of a template; ``offset_days`` are counted from the anchor, before it below zero."""

    __tablename__ = "onboarding_template_step"
    __restaurant_limit__ = RestaurantLimit("template_id", parent=OnboardingTemplate)
    __filled__ = (
        "name", "code", "description", "anchor", "offset_days", "counts", "who", "required", "document_type_id",
        "completed_by", "for_foreigners", "message_when_done", "message_reminder",
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
        Index("uix_onboarding_template_step_code", "template_id", func.lower(text("code")), unique=True),
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
