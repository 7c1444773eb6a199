"""The stage of the story: the emulated account with Cronmend deployed into it, and eyes to see what became of it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.rows import of_kind
from cronmend.alerting import render
from cronmend.deploys import DeployNote
from cronmend.model import Mode
from cronmend.model.incident import Incident, JobState, RunRecord
from cronmend.model.report import Message, MessageKind, Report
from local.account import STACK, LocalAccount

GROUP = "cronmend-jobs"
PUBLISH = f"{GROUP}/publish-scheduled"
REPORT = f"{GROUP}/send-report"
PURGE = f"{GROUP}/purge-revisions"
CALENDAR = f"{GROUP}/refresh-calendar"
INDEX = f"{GROUP}/rebuild-index"
CHARGE = f"{GROUP}/charge-tickets"
JOBS = (PUBLISH, REPORT, PURGE, CALENDAR, INDEX, CHARGE)
THREAD = "↳ "
"""Before what stands in a thread."""
WAIT = 60.0
"""Seconds for anything that should follow at once."""
POLL = 0.2
DEPLOY_LIMIT = 25
HOURLY = 6
"""Re-runs of all jobs in an hour: as many as the story makes until its act of the circuit."""
PARAMETERS = {
    "Cluster": "app-prod",
    "DeploySchedules": "true",
    "DeployLimitSeconds": str(DEPLOY_LIMIT),
    "DeployRecentSeconds": "3",
    "RecheckSeconds": "4",
    "AlertDeadlineSeconds": "600",
    "GroupSeconds": "5",
    "HoldSchedules": "listed",
    "MaxRerunsPerHour": str(HOURLY),
}
"""Of the real template; only the times are shorter, and the bound of the hour lower, than a team would choose."""


class StoryWentOtherwise(Exception):
    """Something that should have followed did not."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it reached people."""

    channel: str
    kind: str
    job: str
    text: str


