"""Runs that are alive for too long: found once each, told with their reason, and stopped if the owner wants it."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.errors import Retryable
from cronmend.jobs.policies import JobPolicy
from cronmend.model import (
    Category,
    ContainerOverride,
    History,
    LiveTask,
    LogPlace,
    Missing,
    Mode,
    OnOverdue,
    Policy,
    TaskDefinitionRef,
)
from cronmend.model.incident import IncidentState, JobState
from cronmend.model.wakeups import RerunTimer
from cronmend.ports.overdue import Alive
from cronmend.use_cases.evidence import JobFinder
from cronmend.use_cases.healing.failures import Failures
from cronmend.use_cases.reconciling.overdue_runs import FoundOverdue, OverdueRuns
from cronmend.use_cases.reconciling.silent_runs import SilentRuns
from tests.fakes import NOW, FakeDefinitions, later
from tests.samples import CLUSTER, COMMAND, JOB, RACE_LOG, definition, stopped
from tests.use_cases.world import World

TASK = "arn:aws:ecs:eu-west-2:111122223333:task/app-prod/a1"


def alive(started: float | None = -180, **changes: object) -> LiveTask:
    """A run of the hourly job; times in minutes from now."""
    task = LiveTask(
        TASK,
        CLUSTER,
        TaskDefinitionRef("webapp", 2),
        "chronos-schedule/publish-scheduled",
        (ContainerOverride("web", COMMAND, {"CRONMEND_JOB": JOB}),),
        created_at=later((started if started is not None else -20) - 1),
        started_at=None if started is None else later(started),
        last_status="PENDING" if started is None else "RUNNING",
    )
    return replace(task, **changes)  # type: ignore[arg-type] # by name


@dataclass
class FakeLiveTasks:
    tasks: Sequence[LiveTask] = ()
    stopped: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False
    complete: bool = True

    def alive(self, cluster_arn: str) -> Alive:
        if self.away:
            raise Retryable("ECS is away")
        return Alive([each for each in self.tasks if each.cluster_arn == cluster_arn], self.complete)

    def stop(self, task: LiveTask, reason: str) -> None:
        self.stopped.append((task.task_arn, reason))


@dataclass
class Site:
    world: World = field(default_factory=World)
    tasks: FakeLiveTasks = field(default_factory=FakeLiveTasks)
    max_runtime: timedelta | None = timedelta(hours=2)
    on_overdue: OnOverdue = OnOverdue.ALERT
    may_stop: bool = True
    silent_after: timedelta | None = None
    last_line: datetime | Missing | None = None
    reads: list[str] = field(default_factory=list)

    def last_event_at(self, place: LogPlace) -> datetime | Missing | None:
        self.reads.append(place.stream)
        return self.last_line

    def check(self, *tasks: LiveTask, at: datetime = NOW) -> FoundOverdue:
        self.tasks.tasks = tasks
        world = self.world
        overdue = OverdueRuns(
            tasks=self.tasks,
            finder=JobFinder(world.known_schedules),
            output=SilentRuns(world.definitions, self),
            failures=Failures(world.ledger, world.ledger, world.situations),
            modes=world.modes,
            policy=lambda job: JobPolicy(
                job, max_runtime=self.max_runtime, silent_after=self.silent_after, on_overdue=self.on_overdue
            ),
            clusters=(CLUSTER,),
            may_stop=self.may_stop,
        )
        return overdue.check(at)


def test_a_run_beyond_its_limit_is_one_alert_with_its_task_and_its_reason() -> None:
    site = Site()
    cause = "it has been running for 3 h, and its max_runtime is 2 h"
    assert site.check(alive()).overdue == [(JOB, cause)]
    site.check(alive(), at=later(5))
    (message,) = site.world.ledger.messages
    assert message.report.headline == f"publish-scheduled is overdue: {cause}"
    assert message.report.what_happens == "Cronmend won't re-run it: it is still running. The schedule continues."
    assert message.report.advice == (
        "Read its log to see what it waits for. To end it, run `aws ecs stop-task --cluster app-prod --task a1`."
    )
    assert [label for label, _ in message.report.links] == ["Task", "Schedule"]
    assert message.report.command == "cronmend why a1"
    assert site.tasks.stopped == []
    assert site.world.incident.category is Category.OVERDUE


def test_a_run_within_its_limit_and_a_task_of_a_service_are_not() -> None:
    site = Site()
    found = site.check(alive(-119), alive(started_by="ecs-svc/1", task_arn=f"{TASK}2"))
    assert found == FoundOverdue(tasks=2)
    assert site.world.ledger.job_states == {}


def test_a_limit_is_learned_from_the_jobs_own_runs() -> None:
    site = Site(max_runtime=None)
    site.world.ledger.job_states[JOB] = JobState(JOB, 1, History(durations=(41, 44, 42, 40, 43)))
    assert site.check(alive(-14)).overdue == []
    ((_, cause),) = site.check(alive(-30)).overdue
    assert cause == "it has been running for 30 min, and its last 5 successful runs took at most 44 s"


def test_a_task_that_does_not_start_has_its_own_sentence() -> None:
    site = Site(on_overdue=OnOverdue.STOP)
    site.check(alive(None))
    (message,) = site.world.ledger.messages
    assert message.report.headline == "publish-scheduled is overdue: it has been PENDING for 21 min and hasn't started"
    assert message.report.what_happens.startswith("No code ran. Cronmend won't re-run it: it is still starting.")
    assert message.report.advice == (
        "Check whether the cluster has capacity, and whether its subnets reach the image's registry. "
        "To end it, run `aws ecs stop-task --cluster app-prod --task a1`."
    )
    assert site.tasks.stopped == []


def test_a_run_that_names_no_job_is_found_by_its_schedule() -> None:
    site = Site()
    unnamed = alive(overrides=(ContainerOverride("web", COMMAND),))
    assert [job for job, _ in site.check(unnamed).overdue] == [JOB]


def test_a_run_of_cronmend_itself_belongs_to_the_job_of_its_attempt() -> None:
    site = Site()
    site.world.finish_deploy()
    site.world.fails()
    (timer, *_) = site.world.timers.of(RerunTimer)
    site.world.due.handle(timer, later(5))
    (attempt,) = site.world.attempts()
    own = alive(started_by=f"cronmend/{attempt.key}", overrides=(ContainerOverride("web", COMMAND),))
    assert [job for job, _ in site.check(own, at=later(6)).overdue] == [JOB]


def test_the_owner_may_have_it_stopped_and_then_the_jobs_policy_decides() -> None:
    site = Site(on_overdue=OnOverdue.STOP)
    assert site.check(alive()).stopped == [TASK]
    ((_, reason),) = site.tasks.stopped
    assert reason == "Cronmend stopped it: it has been running for 3 h, and its max_runtime is 2 h"
    end = stopped("a1", exit_code=137, stop_code="UserInitiated", stopped_reason=reason)
    record = site.world.fails(end, log=(), at=later(1))
    assert (record.category, record.action) == (Category.OVERDUE, "rerun")
    assert (site.world.incident.id, site.world.incident.runs) == ("overdue-a1", 1)
    assert site.world.timers.of(RerunTimer)


def test_a_job_that_is_not_safe_to_repeat_is_stopped_and_not_re_run() -> None:
    site = Site(World(policy=Policy.UNSTARTED), on_overdue=OnOverdue.STOP)
    site.check(alive())
    end = stopped("a1", exit_code=137, stop_code="UserInitiated", stopped_reason=site.tasks.stopped[0][1])
    assert site.world.fails(end, log=(), at=later(1)).action == "alert"


def test_a_stop_that_was_not_made_is_made_by_the_next_check() -> None:
    site = Site(on_overdue=OnOverdue.STOP, may_stop=False)
    site.check(alive())
    assert site.world.ledger.messages[0].report.what_happens == (
        "Cronmend won't re-run it: it is still running, and Cronmend may not stop it "
        "(the stack's parameter StopOverdueRuns is false). The schedule continues."
    )
    site.may_stop = True
    assert site.check(alive(), at=later(5)).stopped == [TASK]


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_only_mode_heal_stops_a_run(mode: Mode) -> None:
    site = Site(on_overdue=OnOverdue.STOP)
    site.world.modes.mode = mode
    assert site.check(alive()).stopped == []
    assert site.world.ledger.messages[0].report.what_happens == (
        "Cronmend won't re-run it: it is still running, and only in mode heal would Cronmend stop it. "
        "The schedule continues."
    )


def test_no_run_is_stopped_by_a_limit_that_is_only_learned_or_if_its_job_is_not_certain() -> None:
    site = Site(max_runtime=None, on_overdue=OnOverdue.STOP)
    site.world.ledger.job_states[JOB] = JobState(JOB, 1, History(durations=(40,) * 5))
    assert site.check(alive()).stopped == []
    site = Site(on_overdue=OnOverdue.STOP)
    site.world.schedules.schedules.clear()
    assert site.check(alive(overrides=(ContainerOverride("web", COMMAND),))).stopped == []


def test_a_later_run_that_succeeded_does_not_hide_one_that_still_hangs() -> None:
    site = Site()
    site.world.succeeds(stopped("b2", exit_code=0, created_at=later(-60), stopped_at=later(-59)), later(-59))
    site.check(alive())
    assert [message.report.kind.value for message in site.world.ledger.messages] == ["alert"]
    site.world.succeeds(stopped("c3", exit_code=0, created_at=later(1), stopped_at=later(2)), later(2))
    assert site.world.incident.state is IncidentState.RECOVERED


@pytest.mark.parametrize("log", [RACE_LOG, ("KeyError: 'title'",)], ids=["held", "alerted"])
def test_a_newer_failure_does_not_hide_a_run_that_still_hangs(log: tuple[str, ...]) -> None:
    """A re-run waits for the run that hangs, so a held alert can't stand for both."""
    site = Site()
    site.world.fails(stopped("b2", created_at=later(-60), stopped_at=later(-1)), log, at=later(-1))
    before, known = site.world.incident, len(site.world.ledger.messages)
    for minutes in (0, 5):
        site.check(alive(), at=later(minutes))
    (message,) = site.world.ledger.messages[known:]
    assert message.report.headline.startswith("publish-scheduled is overdue: it has been running for 3 h")
    after = site.world.incident
    assert (message.incident, after.state, after.planned, after.held_until, after.failed) == (
        *(before.id, before.state, before.planned, before.held_until),
        before.failed,
    )


