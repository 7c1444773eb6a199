"""The emulated account with Cronmend deployed into it: change it, and read what Cronmend recorded and sent."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.rows import of_kind
from cronmend.alerting import render
from cronmend.alerting.conversations import Delivery
from cronmend.deploys import DeployNote
from cronmend.model import Mode
from cronmend.model.incident import Incident, JobState, RunRecord
from cronmend.model.report import Message, MessageKind, Report
from local.account import STACK, LocalAccount
from local.aws import CLUSTER_ARN

GROUP = "cronmend-jobs"
PUBLISH = f"{GROUP}/publish-scheduled"
REPORT = f"{GROUP}/send-report"
PURGE = f"{GROUP}/purge-revisions"
CALENDAR = f"{GROUP}/refresh-calendar"
INDEX = f"{GROUP}/rebuild-index"
CHARGE = f"{GROUP}/charge-tickets"
JOBS = (PUBLISH, REPORT, PURGE, CALENDAR, INDEX, CHARGE)
THREAD = "↳ "
"""Marks a message in a thread."""
WAIT = 300.0
"""Seconds until a wait gives up: long enough for a machine that is many times slower than usual."""
POLL = 0.2
LATEST = 3
DEPLOY_LIMIT = timedelta(minutes=45)
"""The template's default. The demo dates a deploy back instead of waiting: no act depends on how long another took."""
HOURLY = 6
"""Re-runs of all jobs in an hour: as many as the demo makes before the act about the circuit breaker."""
PARAMETERS = {
    "Cluster": "app-prod",
    "DeploySchedules": "true",
    "DeployLimitSeconds": str(DEPLOY_LIMIT.seconds),
    "DeployRecentSeconds": "0",
    "RecheckSeconds": "4",
    "GroupSeconds": "5",
    "HoldSchedules": "listed",
    "MaxRerunsPerHour": str(HOURLY),
}
"""Parameters of the real template, with shorter times and a lower hourly limit than a team would choose."""


class DemoFailed(Exception):
    """Something that should have happened didn't."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it reached people."""

    channel: str
    kind: str
    job: str
    text: str


