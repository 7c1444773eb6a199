"""Any order and repetition of messages, over channels that fail at any call, ends in the right picture."""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cronmend.alerting.conversations import MessageRef
from cronmend.alerting.routes import Route
from cronmend.errors import Permanent, Retryable
from cronmend.model.incident import IncidentState
from cronmend.model.report import ENDINGS, Message, MessageKind, Report
from local.memory.alerting import MemoryChannel, MemoryThreads
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import WITH_FALLBACK, AlertingWorld, message
from tests.use_cases.test_crashes import Killed, is_killed

BOTH = Route("default", channels=("slack", "sns"))
TOPIC_FIRST = Route("default", channels=("sns",), fallback=("slack",))
type Failure = Retryable | Permanent | Killed


@dataclass
class TornThreads(MemoryThreads):
    """``torn``: its next calls; ``Killed`` ends the process after the effect."""

    torn: list[Failure | None] = field(default_factory=list)
    refused: bool = False

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        failure = _next(self)
        place = super().send(report, thread)
        _ends(failure)
        return place

    def update(self, report: Report, place: MessageRef) -> MessageRef:
        failure = _next(self)
        now_at = super().update(report, place)
        _ends(failure)
        return now_at


@dataclass
class TornTopic(MemoryChannel):
    torn: list[Failure | None] = field(default_factory=list)
    refused: bool = False

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        failure = _next(self)
        super().send(report, thread)
        _ends(failure)
        return None


def _next(channel: TornThreads | TornTopic) -> Failure | None:
    failure = channel.torn.pop(0) if channel.torn else None
    if isinstance(failure, Permanent):
        channel.refused = True
    if isinstance(failure, Retryable | Permanent):
        raise failure
    return failure


def _ends(failure: Failure | None) -> None:
    if isinstance(failure, Killed):
        raise failure


@dataclass
class Story:
    """Incidents of a few jobs; each message is committed with its job's state, and delivered at any time after it."""

    route: Route
    slack: TornThreads = field(default_factory=lambda: TornThreads("slack"))
    sns: TornTopic = field(default_factory=lambda: TornTopic("sns"))
    now: datetime = NOW
    committed: list[Message] = field(default_factory=list)
    owed: list[Message] = field(default_factory=list)
    """Messages that the stream has not delivered without a crash."""
    incidents: Counter[int] = field(default_factory=Counter)
    kills: int = 0

    def __post_init__(self) -> None:
        self.world = AlertingWorld(route=self.route, slack=self.slack, sns=self.sns)

    def commits(self, job: int, kind: MessageKind, cause: str) -> None:
        """The job's next change, if it can follow what the job's state is."""
        state = self.world.ledger.read(f"site/job-{job}").incident
        is_open = state is not None and state.is_open
        if not is_open and kind is not MessageKind.ALERT:
            return
        if not is_open:
            self.incidents[job] += 1
        sent = self._message(job, kind, cause)
        if sent in self.committed:
            return
        ends = IncidentState(kind.value) if kind in ENDINGS else IncidentState.ALERTED
        self.world.opens(sent, ends)
        self.world.outbox.messages.append(sent)
        self.committed.append(sent)
        self.owed.append(sent)

    def _message(self, job: int, kind: MessageKind, cause: str) -> Message:
        sent = message(job, kind, cause)
        incident = f"incident-{job}-{self.incidents[job]}"
        report = replace(sent.report, incident=incident, headline=f"{sent.report.headline} of {incident}")
        return replace(sent, incident=incident, change=f"{kind.value}-{cause}", report=report)

    def delivers(self, number: int) -> None:
        if self.committed:
            sent = self.committed[number % len(self.committed)]
            self._survives(lambda: self.world.receives(sent, at=self.now))
            if sent in self.owed and not self._killed:
                self.owed.remove(sent)

    def fires(self) -> None:
        if due := self.world.timers.due():
            timer = due[0]
            self.now = max(self.now, timer.at)
            self._survives(lambda: self.world.fire(timer))
            if self._killed:
                self.world.timers.set(timer)

    def ends(self) -> None:
        """All is calm: what is owed is delivered, and every timer fires."""
        self.slack.torn.clear()
        self.sns.torn.clear()
        for sent in list(self.owed):
            self.world.receives(sent, at=self.now)
        for _ in range(400):
            if not self.world.timers.timers:
                return
            self.fires()
        raise AssertionError("the timers never end")

    def _survives(self, step: Callable[[], object]) -> None:
        self._killed = is_killed(step)
        self.kills += self._killed

    def is_open(self, incident: str) -> bool:
        states = self.world.ledger.job_states.values()
        return any(each.incident.id == incident and each.incident.is_open for each in states if each.incident)


def jobs_of(report: Report) -> set[str]:
    return set(report.jobs) or {report.job}


def roots(channel: TornThreads) -> dict[MessageRef | None, Report]:
    """The latest form of each message."""
    seen: dict[MessageRef | None, Report] = {}
    for each, ref in zip(channel.sent, channel.refs, strict=True):
        if not each.thread:
            seen[ref] = each.report
    return seen


def said_over_after(channel: TornThreads, ref: MessageRef | None, report: Report) -> bool:
    """Of a message that was sent and not recorded: it can't be updated, but another one has its job, which is over."""
    later = channel.sent[channel.refs.index(ref) + 1 :]
    over = {job for each in later if each.report.is_over or each.report.jobs for job in jobs_of(each.report)}
    return jobs_of(report) <= over


def shown_failing(channel: TornThreads | TornTopic) -> set[str]:
    forms = roots(channel).values() if isinstance(channel, TornThreads) else channel.reports
    return {job for report in forms if not report.is_over for job in jobs_of(report)}


