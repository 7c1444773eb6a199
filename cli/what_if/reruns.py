"""What the re-runs of a replay would have come to, as far as the past shows it."""

from collections.abc import Callable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from cli.what_if.ending import End
from cli.what_if.runs import PastRun, with_code
from cli.what_if.world import World, live
from cronmend.diagnosis.steps import diagnose
from cronmend.jobs import identity
from cronmend.jobs.refusal import Refusal
from cronmend.model import DeployWindow, Evidence, Proof, Signal, StoppedTask, WindowState
from cronmend.model.incident import Attempt
from local.memory.ledger import MemoryLedger

_USUAL: Final = timedelta(minutes=1)
"""How long a re-run takes if nothing shows how long the job does."""
_NO_TASK: Final = "no task was started for the same slot, and no later run shows that one could have been"


class Doubt(StrEnum):
    """What a re-run is taken to come to if nothing in the past shows it."""

    FAILS = "fails"
    SUCCEEDS = "succeeds"


@dataclass(frozen=True, slots=True)
class Trust:
    doubt: Doubt = Doubt.FAILS
    migrates_before_rollout: bool = False
    """Whether the user says that the database is migrated when the deployment of a service ends."""


@dataclass
class Reruns:
    """Starts tasks in the replay, in place of ECS."""

    world: World
    ledger: MemoryLedger
    trust: Trust
    ended: Callable[[StoppedTask], None]

    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        key = str(request["startedBy"]).removeprefix(identity.OWN)
        attempt = self.ledger.attempts[key]
        now, following = self.world.clock.now, self.world.next_run(attempt.job, self.world.clock.now)
        task = self._task(attempt, following)
        if task is None:
            return Refusal(_NO_TASK, passes=True)
        cluster = str(request["cluster"]).rpartition("/")[2]
        arn = f"{task.task_arn.rpartition(':task/')[0]}:task/{cluster}/rerun-{key}"
        took = (task.stopped_at - task.started_at) if task.stopped_at and task.started_at else _USUAL
        task = replace(
            task,
            task_arn=arn,
            started_by=str(request["startedBy"]),
            created_at=now,
            started_at=now,
            stopped_at=now + took,
        )
        self._runs(task)
        return arn

    def _runs(self, task: StoppedTask) -> None:
        self.world.active_reruns[task.task_id] = live(task)

        def end() -> None:
            del self.world.active_reruns[task.task_id]
            self.ended(task)

        self.world.clock.at(task.stopped_at or self.world.clock.now, end)

    def _task(self, attempt: Attempt, following: PastRun | None) -> StoppedTask | None:
        """The run that the re-run is like: the next one if it succeeds, else the one that it repeats.

        None if it would have been refused like the start that it repeats.
        """
        failed = self._failed(attempt)
        like = following or failed or next(iter(self.world.of_job.get(attempt.job, ())), None)
        if like and self._succeeds(attempt, following, failed):
            return with_code(like.task, 0)
        if failed is None:
            return None
        self.world.rerun_logs[f"rerun-{attempt.key}"] = self.world.log(failed.task.task_id)
        return failed.task

    def _failed(self, attempt: Attempt) -> PastRun | None:
        """The run that the re-run repeats, if only by way of another re-run; None if no task was started."""
        incident, now = self.ledger.read(attempt.job).incident, self.world.clock.now
        runs = (each for each in reversed(self.world.of_job.get(attempt.job, ())) if each.ending.end is End.FAILED)
        return next((each for each in runs if incident and incident.began_at <= each.start.at <= now), None)

    def _succeeds(self, attempt: Attempt, following: PastRun | None, failed: PastRun | None) -> bool:
        if following and following.ending.end is End.FAILED and self._is_same(attempt, following):
            return False
        if self._is_shown(attempt, following, failed):
            return True
        return self.trust.doubt is Doubt.SUCCEEDS

    def _is_same(self, attempt: Attempt, following: PastRun) -> bool:
        """Whether the next run still lacked what a deploy brings. Then so did any before it; an outage may pass."""
        incident = self.ledger.read(attempt.job).incident
        if incident is None or not incident.diagnosis.waits_for_deploy:
            return False
        log = self.world.log(following.task.task_id)
        then = diagnose(Evidence(following.task, log, DeployWindow(WindowState.UNKNOWN)))
        return then.rule == incident.diagnosis.rule

    def _is_shown(self, attempt: Attempt, following: PastRun | None, failed: PastRun | None) -> bool:
        """The deploy that explains the failure is proved to have ended, and the next run of the same code succeeded.

        Nor has any run of that family failed in between: something else may have been wrong then.
        """
        if following is None or following.ending.end is not End.SUCCEEDED or failed is None:
            return False
        window = attempt.window
        if window is None or following.revision != failed.revision or self.world.has_failure(failed, following):
            return False
        if window.proof is Proof.PROVED:
            return True
        ended = window.state in {WindowState.RECENT, WindowState.CLOSED}
        return self.trust.migrates_before_rollout and ended and window.signal is Signal.SERVICE_DEPLOYMENT
