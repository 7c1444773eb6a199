"""Scheduled runs, re-runs and requested runs at any time: Cronmend starts none beside another run of the job."""

from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.model import LiveTask, StoppedTask
from cronmend.model.wakeups import RerunTimer
from tests.fakes import FakeSchedules, FakeTasks
from tests.samples import CLUSTER, JOB, RACE_LOG, REFUSED_LOG, deployed, schedule, service, stopped
from tests.use_cases.healing.test_requested_run import ask
from tests.use_cases.world import World

FIRST_SLOT = datetime.fromisoformat("2026-05-06T11:00:00Z")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Course:
    """How one run goes; all in seconds."""

    start: int
    """From its slot, or from the request, to its creation."""
    listed: int
    """From its creation until ECS lists it."""
    took: int
    exit_code: int
    event: int
    """From its end until its event arrives."""


@dataclass(frozen=True)
class Story:
    own: tuple[Course, ...]
    """The scheduled runs, one in each hour."""
    others: tuple[Course, ...]
    timers: tuple[int, ...]
    """How late each timer fires, in seconds."""
    requests: tuple[int, ...]
    """When people request a run, with force; in seconds after the first slot."""
    deployed: int
    """When the deploy ends, in seconds after the first slot."""
    log: tuple[str, ...]
    flexible: int
    """The schedule's window in minutes."""


@dataclass
class Ecs(FakeTasks):
    """Lists a task only some time after its creation; refuses the test if a task starts beside another one."""

    now: datetime = FIRST_SLOT
    courses: Iterator[Course] = field(default_factory=lambda: iter(()))
    tasks: list[tuple[StoppedTask, Course]] = field(default_factory=list)
    slots: tuple[tuple[datetime, datetime], ...] = ()
    """Each slot, and when its own run is created."""

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return [
            live(task)
            for task, course in self.tasks
            if created(task) + seconds(course.listed) <= self.now < ended(task)
        ]

    def run(self, request: Mapping[str, Any]) -> str:
        assert [task.task_id for task, _ in self.tasks if created(task) <= self.now < ended(task)] == []
        assert [slot for slot, creation in self.slots if slot <= self.now < creation] == []
        course = next(self.courses)
        task = ran(request["clientToken"], self.now + seconds(course.start % 5), course, request["startedBy"])
        self.tasks.append((task, course))
        return task.task_arn


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def created(task: StoppedTask) -> datetime:
    assert task.created_at
    return task.created_at


def ended(task: StoppedTask) -> datetime:
    assert task.stopped_at
    return task.stopped_at


def live(task: StoppedTask) -> LiveTask:
    return LiveTask(task.task_arn, CLUSTER, task.task_definition, task.started_by, task.overrides)


def ran(task_id: str, at: datetime, course: Course, started_by: str) -> StoppedTask:
    end = at + seconds(course.took)
    return stopped(task_id, 2, course.exit_code, created_at=at, started_at=at, stopped_at=end, started_by=started_by)


