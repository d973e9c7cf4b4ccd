"""What a conversation's words for a restaurant and a position mean in the chain."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal.db.base import db
from portal.onboarding.intake.answers import Answer, IntakeAnswers
from portal.restaurants.models import Restaurant
from portal.staff.models import RestaurantCode, StaffPosition

MAX_CODE = 100


@dataclass(frozen=True, slots=True)
class FoundRestaurant:
    """The restaurant that was told, or why somebody has to choose one; ``archived`` is what it was called."""

    restaurant: Restaurant | None = None
    answer: Answer | None = None
    archived: str = ""

    @property
    def messages(self) -> tuple[UUID, ...]:
        """The message that told it; none of a bot for one restaurant."""
        return (self.answer.message_id,) if self.answer is not None else ()


def find_restaurant(answers: IntakeAnswers) -> FoundRestaurant:
    """By its code, else that of the bot; an archived one is none."""
    answer = answers.first("restaurant")
    restaurant: Restaurant | None = None
    if answer is not None:
        query = select(Restaurant).join(RestaurantCode, RestaurantCode.restaurant_id == Restaurant.id)
        restaurant = db.session.scalar(query.where(func.lower(RestaurantCode.code) == func.lower(answer.value.strip())))
    elif answers.restaurant_id is not None:
        restaurant = db.session.get(Restaurant, UUID(answers.restaurant_id))
    if restaurant is not None and not restaurant.is_active:
        return FoundRestaurant(None, answer, restaurant.name)
    return FoundRestaurant(restaurant, answer)


def find_position(answer: Answer) -> StaffPosition | None:
    """By its code, among those in use."""
    folded = func.lower(position_code(answer.value))
    query = select(StaffPosition).where(StaffPosition.is_active, func.lower(StaffPosition.code) == folded)
    return db.session.scalar(query)


def position_code(told: str) -> str:
    """What was told, as a position's code is kept: what is longer is known by its beginning."""
    return told.strip()[:MAX_CODE].strip()
