"""What a version's page shows of its document, made once for each language: a version never changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask_babel import get_locale
from markupsafe import Markup

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.media.attached import steps_by_key
from portal.scenarios.document.problems import Severity
from portal.scenarios.flow.flow import build_flow
from portal.scenarios.models import BotScenario
from portal.web.bounded_cache import BoundedCache
from portal.web.costly import take_place

MAX_BYTES, MAX_ACCOUNT_BYTES = 48 * 1024 * 1024, 6 * 1024 * 1024
# Longer texts are downloaded: on a page they would be as heavy as everything else together.
MAX_SHOWN_SOURCE = 100_000


@dataclass(frozen=True, slots=True)
class DrawnVersion:
    """Counts of what the check found and of steps; the problems and a page of the flow as they are shown.

    ``media_steps`` are the steps that send a file, by what the scenario calls it.
    """

    errors: int
    warnings: int
    notes: int
    steps: int
    shows_source: bool
    media_steps: Mapping[str, list[str]]
    problems: Markup
    flow: Markup

    @property
    def size(self) -> int:
        """About so many bytes."""
        return 4 * (len(self.problems) + len(self.flow)) + 1000


_drawn: BoundedCache[DrawnVersion] = BoundedCache(MAX_BYTES, MAX_ACCOUNT_BYTES)


def drawn_version(scenario: BotScenario, page: int) -> DrawnVersion:
    """The version as it is shown, with a page of its steps. Raises TooManyAtOnce where it has to be made.

    Who writes no scenarios is shown a plain one, without the names of steps and variables.
    """
    plain = not may(Permission.BOTS_EDIT)
    # Only an older program writes into a version that is there already.
    key = scenario.id, scenario.updated_at, str(get_locale()), page, plain
    found = _drawn.get(scenario.account_id, key)
    if found is None:
        take_place()
        found = _draw(scenario, page, plain)
        _drawn.put(scenario.account_id, key, found, found.size)
    return found


def _draw(scenario: BotScenario, page: int, plain: bool) -> DrawnVersion:
    problems, flow = scenario.problems, build_flow(scenario.document, page, plain=plain)
    errors = sum(problem.is_error for problem in problems)
    return DrawnVersion(
        errors=errors,
        warnings=sum(problem.severity is Severity.WARNING for problem in problems),
        notes=sum(problem.severity is Severity.NOTE for problem in problems),
        steps=len(scenario.document.steps),
        media_steps=steps_by_key(scenario.document),
        shows_source=len(scenario.source_text) <= MAX_SHOWN_SOURCE,
        problems=Markup(render_template("scenarios/_problems.html", problems=problems)),  # noqa: S704 (a template's own output)
        flow=Markup(render_template("scenarios/_flow.html", flow=flow)),  # noqa: S704 (a template's own output)
    )