def test_it_ends_with_the_runs_own_success() -> None:
    site = Site()
    site.check(alive())
    site.world.stopped.handle(stopped("a1", exit_code=0, created_at=later(-181), stopped_at=later(9)), later(9))
    assert site.world.incident.state is IncidentState.RECOVERED


def test_what_cannot_be_read_stops_nothing_else_and_is_reported() -> None:
    site = Site()
    site.tasks.away = True
    assert site.check().failed == [(CLUSTER, "ECS is away")]
    site.tasks.away, site.tasks.complete = False, False
    broken = alive(task_arn=f"{TASK}2", task_definition=None)
    found = site.check(broken, alive())
    assert [what for what, _ in found.failed] == [f"{TASK}2"]
    assert [job for job, _ in found.overdue] == [JOB]
    assert found.unlisted == [CLUSTER]


def quiet(last_line: datetime | Missing | None, **changes: Any) -> Site:
    return Site(max_runtime=None, silent_after=timedelta(minutes=30), last_line=last_line, **changes)


@pytest.mark.parametrize(("last_line", "span"), [(later(-45), "45 min"), (None, "3 h")])
def test_a_run_that_writes_nothing_to_its_log_any_more_is_overdue(last_line: datetime | None, span: str) -> None:
    site = quiet(last_line)
    cause = f"it has written nothing to its log for {span}, and its silent_after is 30 min"
    assert site.check(alive()).overdue == [(JOB, cause)]
    assert (site.world.incident.category, site.world.incident.diagnosis.rule) == (Category.OVERDUE, "overdue.silent")
    assert set(site.reads) == {"web/web/a1"}
    assert len(site.world.told) == 1
    site.check(alive())
    assert len(site.world.told) == 1