class Play:
    """The story on one clock: what is due first happens first."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.lateness = iter(story.timers)
        own = [
            ran(
                f"own-{number}",
                FIRST_SLOT + number * HOUR + seconds(course.start),
                course,
                "chronos-schedule/publish-scheduled",
            )
            for number, course in enumerate(story.own)
        ]
        slots = tuple((FIRST_SLOT + number * HOUR, created(task)) for number, task in enumerate(own))
        self.ecs = Ecs(courses=iter(story.others), tasks=list(zip(own, story.own, strict=True)), slots=slots)
        window = timedelta(minutes=story.flexible)
        live_schedule = schedule(2, timezone="UTC", flexible=window)
        self.world = World(tasks=self.ecs, schedules=FakeSchedules({JOB: live_schedule}))
        self.fires: dict[str, datetime] = {}
        self.told: set[str] = set()
        self.asked: set[int] = set()
        self.is_deployed = False

    def happens(self) -> None:
        while due := min(self._due(), key=lambda each: each[0], default=None):
            at, act = due
            self.ecs.now = max(self.ecs.now, at)
            act()

    def _due(self) -> Iterator[tuple[datetime, Any]]:
        for task, course in self.ecs.tasks:
            if task.task_id not in self.told:
                yield ended(task) + seconds(course.event), lambda task=task: self._stops(task)
        for name, timer in self.world.timers.timers.items():
            if name not in self.fires:
                self.fires[name] = timer.at + seconds(next(self.lateness, 0))
            yield max(timer.at, self.fires[name]), lambda timer=timer: self._fires(timer)
        for number, second in enumerate(self.story.requests):
            if number not in self.asked:
                yield FIRST_SLOT + seconds(second), lambda number=number: self._asks(number)
        if not self.is_deployed:
            yield FIRST_SLOT + seconds(self.story.deployed), self._deploys

    def _stops(self, task: StoppedTask) -> None:
        self.told.add(task.task_id)
        self.world.fails(task, self.story.log, self.ecs.now)

    def _fires(self, timer: Any) -> None:
        del self.world.timers.timers[timer.name]
        self.fires.pop(timer.name)
        self.world.wakes(timer, self.ecs.now)

    def _asks(self, number: int) -> None:
        self.asked.add(number)
        ask(self.world, force=True, at=self.ecs.now, request=f"w{number}")

    def _deploys(self) -> None:
        self.is_deployed = True
        self.world.services.services = (service(2, "COMPLETED", created=self.ecs.now, updated=self.ecs.now),)
        self.world.deploy.handle(deployed("web"), self.ecs.now)


LATE = st.sampled_from((0, 1, 29, 59))
LONG = st.sampled_from((1, 20, 100, 1500, 3400, 5000))
COURSES = st.builds(
    Course,
    start=LATE,
    listed=st.sampled_from((0, 15, 30)),
    took=LONG,
    exit_code=st.sampled_from((0, 1, 1)),
    event=st.sampled_from((0, 5, 300)),
)


def story(flexible: int, requests: st.SearchStrategy[tuple[int, ...]]) -> st.SearchStrategy[Story]:
    starts = LATE if not flexible else st.integers(0, flexible * 60)
    own = st.builds(replace, COURSES, start=starts)
    return st.builds(
        Story,
        own=st.tuples(own, own, own),
        others=st.lists(COURSES, min_size=20, max_size=20).map(tuple),
        timers=st.lists(st.sampled_from((0, 1, 30, 60)), min_size=20, max_size=20).map(tuple),
        requests=requests,
        deployed=st.integers(0, 7500) | st.integers(3540, 3700),
        log=st.sampled_from((RACE_LOG, REFUSED_LOG)),
        flexible=st.just(flexible),
    )


REQUESTS = st.lists(st.integers(0, 9000) | st.integers(3500, 3700), max_size=3).map(tuple)


@settings(max_examples=150, deadline=None)
@given(story(0, REQUESTS))
def test_whatever_the_order_of_requests_timers_and_slots(told: Story) -> None:
    Play(told).happens()


@settings(max_examples=100, deadline=None)
@given(story(15, st.just(())))
def test_whatever_the_order_of_timers_and_slots_with_a_flexible_window(told: Story) -> None:
    Play(told).happens()


def test_the_stories_start_reruns_and_requested_runs() -> None:
    """So that the tests above can fail."""
    fails, works = Course(5, 30, 20, 1, 5), Course(5, 30, 100, 0, 5)
    play = Play(Story((fails, works, works), (works,) * 20, (0,) * 20, (7000,), 600, RACE_LOG, 0))
    play.happens()
    started = [task for task, _ in play.ecs.tasks if task.started_by.startswith("cronmend/")]
    assert len(started) == 2
    assert play.world.timers.of(RerunTimer) == []
