"""When somebody should be called: ``docs/operate.md`` tells the same to whoever writes rules for a monitor."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.telemetry.queries import Figures


@dataclass(frozen=True, slots=True)
class Alarm:
    """``words`` say it with the figure; ``limit`` is the largest that is no alarm."""

    figure: str
    limit: float
    words: str


ALARMS = (
    Alarm("heartbeat_seconds", 60, "No worker has run jobs for {:.0f} s."),
    Alarm("inbound_oldest_seconds", 60, "What guests wrote waits for {:.0f} s."),
    Alarm("outbound_oldest_seconds", 120, "Messages to guests are {:.0f} s late."),
    Alarm("waiting_jobs", 1_000, "{:.0f} jobs wait."),
    Alarm("failed_jobs", 20, "{:.0f} jobs have failed."),
    Alarm("dead_updates", 100, "{:.0f} messages of guests could not be processed."),
    Alarm("dead_messages", 1_000, "{:.0f} messages to guests could not be delivered."),
    Alarm("failed_mails", 20, "{:.0f} mails could not be sent within a day."),
    Alarm("mail_oldest_seconds", 3_600, "A mail waits for {:.0f} s."),
)


def alarming(figures: Figures) -> Iterator[str]:
    """Each reason to call somebody, in one sentence."""
    if not figures.workers:
        yield "No worker is there."
    elif figures.heartbeat_seconds is None:
        yield "No worker runs jobs."
    for alarm in ALARMS:
        value = getattr(figures, alarm.figure)
        if value is not None and value > alarm.limit:
            yield alarm.words.format(value)