class TwoContainers(World):
    @property
    def definitions(self) -> FakeDefinitions:
        known = definition(2)
        logs = {**known.logs, "proxy": LogPlace("/ecs/app-prod", "proxy", "eu-west-2")}
        return FakeDefinitions({"webapp:2": replace(known, logs=logs)})


@pytest.mark.parametrize(
    ("overrides", "read"),
    [
        ((ContainerOverride("web", COMMAND, {}),), ["web/web/a1"]),
        ((ContainerOverride("web", (), {"CRONMEND_JOB": JOB}), ContainerOverride("proxy", (), {})), ["web/web/a1"]),
        ((ContainerOverride("web", COMMAND, {}), ContainerOverride("proxy", (), {"A": "1"})), []),
    ],
)
def test_the_log_is_that_of_the_only_container_that_the_schedule_changes(
    overrides: tuple[ContainerOverride, ...], read: list[str]
) -> None:
    site = quiet(later(-29), world=TwoContainers())
    site.check(alive(overrides=overrides))
    assert site.reads == read


def test_no_log_is_read_of_a_run_that_its_owners_other_limit_has_found() -> None:
    site = Site(silent_after=timedelta(minutes=30), last_line=later(-45))
    ((_, cause),) = site.check(alive()).overdue
    assert cause == "it has been running for 3 h, and its max_runtime is 2 h"
    assert site.reads == []


