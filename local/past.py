"""A past for the local account: what is there before an event arrives, so that a function can diagnose it.

Everything is written through the account's APIs, so another process can use this too::

    past = Past.of(Clients(endpoints(running)))
    revision = past.deploy("webapp", Deploy.OPEN)
    past.schedule("samples/publish", revision, ("python", "manage.py", "publish_scheduled"))
    past.log(task_id, ["Traceback (most recent call last):", "ImportError: no module named x"])

Every step can be repeated: it replaces what is there.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.deploys import DeployNote
from cronmend.deploys.holds import Hold
from cronmend.model import History
from cronmend.model.incident import Attempt, Change, Commit, JobState
from local.aws import CLUSTER, CLUSTER_ARN, Clients
from local.fargate import ages
from local.pipeline import CONTAINER, LOG_GROUP, NETWORK, STREAM_PREFIX, container, serving
from local.schedules import update_request

LONG_AGO = timedelta(days=9)
"""A revision or a deployment this old shows nothing about today's deploys."""
MINUTES_AGO = timedelta(minutes=6)
TOO_LONG = timedelta(minutes=50)
"""Longer than a deploy takes: the template's limit is 45 minutes."""
RELEASE = 1
"""The example site's release in an account without the site."""
OVER = "cron(0 11 6 5 ? 2026)"
"""A schedule whose only slot is over, so that no scheduled run comes between a sample and its re-run."""
ROLE = "arn:aws:iam::111122223333:role/scheduler"
WRITTEN = datetime(2026, 5, 6, 11, 0, tzinfo=UTC)
"""The time of all writes to the ledger: re-runs from so long ago don't use this hour's budget."""
_LIFE = timedelta(days=3650)
_HOURLY = 30


class Deploy(StrEnum):
    """The state of a deploy as revisions and services show it, without a signal from any pipeline."""

    OPEN = "open"
    """The service still runs the previous revision, and the new one is minutes old."""
    CLOSED = "closed"
    """The service has been running the same revision for days."""
    STUCK = "stuck"
    """Like ``OPEN``, but for longer than a deploy takes."""
    OLDER = "older"
    """The service has been running a newer revision for days."""