class Stage:
    """What the story does to the account, and what it sees there. Waits are bounded."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self._tables = account.clients.of("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in self._tables}
        self.table = outputs["LedgerTable"]
        self._mode = outputs["ModeParameter"]
        self.ledger = DynamoLedger(self.table, timedelta(days=1), 0, account.clients.dynamodb)
        self._outbox = DynamoOutbox(self.table, account.clients.dynamodb)
        self.circuit = DynamoCircuit(self.table, timedelta(days=1), account.clients.dynamodb)
        self._queue = self._subscribed(outputs["AlertTopicArn"])
        self._topic_messages: list[Arrived] = []

    def fire(self, job: str) -> str:
        """The hour strikes for a job; answers the task's ARN."""
        group, name = job.split("/")
        fired = self.account.scheduler.fire(group, name)
        if not fired.tasks:
            raise StoryWentOtherwise(f"{job} could not be started: {fired.error}")
        return fired.tasks[0]

    def set_mode(self, mode: Mode) -> None:
        self.account.clients.of("ssm").put_parameter(Name=self._mode, Value=mode.value, Type="String", Overwrite=True)

    def spent(self) -> int:
        """How much of the hour's bound over all jobs is used up; the whole story takes less than an hour."""
        asked = {":pk": {"S": "BUDGET"}, ":slot": {"S": "SLOT#"}}
        found = self.account.clients.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :slot)",
            ExpressionAttributeValues=asked,
            ConsistentRead=True,
        )
        return found["Count"]

    def record(self, task_arn: str) -> RunRecord:
        """What Cronmend wrote of a run, as soon as it has."""
        return self.until(f"Cronmend judges {task_arn}", lambda: self.ledger.run(task_arn.rsplit("/", 1)[-1]))

    def rerun(self, job: str, attempt: int, seconds: float = WAIT) -> RunRecord:
        """The record of a re-run of the job's latest incident, as soon as it has ended."""

        def ended() -> RunRecord | None:
            incident = self.incident(job).id
            return next((r for r in self.runs() if r.incident == incident and r.attempt == attempt), None)

        return self.until(f"re-run {attempt} of {job} ends", ended, seconds)

    def incident(self, job: str) -> Incident:
        incident = self.ledger.read(job).incident
        if incident is None:
            raise StoryWentOtherwise(f"{job} has no incident")
        return incident

    def job_state(self, job: str) -> JobState:
        return self.ledger.read(job)

    def message(self, incident: Incident, kind: MessageKind, seconds: float = WAIT) -> list[Arrived]:
        """A message of this kind about the incident, once every channel has it."""

        def arrived() -> list[Arrived] | None:
            expected = [m for m in self.messages() if m.incident == incident.id and m.report.kind is kind]
            if not expected or not self._is_told(expected[0]):
                return None
            return [each for each in self.arrived() if each.kind == kind.value and each.job == incident.job]

        return self.until(f"a message '{kind.value}' about {incident.job} arrives", arrived, seconds)

    def _is_told(self, message: Message) -> bool:
        told = self._outbox.deliveries(message)
        return all(name in told and told[name].is_final for name in ("slack", "sns"))

    def until[T](self, what: str, look: Callable[[], T | None], seconds: float = WAIT) -> T:
        """The first answer that is not None.

        Raises:
            StoryWentOtherwise: there was none in time.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (seen := look()) is not None:
                return seen
            time.sleep(POLL)
        raise StoryWentOtherwise(f"waited {seconds:.0f} seconds in vain until {what}")

    def arrived(self) -> list[Arrived]:
        """Every message that reached people, in each channel's own words."""
        self._topic_messages += self._received()
        return [*self._from_slack(), *self._topic_messages]

    def runs(self) -> list[RunRecord]:
        """All runs in the order in which they ended."""
        return sorted((from_item(RunRecord, i["run"]) for i in self._items("run")), key=lambda run: run.stopped_at)

    def incidents(self) -> list[Incident]:
        found = (from_item(Incident, item["incident"]) for item in self._items("incident"))
        return sorted(found, key=lambda incident: incident.began_at)

    def deploy_notes(self) -> list[DeployNote]:
        return [from_item(DeployNote, item["note"]) for item in self._items("deploy")]

    def messages(self) -> list[Message]:
        return [from_item(Message, item["message"]) for item in self._items("message")]

    def _from_slack(self) -> Iterator[Arrived]:
        """Slack keeps only texts: a message is known by its headline, an answer by its thread as well."""
        messages = self.messages()
        roots: dict[str, str] = {}
        for each in self.account.slack.messages():
            if each.update_of:
                continue
            job = roots.get(each.thread_ts, "")
            known = next(
                (m for m in messages if job in {"", m.job} and each.text == _text(m.report, answers=bool(job))), None
            )
            roots[each.ts] = known.job if known else ""
            kind, job = (known.report.kind.value, known.job) if known else ("unknown", "")
            yield Arrived("slack", kind, job, f"{THREAD if each.thread_ts else ''}{each.text}")

    def _received(self) -> Iterator[Arrived]:
        sqs = self.account.clients.sqs
        for raw in sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            report = json.loads(json.loads(raw["Body"])["Message"])
            sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=raw["ReceiptHandle"])
            yield Arrived("sns", report["kind"], report["job"], report["headline"])

    def _subscribed(self, topic: str) -> str:
        """A queue on the alert topic: what an e-mail address would get."""
        clients = self.account.clients
        queue = clients.sqs.create_queue(QueueName="demo-mailbox")["QueueUrl"]
        arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return queue

    def _items(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return of_kind(self.account.clients.dynamodb, self.table, kind)


def _text(report: Report, *, answers: bool) -> str:
    return str((render.slack_reply if answers else render.slack)(report)["text"])


def deployed(account: LocalAccount, progress: Callable[[str], None]) -> Stage:
    """Cronmend from the real template, alerting to the receiver for Slack on this machine."""
    account.deploy({**PARAMETERS, "SlackSecretArn": account.slack_secret()}, progress)
    _keep_the_hour_away(account)
    return Stage(account)


def _keep_the_hour_away(account: LocalAccount) -> None:
    """No re-run is made where the next slot is near: the real hour would change the story that is played across it."""
    group, name = PUBLISH.split("/")
    far = datetime.now(UTC) + timedelta(minutes=30)
    account.pipeline.reschedule(group, name, f"cron({far.minute} * * * ? *)")
