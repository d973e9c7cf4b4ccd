"""Which library files a scenario mentions, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.problems import ScenarioUnreadable
from portal.scenarios.document.steps import Step


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that the live scenario mentions and that is not sent: not in the library, or archived there."""

    key: str
    steps: tuple[str, ...]
    archived_id: UUID | None


def steps_by_key(document: ScenarioDocument | None) -> dict[str, list[str]]:
    """The ids of the steps that send a file, by the file's key, in the order of the scenario."""
    found: dict[str, list[str]] = {}
    for step in document.steps if document else ():
        for key in _keys_of(step):
            found.setdefault(key, []).append(step.id)
    return found


def not_sent(source: str | None, library: Mapping[str, str | None] | None) -> list[Wanted]:
    """What a scenario's text mentions and the library does not send.

    ``library`` has the bot's keys, each with the id of its row where that is archived.
    """
    library = library or {}
    return [
        Wanted(key, tuple(steps), UUID(library[key]) if key in library else None)
        for key, steps in steps_by_key(_read(source)).items()
        if library.get(key, key) is not None
    ]


def _keys_of(step: Step) -> dict[str, None]:
    everywhere = (step.media, *(variant.media for variant in step.variants))
    return dict.fromkeys(media.file_id for some in everywhere for media in some if media.file_id)


def _read(source: str | None) -> ScenarioDocument | None:
    try:
        return ScenarioDocument.from_text(source) if source else None
    except ScenarioUnreadable:
        return None
