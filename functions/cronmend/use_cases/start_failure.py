"""Handle a start that failed without a task: say why, and have the job run now if the cause may have passed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from cronmend.errors import BadEvent
from cronmend.healing.plan import plan
from cronmend.jobs import identity, look_alikes
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import slot_of_run
from cronmend.jobs.start_failures import Start, diagnose
from cronmend.model import Diagnosis, Identity, LiveSchedule, Missing, TaskDefinitionRef, UnreportedRun
from cronmend.model.incident import RunRecord
from cronmend.model.keys import stable_key
from cronmend.model.start_failures import RefusedStart, StartFailure
from cronmend.ports.healing import Schedules, TaskDefinitions
from cronmend.redact import Redactor
from cronmend.use_cases.deploy_facts import scheduled_revision
from cronmend.use_cases.evidence import JobFinder
from cronmend.use_cases.healing.failures import RecordUnreported


def key_of(job: str, slot: datetime) -> str:
    """The key of the record of a slot whose start failed: a slot is recorded once, however often it is reported."""
    return f"never-started-{stable_key(f'{job}/{slot.astimezone(UTC).isoformat()}', 0)}"


class HandleStartFailure(Struct, frozen=True):
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
        return self._recorded(failure, who, self._diagnosis(failure, who, now), now)

    def handle_refused(self, refused: RefusedStart, now: datetime) -> RunRecord | None:
        """As :meth:`handle`; None after an error that may pass: a run made now could run beside the next attempt.

        EventBridge takes an answer without an error for a start, so it doesn't try again.
        """
        cluster = self._watched(refused.cluster, refused.started_by)
        run = UnreportedRun(
            key="",
            cluster_arn=cluster,
            task_definition=refused.task_definition,
            created_at=refused.at,
            started_by=refused.started_by,
            overrides=refused.overrides,
        )
        who = JobFinder(self.schedules).find(run, "")
        who = look_alikes.among(run, who, self.recorder.failures.job_states.read(who.job))
        slot = slot_of_run(who.schedule, identity.declared_slot(run), refused.at)
        failure = StartFailure(
            schedule=who.job,
            rule="",
            slot=datetime.fromisoformat(slot) if slot else refused.at,
            code=refused.code or "RunTask",
            message="; ".join(refused.reasons),
            attempts=0,
            cluster=cluster,
            task_definition=refused.task_definition,
            answered=not refused.code,
        )
        diagnosis = self._diagnosis(failure, who, now)
        return None if refused.code and not diagnosis.lasts else self._recorded(failure, who, diagnosis, now)

    def _diagnosis(self, failure: StartFailure, who: Identity, now: datetime) -> Diagnosis:
        return diagnose(failure, self._start(failure, who), now, self.hide)

    def _recorded(self, failure: StartFailure, who: Identity, diagnosis: Diagnosis, now: datetime) -> RunRecord:
        known = None if isinstance(who.schedule, Missing) else scheduled_revision(who.schedule)
        named = failure.task_definition or (known if isinstance(known, TaskDefinitionRef) else None)
        if named is None:
            what = failure.schedule or failure.rule
            raise BadEvent(f"the start of {what}: neither its request nor its schedule names a task definition")
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
        return self._watched(named, failure.schedule or failure.rule)

    def _watched(self, cluster: str, what: str) -> str:
        name = cluster.rsplit("/", 1)[-1]
        found = next((arn for arn in self.clusters if cluster == arn or name == arn.rsplit("/", 1)[-1]), None)
        if found is None:
            raise BadEvent(f"the start of {what} was for the cluster {name or 'unknown'}, which Cronmend doesn't watch")
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
