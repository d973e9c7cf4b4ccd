"""Places of iiko's tree that no restaurant stands above, and which restaurant their stores belong to."""

from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.iiko.models import IikoRun, RunState
from portal.iiko.sync.deciding import decider_id
from portal.iiko.sync.kinds import KINDS
from portal.iiko.sync.models import IikoAction, IikoNode, Word
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.replanning import plan_anew


def map_node(run: IikoRun, node_id: str, name: str, restaurant_id: UUID) -> int:
    """Let what hangs on a node belong to a restaurant, in this plan and later ones; how many rows that concerns now."""
    IikoNode.place(run.connection_id, node_id, name, restaurant_id, decider_id())
    return _plan_anew(run, node_id)


def _plan_anew(run: IikoRun, node_id: str) -> int:
    """Plan the rows anew that were left out for want of a restaurant."""
    if run.state is not RunState.PLANNED:
        return 0
    query = select(IikoAction).where(
        IikoAction.run_id == run.id,
        IikoAction.word == Word.SKIP,
        IikoAction.reason == Reason.NO_DEPARTMENT,
        IikoAction.details.contains({"nodes": [node_id]}),
    )
    actions = db.session.scalars(query.order_by(IikoAction.id).with_for_update()).all()
    for action in actions:
        plan_anew(action, run, KINDS[action.kind])
    return len(actions)