def test_a_run_that_still_writes_is_not() -> None:
    site = quiet(later(-29))
    assert site.check(alive()).overdue == []
    assert site.reads == ["web/web/a1"]


@pytest.mark.parametrize(
    ("silent_after", "started"), [(None, -180), (timedelta(minutes=30), -29), (timedelta(minutes=30), None)]
)
def test_no_log_is_read_of_a_run_that_may_be_silent_or_is_too_young(
    silent_after: timedelta | None, started: float | None
) -> None:
    site = Site(max_runtime=None, silent_after=silent_after)
    site.check(alive(started, **({"created_at": later(-5)} if started is None else {})))
    assert site.reads == []


def test_a_log_that_cannot_be_read_is_no_silence_and_is_named() -> None:
    site = quiet(Missing("the log doesn't exist"))
    found = site.check(alive())
    assert found.overdue == []
    assert "the log doesn't exist" in found.failed[0][1]


def test_a_silent_run_is_stopped_if_its_owner_wants_it() -> None:
    site = quiet(later(-45), on_overdue=OnOverdue.STOP)
    assert site.check(alive()).stopped == [TASK]


def learned(**changes: Any) -> Site:
    """A silent run that has also taken longer than usual, of a job whose owner set no ``max_runtime``."""
    site = quiet(**{"last_line": later(-45), "on_overdue": OnOverdue.STOP, **changes})
    site.world.ledger.job_states[JOB] = JobState(JOB, 1, History(durations=(40,) * 5))
    return site


def test_a_limit_that_is_only_learned_does_not_hide_that_the_run_is_silent_for_longer_than_its_owner_allows() -> None:
    site = learned()
    found = site.check(alive())
    assert found.stopped == [TASK]
    assert [cause.split(",")[0] for _, cause in found.overdue] == [
        "it has been running for 3 h",
        "it has written nothing to its log for 45 min",
    ]
    assert len(site.world.told) == 1
    assert learned(last_line=later(-29)).check(alive()).stopped == []


def test_a_log_that_cannot_be_read_does_not_hide_that_the_run_takes_longer_than_usual() -> None:
    site = learned(last_line=Missing("the log doesn't exist"))
    found = site.check(alive())
    assert [job for job, _ in found.overdue] == [JOB]
    assert "the log doesn't exist" in found.failed[0][1]
    assert len(site.world.told) == 1


def test_a_container_whose_command_and_environment_stay_is_not_taken_for_the_job() -> None:
    site = quiet(later(-45))
    proxy = ContainerOverride("proxy")
    own = ContainerOverride("web", (), {"CRONMEND_JOB": JOB})
    assert [job for job, _ in site.check(alive(overrides=(proxy, own))).overdue] == [JOB]
    assert set(site.reads) == {"web/web/a1"}
