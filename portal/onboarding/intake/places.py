"""What a conversation's words for a restaurant and a position mean in the chain, and on whose clocks it spoke."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal.access.permissions import Role
from portal.db.base import db
from portal.onboarding.intake.answers import Answer, IntakeAnswers
from portal.restaurants.models import Restaurant
from portal.staff.models import RestaurantCode, StaffPosition
from portal.users.models import User


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
        restaurant = db.session.scalar(query.where(func.lower(RestaurantCode.code) == _folded(answer)))
    elif answers.restaurant_id is not None:
        restaurant = db.session.get(Restaurant, UUID(answers.restaurant_id))
    if restaurant is not None and not restaurant.is_active:
        return FoundRestaurant(None, answer, restaurant.name)
    return FoundRestaurant(restaurant, answer)


def find_position(answer: Answer) -> StaffPosition | None:
    """By its code, among those in use."""
    query = select(StaffPosition).where(StaffPosition.is_active, func.lower(StaffPosition.code) == _folded(answer))
    return db.session.scalar(query)


def _folded(answer: Answer) -> object:
    return func.lower(answer.value.strip())


def zone_of(restaurant: Restaurant | None) -> str | None:
    """The restaurant's zone, else that of the chain's owner."""
    if restaurant is not None and restaurant.timezone:
        return restaurant.timezone
    query = select(User.timezone).where(User.role == Role.OWNER, User.is_active, User.timezone.is_not(None))
    return db.session.scalar(query.order_by(User.created_at, User.id).limit(1))
