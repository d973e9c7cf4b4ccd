"""The page on which a part of iiko's tree is given a restaurant."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort

from portal.iiko.forms import NodeForm
from portal.iiko.models import IikoRun
from portal.iiko.sync.models import IikoAction
from portal.iiko.sync.nodes import map_node
from portal.iiko.words_page import can_be_placed
from portal.tenancy.finding import get_or_404


class NodePage:
    """A row that is left out because no restaurant stands above it in iiko, and the form that names one."""

    def __init__(self, action_id: UUID) -> None:
        self.action = get_or_404(IikoAction, action_id)
        if not can_be_placed(self.action):
            abort(404)
        # What is meant most often: the place right above, with all that stands below it.
        self.form = NodeForm(node_id=self.places[:2][-1]["id"])
        self.form.offer(self.places)

    @property
    def places(self) -> Sequence[Mapping[str, Any]]:
        """The row and the places above it, each with ``id``, ``type``, ``name``."""
        found: Sequence[Mapping[str, Any]] = self.action.details["places"]
        return found

    def save(self) -> int:
        """Keep which restaurant it is; how many rows of this plan that concerns."""
        run = get_or_404(IikoRun, self.action.run_id)
        node = next(each for each in self.places if each["id"] == self.form.node_id.data)
        name = node["name"] or node["type"]
        return map_node(run, node["id"], name, self.form.restaurant_id.data)
