"""Two people who press "Try again" at the same moment."""

import pytest

from portal.conversations.message_rows import label_of_press
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messaging.events import Pressed
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage


@pytest.mark.parametrize(
    ("entity", "row", "settled"), [(BotMessage, "failed_message_id", "sent"), (InboundUpdate, "update_id", "done")]
)
@pytest.mark.parametrize("verb", ["replay", "dismiss"])
def test_whoever_comes_second_changes_nothing_any_more(world, scoped, superuser_sql, entity, row, settled, verb):
    chain = world.pelmenya
    row_id = getattr(chain, row)
    with scoped(chain.account_id):
        seen = db.session.get_one(entity, row_id)
        table = entity.__tablename__
        superuser_sql(f"UPDATE getinn_ops.{table} SET state = %s WHERE id = %s RETURNING id", [settled, row_id])
        assert getattr(seen, verb)() is False
        db.session.commit()
    assert superuser_sql(f"SELECT state FROM getinn_ops.{table} WHERE id = %s", [row_id])[0].state == settled


def test_a_press_whose_marker_only_looks_like_a_number_has_no_label(world, scoped):
    chain = world.pelmenya
    with scoped(chain.account_id):
        dialog = db.session.get_one(BotDialogState, chain.dialog_id)
        assert label_of_press(dialog, Pressed("².1")) == ""