@dataclass(frozen=True, slots=True)
class Past:
    """Args: table: the ledger's."""

    clients: Clients
    table: str

    @classmethod
    def of(cls, clients: Clients) -> Self:
        """The past of an account with Cronmend deployed: the ledger is the only table there."""
        (table,) = clients.dynamodb.list_tables()["TableNames"]
        return cls(clients, table)

    def revision(
        self, family: str, age: timedelta = LONG_AGO, sidecars: Sequence[str] = (), job: str = CONTAINER
    ) -> str:
        """Register the family's next revision; it stays ``age`` old. Returns its ARN.

        Its containers have the image and the variables of the site's service, so that a run that is really started
        works on the site's database.

        Args:
            job: the name of the container that is the job.
        """
        tag, environment = serving(self.clients) or (RELEASE, {})
        containers: Any = [{**container(tag, environment, name), "essential": name == job} for name in (job, *sidecars)]
        answer = self.clients.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="512",
            memory="1024",
            containerDefinitions=containers,
            tags=[ages.tag(age)],
        )
        return answer["taskDefinition"]["taskDefinitionArn"]

    def service(self, name: str, revision: str, age: timedelta = LONG_AGO) -> None:
        """Create a service that has run this revision since its latest deployment, ``age`` ago."""
        ecs = self.clients.ecs
        with contextlib.suppress(ecs.exceptions.ServiceNotFoundException):
            ecs.delete_service(cluster=CLUSTER, service=name, force=True)
        ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=revision,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": NETWORK},
            tags=[ages.tag(age)],
        )

    def deploy(self, family: str, state: Deploy, service: str = "", job: str = CONTAINER) -> str:
        """Register revisions and create a service, by default with the family's name. Returns the ARN of the revision
        that a run uses now."""
        before = self.revision(family, job=job)
        match state:
            case Deploy.CLOSED:
                used = serving = before
            case Deploy.OPEN | Deploy.STUCK:
                age = MINUTES_AGO if state is Deploy.OPEN else TOO_LONG
                used, serving = self.revision(family, age, job=job), before
            case Deploy.OLDER:
                used, serving = before, self.revision(family, job=job)
        self.service(service or family, serving)
        return used

    def schedule(self, job: str, revision: str, command: Sequence[str], expression: str = OVER) -> None:
        """Create the schedule ``<group>/<name>``, which runs ``command`` with this revision (or family)."""
        group, name = job.split("/")
        override = {"name": CONTAINER, "command": list(command)}
        network = {"Subnets": NETWORK["subnets"], "SecurityGroups": NETWORK.get("securityGroups", [])}
        self.put_schedule(
            {
                "Name": name,
                "GroupName": group,
                "ScheduleExpression": expression,
                "ScheduleExpressionTimezone": "UTC",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "State": "ENABLED",
                "Target": {
                    "Arn": CLUSTER_ARN,
                    "RoleArn": ROLE,
                    "Input": json.dumps({"containerOverrides": [override]}),
                    "EcsParameters": {
                        "TaskDefinitionArn": revision,
                        "LaunchType": "FARGATE",
                        "NetworkConfiguration": {"awsvpcConfiguration": network},
                    },
                },
            }
        )

    def put_schedule(self, schedule: Mapping[str, Any]) -> None:
        """Create or replace a schedule, given as GetSchedule answers it."""
        scheduler, asked = self.clients.scheduler, update_request(schedule)
        with contextlib.suppress(scheduler.exceptions.ConflictException):
            scheduler.create_schedule_group(Name=schedule["GroupName"])
        try:
            scheduler.create_schedule(**asked)
        except scheduler.exceptions.ConflictException:
            scheduler.update_schedule(**asked)

    def disable(self, job: str) -> None:
        """Disable a schedule, as a person or a hold would."""
        group, name = job.split("/")
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        self.clients.scheduler.update_schedule(**update_request({**schedule, "State": "DISABLED"}))

    def log(self, task_id: str, lines: Sequence[str], name: str = CONTAINER) -> None:
        """Store what the task's container has written, in place of an earlier log of the same task."""
        logs, stream = self.clients.logs, f"{STREAM_PREFIX}/{name}/{task_id}"
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            logs.delete_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
        logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
        at = int(datetime.now(UTC).timestamp() * 1000)
        if not lines:
            return
        # CloudWatch Logs refuses an empty message.
        logs.put_log_events(
            logGroupName=LOG_GROUP,
            logStreamName=stream,
            logEvents=[{"timestamp": at, "message": line or " "} for line in lines],
        )

    def told(self, note: DeployNote) -> None:
        """Store what a pipeline or a migration task has reported about a deploy."""
        notes = DynamoDeployNotes(self.table, self.clients.dynamodb)
        before = next((each for each in notes.of(note.cluster_arn) if each.row == note.row), None)
        if not notes.write(replace(note, version=before.version if before else 0), datetime.now(UTC)):
            raise RuntimeError(f"another process wrote of {note.words} at the same moment")

    def succeeded(self, job: str, revision: int, at: datetime, seconds: Sequence[int] = (41, 44, 42)) -> None:
        """Store the job's last success, and how long the latest ones took."""
        self.remember(replace(self.known(job), history=History(at, revision, "", tuple(seconds))))

    def known(self, job: str) -> JobState:
        """The ledger's state of a job."""
        return self._ledger.read(job)

    def remember(self, state: JobState, attempt: Attempt | None = None) -> None:
        """Replace the ledger's state of a job, with its incident. No message is sent.

        Args:
            attempt: a re-run of the incident that Cronmend has started.
        """
        change = Change(replace(state, version=self.known(state.job).version), claim=attempt)
        written = self._ledger.commit(change, WRITTEN)
        if written is Commit.KNOWN:
            written = self._ledger.commit(replace(change, claim=None), WRITTEN)
        if written is not Commit.DONE:
            raise RuntimeError(f"the ledger didn't take the past of {state.job}: {written}")

    def held(self, hold: Hold) -> None:
        """Store that Cronmend holds a schedule during a deploy."""
        holds = DynamoHolds(self.table, self.clients.dynamodb)
        before = holds.get(hold.cluster_arn, hold.job)
        if holds.put(replace(hold, version=before.version if before else 0)) is None:
            raise RuntimeError(f"another process wrote the hold of {hold.job} at the same moment")

    def rule(self, name: str, revision: str, command: Sequence[str]) -> None:
        """Create an EventBridge rule that runs ``command`` with this revision."""
        events = self.clients.events
        events.put_rule(Name=name, ScheduleExpression=OVER, State="ENABLED")
        target: Any = {
            "Id": "run",
            "Arn": CLUSTER_ARN,
            "RoleArn": ROLE,
            "Input": json.dumps({"containerOverrides": [{"name": CONTAINER, "command": list(command)}]}),
            "EcsParameters": {
                "TaskDefinitionArn": revision,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": NETWORK["subnets"]}},
            },
        }
        events.put_targets(Rule=name, Targets=[target])

    @property
    def _ledger(self) -> DynamoLedger:
        return DynamoLedger(self.table, _LIFE, _HOURLY, self.clients.dynamodb)
