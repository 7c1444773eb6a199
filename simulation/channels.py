"""The channels that people and programs read: Slack, SNS and EventBridge, each with its own faults."""

from dataclasses import dataclass
from datetime import timedelta

from cronmend.adapters.channels import answer_table
from cronmend.alerting.conversations import MessageRef
from cronmend.errors import CronmendError
from cronmend.model.report import Message, Report
from simulation.ledger_entries import jobs_of, stage_of
from simulation.seam import Seam
from simulation.weather import Weather
from simulation.witness import Witness


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    word: str
    after: float | None = None
    """How long it asks to wait, in seconds."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What Slack, or a proxy before it, answers to everything from ``start`` until ``end``."""

    start: float
    end: float
    answer: Answer


ARCHIVED = Answer(200, "is_archived")
ANSWERS = (
    ARCHIVED,
    ARCHIVED,
    Answer(429, "ratelimited", after=86400.0),
    Answer(429, "ratelimited", after=1.0),
    Answer(200, answer_table.FOREIGN),
    Answer(302, answer_table.FOREIGN),
)
"""Answers that may last: an archived channel, a limit without end, a proxy's page, a redirect."""


class Channel:
    """A sent message can't be changed."""

    def __init__(self, name: str, seam: Seam, witness: Witness, *, groups: bool = True, gap: float = 0.0) -> None:
        self.name = name
        self.groups = groups
        self.gap = timedelta(seconds=gap)
        self._seam = seam
        self._witness = witness
        self._count = 0

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        sent: MessageRef | None = self._seam.call(self.name, "send", self._sent, report, thread)
        return sent

    def _sent(self, report: Report, thread: MessageRef | None) -> MessageRef | None:
        self._check(report)
        self._count += 1
        self._saw(report, answer=thread is not None)
        return None

    def _check(self, report: Report) -> None:
        """Raises the channel's answer if it doesn't accept the message."""

    def _saw(self, report: Report, **facts: object) -> None:
        said = (report.headline, report.what_happens, report.advice, report.status, report.command, *report.excerpt)
        self._witness.saw(
            "seen",
            channel=self.name,
            kind=report.kind.value,
            stage=stage_of(report),
            jobs=jobs_of(report),
            incident=report.incident,
            text="\n".join((*said, *(fact.value for fact in report.facts))),
            **facts,
        )


class Threads(Channel):
    """A Slack bot, whose messages can be updated and replied to. Slack sometimes rejects a message for good, or asks to
    wait."""

    def __init__(self, name: str, seam: Seam, witness: Witness, weather: Weather, answers: Answers | None) -> None:
        super().__init__(name, seam, witness, gap=1.0)
        self._weather = weather
        self._answers = answers
        self._deleted: dict[str, float] = {}
        """When a person deletes a message, by its ``ts``."""

    def _sent(self, report: Report, thread: MessageRef | None) -> MessageRef | None:
        if thread and self._is_gone(thread):
            raise _refusal(Answer(200, answer_table.UNTHREADED))
        super()._sent(report, thread)
        now, name = self._seam.kernel.now, f"slack/deleted/{self._count}"
        if self._weather.has("deleted", now) and self._weather.chance.happens(0.15, name):
            self._deleted[str(self._count)] = now + self._weather.chance.between(1, 20000, f"{name}/after")
        return MessageRef("C1", str(self._count))

    def _is_gone(self, place: MessageRef) -> bool:
        return self._deleted.get(place.ts, self._seam.kernel.end) < self._seam.kernel.now

    def update(self, report: Report, place: MessageRef) -> MessageRef:
        updated: MessageRef = self._seam.call(self.name, "update", self._updated, report, place)
        return updated

    def _updated(self, report: Report, place: MessageRef) -> MessageRef:
        if self._is_gone(place):
            raise _refusal(Answer(200, "message_not_found"))
        self._check(report)
        self._saw(report, update=True)
        return place

    def _check(self, report: Report) -> None:
        now = self._seam.kernel.now
        if (odd := self._answers) and odd.start <= now < odd.end:
            raise _refusal(odd.answer)
        if not self._weather.has("slack", now):
            return
        draw = self._weather.chance.number(f"slack/{now:.3f}")
        if draw < 0.05 and self._weather.chance.keeps(f"slack/busy/{now:.3f}"):
            raise _refusal(Answer(429, "ratelimited"))
        if draw > 0.95 and self._weather.chance.keeps(f"slack/error/{now:.3f}"):
            raise _refusal(Answer(503, answer_table.FOREIGN))


def _refusal(answer: Answer) -> CronmendError:
    """What the adapter makes of it."""
    nature = answer_table.nature_of(answer_table.SLACK_BOT, answer.status, answer.word)
    wait = None if answer.after is None else timedelta(seconds=answer.after)
    return answer_table.refusal(nature, f"Slack refused the message: {answer.status} {answer.word}", wait)


class Undelivered:
    """The queue of undelivered messages, whose alarm people see."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def put(self, message: Message, channel: str, reason: str) -> None:
        jobs = list(message.report.jobs or (message.job,))
        facts = {"channel": channel, "job": message.job, "jobs": jobs, "text": message.report.headline}
        self._witness.saw("undelivered", queue="undelivered", **facts)
