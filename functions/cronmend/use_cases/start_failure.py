"""Handle a start that EventBridge gave up: say why, and have the job run now if the cause may have passed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cronmend.errors import BadEvent
from cronmend.healing.plan import plan
from cronmend.jobs import identity
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.start_failures import Start, diagnose
from cronmend.model import Identity, LiveSchedule, Missing, TaskDefinitionRef, UnreportedRun
from cronmend.model.incident import RunRecord
from cronmend.model.keys import stable_key
from cronmend.model.start_failures import StartFailure
from cronmend.ports.healing import Schedules, TaskDefinitions
from cronmend.redact import Redactor
from cronmend.use_cases.evidence import scheduled_revision
from cronmend.use_cases.healing.failures import RecordUnreported


def key_of(job: str, slot: datetime) -> str:
    """The key of the record of a slot whose start failed: a slot is recorded once, however often it is reported."""
    return f"never-started-{stable_key(f'{job}/{slot.astimezone(UTC).isoformat()}', 0)}"


@dataclass(frozen=True, slots=True)
class HandleStartFailure:
    schedules: Schedules
    definitions: TaskDefinitions
    recorder: RecordUnreported
    policy: Callable[[str], JobPolicy]
    clusters: tuple[str, ...]
    """The ARNs of the watched clusters."""
    hide: Redactor

    def handle(self, failure: StartFailure, now: datetime) -> RunRecord:
        """The record of the start: written now, or read if it is on record already.

        Raises:
            BadEvent: nothing shows what should have run, or it isn't in a watched cluster.
            Retryable: AWS doesn't answer.
        """
        who = self._identity(failure)
        known = None if isinstance(who.schedule, Missing) else scheduled_revision(who.schedule)
        named = failure.task_definition or (known if isinstance(known, TaskDefinitionRef) else None)
        if named is None:
            raise BadEvent(f"{_what(failure)}: neither its request nor its schedule names a task definition")
        diagnosis = diagnose(failure, self._start(failure, who), now, self.hide)
        run = UnreportedRun(
            key=key_of(who.job, failure.slot),
            cluster_arn=self._cluster(failure, who.schedule),
            task_definition=named,
            created_at=failure.slot,
            slot=f"{failure.slot.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )
        return self.recorder.handle(run, who, diagnosis, now, plan)

    def _identity(self, failure: StartFailure) -> Identity:
        if not failure.rule:
            job = failure.schedule if "/" in failure.schedule else f"default/{failure.schedule}"
            return Identity(job, certain=True, reason="", schedule=self.schedules.get(job))
        named = self.schedules.named(f"{identity.RULE}{failure.rule}", self._cluster(failure, Missing("not read")))
        return _of_rule(failure.rule, named)

    def _cluster(self, failure: StartFailure, schedule: LiveSchedule | Missing) -> str:
        """The ARN of the watched cluster that the request names, by name or ARN, or else the schedule."""
        named = failure.cluster or ("" if isinstance(schedule, Missing) else schedule.cluster_arn)
        name = named.rsplit("/", 1)[-1]
        found = next((arn for arn in self.clusters if named == arn or name == arn.rsplit("/", 1)[-1]), None)
        if found is None:
            raise BadEvent(f"{_what(failure)} was for the cluster {name or 'unknown'}, which Cronmend doesn't watch")
        return found

    def _start(self, failure: StartFailure, who: Identity) -> Start:
        named, live = failure.task_definition, who.schedule
        if named is None:
            return Start()
        return Start(
            named,
            self.definitions.get(str(named)),
            self.definitions.get(named.family),
            live if isinstance(live, Missing) else scheduled_revision(live),
            self.policy(who.job).managed,
        )


def _of_rule(rule: str, named: Sequence[LiveSchedule] | Missing) -> Identity:
    """A dead letter names a rule without its target: it is certain if the rule has one ECS target in the cluster."""
    if isinstance(named, Missing):
        return Identity(f"{identity.RULE}{rule}", certain=False, reason=named.reason, schedule=named)
    own = [each for each in named if each.job.split("/")[1] == rule]
    if len(own) == 1:
        return Identity(own[0].job, certain=True, reason="", schedule=own[0])
    reason = f"the rule {rule} has {len(own)} ECS targets in the cluster"
    return Identity(f"{identity.RULE}{rule}", certain=False, reason=reason, schedule=Missing(reason))


def _what(failure: StartFailure) -> str:
    return f"the start of {failure.schedule or failure.rule}"