class Stage:
    """Changes to the account, and reads from it. Every wait has a limit."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self._tables = account.clients.of("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in self._tables}
        self.table = outputs["LedgerTable"]
        self._mode = outputs["ModeParameter"]
        self._task_queue = outputs["TaskStateQueueUrl"]
        self.ledger = DynamoLedger(self.table, timedelta(days=1), 0, account.clients.dynamodb)
        self._holds = DynamoHolds(self.table, account.clients.dynamodb)
        self._outbox = DynamoOutbox(self.table, account.clients.dynamodb)
        self.circuit = DynamoCircuit(self.table, timedelta(days=1), account.clients.dynamodb)
        self._queue = self._subscribed(outputs["AlertTopicArn"])
        self._topic_messages: list[Arrived] = []

    def fire(self, job: str) -> str:
        """Fire a job's schedule; returns the task's ARN."""
        group, name = job.split("/")
        fired = self.account.scheduler.fire(group, name)
        if not fired.tasks:
            raise DemoFailed(f"{job} couldn't be started: {fired.error}")
        return fired.tasks[0]

    def move_slots_away(self) -> None:
        """Let all jobs run half a day from now."""
        self.account.pipeline.move_slots_away(GROUP, datetime.now(UTC))

    def date_hold_back(self, job: str, age: timedelta) -> None:
        """Let the hold of the job's schedule have begun this long ago."""
        hold = self._holds.get(CLUSTER_ARN, job)
        if hold is None or not self._holds.put(replace(hold, since=datetime.now(UTC) - age)):
            raise DemoFailed(f"The hold of {job} changed meanwhile: {hold}.")

    def set_mode(self, mode: Mode) -> None:
        self.account.clients.of("ssm").put_parameter(Name=self._mode, Value=mode.value, Type="String", Overwrite=True)

    def reruns_used(self) -> int:
        """How many of the hour's re-runs for all jobs are used; the demo takes less than an hour."""
        values = {":pk": {"S": "BUDGET"}, ":slot": {"S": "SLOT#"}}
        found = self.account.clients.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :slot)",
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        return found["Count"]

    def record(self, task_arn: str) -> RunRecord:
        """Wait for Cronmend's record of a run."""
        return self.recorded(task_arn.rsplit("/", 1)[-1])

    def recorded(self, key: str) -> RunRecord:
        """Wait for the record with this key: the ID of a task, or that of a failure without a stopped task."""
        return self.until(f"Cronmend has diagnosed {key}", lambda: self.ledger.run(key))

    def reconcile(self) -> None:
        """Invoke the function that runs every five minutes."""
        self.account.clients.functions.invoke(FunctionName=f"{STACK}-reconcile", Payload=b"{}")

    def rerun(self, job: str, attempt: int) -> RunRecord:
        """Wait for the record of a re-run of the job's latest incident."""

        def ended() -> RunRecord | None:
            incident = self.incident(job).id
            return next((r for r in self.runs() if r.incident == incident and r.attempt == attempt), None)

        return self.until(f"run {attempt} of {job} has ended", ended)

    def is_handled(self) -> bool:
        """Whether every event of a task so far has been handled: none is on the bus, and the queue is empty."""
        return self.account.bus.idle(0) and not self.account.waiting(self._task_queue)

    def incident(self, job: str) -> Incident:
        """The job's latest, whole: once it is over, the job's state has it only in brief."""
        latest = self.ledger.read(job).incident
        if latest is None:
            raise DemoFailed(f"{job} has no incident")
        return next(each for each in self.incidents() if each.id == latest.id)

    def job_state(self, job: str) -> JobState:
        return self.ledger.read(job)

    def message(self, incident: Incident, kind: MessageKind) -> list[Arrived]:
        """Wait until every channel has a message of this kind about the incident."""

        def arrived() -> list[Arrived] | None:
            expected = [m for m in self.messages() if m.incident == incident.id and m.report.kind is kind]
            if not expected or not self.is_delivered(expected[0]):
                return None
            return [each for each in self.arrived() if each.kind == kind.value and each.job == incident.job]

        return self.until(f"a message '{kind.value}' about {incident.job} has arrived", arrived)

    def is_delivered(self, message: Message) -> bool:
        deliveries = self.deliveries(message)
        return all(name in deliveries and deliveries[name].is_final for name in ("slack", "sns"))

    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        """By channel."""
        return self._outbox.deliveries(message)

    def until[T](self, what: str, read: Callable[[], T | None]) -> T:
        """The first result that is not None.

        Args:
            what: completes the sentence "waited until …".

        Raises:
            DemoFailed: there was none in time.
        """
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if (seen := read()) is not None:
                return seen
            time.sleep(POLL)
        raise DemoFailed(f"After {WAIT:.0f} seconds it was still not true that {what}.")

    def seen(self) -> str:
        """What the ledger says of each incident and the latest runs, for a failure of the demo."""
        incidents = [
            f"{each.job}: {each.state.value}, planned {each.planned}, held until {each.held_until}"
            for each in self.incidents()
        ]
        runs = [
            f"{run.job}, run {run.attempt} ({run.task_id[:8]}): {run.category.value}, {run.action}, created "
            f"{run.created_at}, deploy {run.window.state.value}: {run.window.reason}"
            for run in self.runs()[-LATEST:]
        ]
        return "\n".join(("Incidents", *incidents, "Latest runs", *runs))

    def arrived(self) -> list[Arrived]:
        """Every message that reached a channel, with that channel's text."""
        self._topic_messages += self._received()
        return [*self._from_slack(), *self._topic_messages]

    def runs(self) -> list[RunRecord]:
        """All runs, in the order of their end."""
        return sorted((from_item(RunRecord, i["run"]) for i in self._items("run")), key=lambda run: run.stopped_at)

    def incidents(self) -> list[Incident]:
        found = (from_item(Incident, item["incident"]) for item in self._items("incident"))
        return sorted(found, key=lambda incident: incident.began_at)

    def deploy_notes(self) -> list[DeployNote]:
        return [from_item(DeployNote, item["note"]) for item in self._items("deploy")]

    def messages(self) -> list[Message]:
        return [from_item(Message, item["message"]) for item in self._items("message")]

    def _from_slack(self) -> Iterator[Arrived]:
        """The Slack stand-in keeps only texts: a message is identified by its headline, a reply also by its thread."""
        messages = self.messages()
        roots: dict[str, str] = {}
        for each in self.account.slack.messages():
            if each.update_of:
                continue
            job = roots.get(each.thread_ts, "")
            known = next(
                (m for m in messages if job in {"", m.job} and each.text == _text(m.report, reply=bool(job))), None
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
        """A queue on the alert topic, which gets what an email address would get."""
        clients = self.account.clients
        queue = clients.sqs.create_queue(QueueName="demo-mailbox")["QueueUrl"]
        arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return queue

    def _items(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return of_kind(self.account.clients.dynamodb, self.table, kind)


def _text(report: Report, *, reply: bool) -> str:
    return str((render.slack_reply if reply else render.slack)(report)["text"])


def deployed(account: LocalAccount, progress: Callable[[str], None]) -> Stage:
    """Deploy Cronmend from the real template, with the Slack stand-in on this machine as its channel."""
    account.deploy({**PARAMETERS, "SlackSecretArn": account.slack_secret()}, progress)
    stage = Stage(account)
    stage.move_slots_away()
    return stage