def check(story: Story) -> None:
    open_jobs = {each.job for each in story.committed if story.is_open(each.incident)}
    channels = [each for each in (story.slack, story.sns) if each.name in story.route.channels]
    for channel in channels:
        missing = open_jobs - shown_failing(channel)
        if channel.refused and story.route.fallback:
            missing -= shown_failing(story.sns if channel is story.slack else story.slack)
        if (story.slack.refused and story.sns.refused) or (channel.refused and not story.route.fallback):
            missing -= {job for job, name, _ in story.world.dead_letters.messages if name == channel.name}
        assert not missing, (channel.name, missing)
    if not story.slack.refused:
        stale = [
            each for each in roots(story.slack).items() if not each[1].is_over and not jobs_of(each[1]) & open_jobs
        ]
        lost = [each for each in stale if said_over_after(story.slack, *each)]
        assert lost == stale
        assert len(stale) <= story.kills, stale
    for channel in (story.slack, story.sns):
        check_facts(story, channel)
        check_order(channel)
        check_repeats(story, channel)


def check_facts(story: Story, channel: TornThreads | TornTopic) -> None:
    for known, members in story.world.conversations.joined.items():
        conversation = story.world.conversations.rows[known]
        if conversation.channel == channel.name and conversation.is_first_sent and not channel.refused:
            for each in members.values():
                assert each.healed is not story.is_open(each.incident), each
                assert not each.is_unseen, each
                assert not each.is_stale, each


def check_order(channel: TornThreads | TornTopic) -> None:
    """No one hears that a job recovered without having seen it fail."""
    seen: set[str] = set()
    for report in channel.reports:
        if report.kind in ENDINGS or (report.kind is MessageKind.GROUP and report.is_over):
            unknown = jobs_of(report) - seen
            assert not unknown or report.kind is MessageKind.HEALED, (channel.name, unknown)
        seen |= jobs_of(report)


def check_repeats(story: Story, channel: TornThreads | TornTopic) -> None:
    sent = Counter(repr((each.report, each.thread)) for each in channel.sent if not each.replaced)
    assert sum(count - 1 for count in sent.values()) <= story.kills, sent.most_common(1)
    endings = Counter(each.report.incident for each in channel.sent if each.report.kind in ENDINGS)
    assert all(count <= 1 + story.kills for count in endings.values()), endings


FAILURES: st.SearchStrategy[Failure | None] = st.sampled_from((None, Retryable("503"), Killed()))
ANY_FAILURE = FAILURES | st.just(Permanent("is_archived"))
KINDS = st.sampled_from(
    (MessageKind.ALERT, MessageKind.ALERT, MessageKind.GAVE_UP, MessageKind.HALF_DONE, MessageKind.PROGRESS, *ENDINGS)
)
STEPS = st.one_of(
    st.tuples(st.just("commits"), st.integers(1, 3), KINDS, st.sampled_from(("one", "other"))),
    st.tuples(st.just("delivers"), st.integers(0, 30)),
    st.tuples(st.just("fires")),
    st.tuples(st.just("waits"), st.integers(1, 400)),
)


def told(
    route: Route, steps: Sequence[tuple[object, ...]], slack: Sequence[Failure | None], sns: Sequence[Failure | None]
) -> Story:
    story = Story(route)
    story.slack.torn, story.sns.torn = list(slack), list(sns)
    for name, *values in steps:
        if name == "waits":
            story.now += timedelta(seconds=int(str(values[0])))
        else:
            getattr(story, str(name))(*values)
    story.ends()
    return story


def steps() -> st.SearchStrategy[list[tuple[object, ...]]]:
    return st.lists(STEPS, min_size=3, max_size=25)


ALERT_1, ALERT_2 = ("commits", 1, MessageKind.ALERT, "one"), ("commits", 2, MessageKind.ALERT, "one")
AGAIN = [("commits", 2, MessageKind.RECOVERED, "one"), ALERT_2]
"""A job fails again while its group still collects failures."""
TOGETHER = [ALERT_1, ALERT_2, ("delivers", 0), ("delivers", 1)]
ALONE = [ALERT_1, ("delivers", 0), ("commits", 1, MessageKind.RECOVERED, "one"), ALERT_1, ("delivers", 2)]
"""The message about the next failure is delivered before that about the end of the one before."""
ROUTES = st.sampled_from((BOTH, WITH_FALLBACK, TOPIC_FIRST))


def calls(failures: st.SearchStrategy[Failure | None]) -> st.SearchStrategy[list[Failure | None]]:
    return st.lists(failures, max_size=8)


@settings(max_examples=300, deadline=None)
@given(ROUTES, steps(), calls(FAILURES), calls(FAILURES))
def test_after_outages_and_crashes(
    route: Route, steps: list[tuple[object, ...]], slack: list[Failure | None], sns: list[Failure | None]
) -> None:
    check(told(route, steps, slack, sns))


@example(BOTH, [*TOGETHER, ("fires",), ("fires",), *AGAIN], [Permanent("is_archived")], [])
@example(BOTH, [*TOGETHER, *[("fires",)] * 3, *AGAIN], [], [])
@example(BOTH, ALONE, [], [])
@settings(max_examples=300, deadline=None)
@given(ROUTES, steps(), calls(ANY_FAILURE), calls(ANY_FAILURE))
def test_after_refusals(
    route: Route, steps: list[tuple[object, ...]], slack: list[Failure | None], sns: list[Failure | None]
) -> None:
    check(told(route, steps, slack, sns))
