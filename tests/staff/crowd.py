"""A crowd of people of every kind in one chain, drawn anew from a number: for lists and counts over them."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

ZONES = ("Asia/Vladivostok", "Europe/Moscow", "America/Anchorage", None)


def make_crowd(sql, chain, seed, count=60):
    """Random people over open, closed and no restaurants, with checklists, papers and questions; they know no chat."""
    draw = random.Random(seed)
    today = datetime.now(UTC).date()
    places = [chain.restaurant_id, chain.archived_restaurant_id, chain.assigned_restaurant_id, None]
    for place, zone in zip(places, ZONES, strict=True):
        if place is not None:
            sql("UPDATE getinn_ops.restaurant SET timezone = %s WHERE id = %s", [zone, place])
    for number in range(count):
        member = UUID(int=draw.getrandbits(128), version=4)
        status = draw.choice(["candidate", "active", "active", "active", "left"])
        sql(
            "INSERT INTO getinn_ops.staff_member"
            " (id, account_id, restaurant_id, name, phone, status, left_on, position_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                member, chain.account_id, draw.choice(places), f"Человек {number:03}", f"+7955{number:07}", status,
                today if status == "left" else None, draw.choice([chain.id_of("staff_position"), None]),
            ],
        )  # fmt: skip
        if status != "candidate" and draw.random() < 0.8:
            add_engagement(sql, chain, draw, member, today, is_over=status == "left" or draw.random() < 0.3)
        if draw.random() < 0.4:
            sql(
                "INSERT INTO getinn_ops.staff_document"
                " (account_id, staff_member_id, document_type_id, state, expires_on)"
                " VALUES (%s, %s, %s, 'accepted', %s)",
                [chain.account_id, member, chain.id_of("document_type"), day_near(draw, today, 40)],
            )
        if draw.random() < 0.3:
            sql(
                "INSERT INTO getinn_ops.staff_question (account_id, staff_member_id, kind, details)"
                " VALUES (%s, %s, 'restaurant', '{}')",
                [chain.account_id, member],
            )


def add_engagement(sql, chain, draw, member, today, *, is_over):
    """One engagement with a few steps."""
    starts = draw.choice([None, day_near(draw, today, 9)])
    ended = "terminated" if is_over and draw.random() < 0.5 else "completed"
    engagement = UUID(int=draw.getrandbits(128), version=4)
    status = ended if is_over else "in_progress"
    sql(
        "INSERT INTO getinn_ops.staff_onboarding (id, account_id, staff_member_id, name, start_date, status, ended_on)"
        " VALUES (%s, %s, %s, 'x', %s, %s, %s)",
        [engagement, chain.account_id, member, starts, status, today if status == "terminated" else None],
    )
    for number in range(draw.randint(0, 4)):
        is_done = draw.random() < 0.5
        sql(
            "INSERT INTO getinn_ops.onboarding_step"
            " (account_id, staff_onboarding_id, ordinal, code, name, status, completion_date, due_date)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                chain.account_id, engagement, number, f"s{number}", f"Шаг {number}",
                "completed" if is_done else "pending", today if is_done else None,
                draw.choice([None, day_near(draw, today, 2)]),
            ],
        )  # fmt: skip


def day_near(draw, today, most):
    """A day at most so many from now."""
    return today + timedelta(days=draw.randint(-most, most))
