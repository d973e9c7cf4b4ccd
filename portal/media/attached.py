"""Which files of the library a scenario sends, and in which steps."""

from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.steps import Step


def steps_by_key(document: ScenarioDocument | None) -> dict[str, list[str]]:
    """The ids of the steps that send a file, by the file's key, in the order of the scenario."""
    found: dict[str, list[str]] = {}
    for step in document.steps if document else ():
        for key in _keys_of(step):
            found.setdefault(key, []).append(step.id)
    return found


def _keys_of(step: Step) -> dict[str, None]:
    everywhere = (step.media, *(variant.media for variant in step.variants))
    return dict.fromkeys(media.file_id for some in everywhere for media in some if media.file_id)
