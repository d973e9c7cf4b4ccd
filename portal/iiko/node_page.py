"""The page on which a part of iiko's tree is given a restaurant."""

from uuid import UUID

from flask import abort
from flask_login import current_user

from portal.iiko.forms import NodeForm
from portal.iiko.models import IikoRun
from portal.iiko.sync.models import IikoAction, IikoNode
from portal.iiko.sync.reasons import Reason
from portal.tenancy.finding import get_or_404


class NodePage:
    """A row that is left out because no restaurant stands above it in iiko, and the form that names one."""

    def __init__(self, action_id: UUID) -> None:
        self.action = get_or_404(IikoAction, action_id)
        if self.action.reason != Reason.NO_DEPARTMENT or not self.node_id:
            abort(404)
        self.form = NodeForm()

    @property
    def node_id(self) -> str:
        """The node above the row that is meant."""
        return str(self.action.details.get("node") or "")

    @property
    def node_name(self) -> str:
        """What iiko calls it."""
        return str(self.action.details.get("node_name") or self.action.name)

    def save(self) -> None:
        """Keep which restaurant it is."""
        run = get_or_404(IikoRun, self.action.run_id)
        restaurant_id = self.form.restaurant_id.data
        IikoNode.place(run.connection_id, self.node_id, self.node_name, restaurant_id, current_user.id)
