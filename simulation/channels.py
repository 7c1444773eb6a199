"""The channels that people and programs read: Slack, SNS and EventBridge, each with its own faults."""

from datetime import timedelta

from cronmend.adapters.channels import answer_table
from cronmend.alerting.conversations import MessageRef
from cronmend.errors import CronmendError
from cronmend.model.report import Message, Report
from simulation.seam import Seam
from simulation.weather import Weather
from simulation.witness import Witness


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
            stage=report.stage.value,
            jobs=list(report.jobs or (report.job,)),
            incident=report.incident,
            text="\n".join((*said, *(fact.value for fact in report.facts))),
            **facts,
        )


class Threads(Channel):
    """A Slack bot, whose messages can be updated and replied to. Slack sometimes rejects a message for good, or asks to
    wait."""

    def __init__(
        self, name: str, seam: Seam, witness: Witness, weather: Weather, refusals: tuple[float, float]
    ) -> None:
        super().__init__(name, seam, witness, gap=1.0)
        self._weather = weather
        self._refusals = refusals
        """From when until when the channel is archived."""

    def _sent(self, report: Report, thread: MessageRef | None) -> MessageRef | None:
        super()._sent(report, thread)
        return MessageRef("C1", str(self._count))

    def update(self, report: Report, place: MessageRef) -> MessageRef | None:
        updated: MessageRef | None = self._seam.call(self.name, "update", self._updated, report, place)
        return updated

    def _updated(self, report: Report, place: MessageRef) -> MessageRef | None:
        self._check(report)
        self._saw(report, update=True)
        return place

    def _check(self, report: Report) -> None:
        now = self._seam.kernel.now
        if self._refusals[0] <= now < self._refusals[1]:
            raise _refusal(200, "is_archived")
        if not self._weather.has("slack", now):
            return
        draw = self._weather.chance.number(f"slack/{now:.3f}")
        if draw < 0.05 and self._weather.chance.keeps(f"slack/busy/{now:.3f}"):
            raise _refusal(429, "ratelimited")
        if draw > 0.95 and self._weather.chance.keeps(f"slack/error/{now:.3f}"):
            raise _refusal(503, answer_table.FOREIGN)


def _refusal(status: int, word: str) -> CronmendError:
    """What the adapter raises for this answer."""
    nature = answer_table.nature_of(answer_table.SLACK_BOT, status, word)
    return answer_table.refusal(nature, f"Slack refused the message: {status} {word}")


class Letters:
    """The dead-letter queue for undelivered messages; its alarm notifies people."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def put(self, message: Message, channel: str, reason: str) -> None:
        jobs = list(message.report.jobs or (message.job,))
        self._witness.saw("letter", queue="undelivered", channel=channel, job=message.job, jobs=jobs)
