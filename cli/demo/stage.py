"""The emulated account with Cronmend deployed into it: change it, and read what Cronmend recorded and sent."""

import time
from collections.abc import Callable, Iterator, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.demo.findings import FindingAges
from cli.demo.mailbox import Arrived, Mailbox
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.rows import of_kind
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.deploys import DeployNote
from cronmend.model import Mode
from cronmend.model.incident import Incident, JobState, RunRecord
from cronmend.model.report import Message, MessageKind
from cronmend.model.wakeups import RerunTimer
from local.account import STACK, LocalAccount
from local.aws import CLUSTER_ARN
from local.patience import PATIENCE

GROUP = "cronmend-jobs"
PUBLISH = f"{GROUP}/publish-scheduled"
REPORT = f"{GROUP}/send-report"
PURGE = f"{GROUP}/purge-revisions"
CALENDAR = f"{GROUP}/refresh-calendar"
INDEX = f"{GROUP}/rebuild-index"
CHARGE = f"{GROUP}/charge-tickets"
JOBS = (PUBLISH, REPORT, PURGE, CALENDAR, INDEX, CHARGE)
POLL = 0.1
CHANNELS = ("slack", "sns")
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
    "RecheckSeconds": "8",
    "GroupSeconds": "10",
    "HoldSchedules": "listed",
    "MaxRerunsPerHour": str(HOURLY),
}
"""Parameters of the real template, with shorter times and a lower hourly limit than a team would choose."""


class DemoFailed(Exception):
    """Something that should have happened didn't."""


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
        self.finding_ages = FindingAges(account, self.table)
        self._mailbox = Mailbox(account, outputs["AlertTopicArn"])

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
        return self.until(f"Cronmend has diagnosed {key}", lambda: self.ledger.run(key) or self._success(key))

    def _success(self, task_id: str) -> RunRecord | None:
        """One that only its job's list has."""
        return next((each for each in self.runs() if each.task_id == task_id), None)

    def run_of(self, job: str, attempt: int) -> RunRecord | None:
        """The record of this run of the job's latest incident; None if it hasn't ended."""
        incident = self.incident(job).id
        return next((r for r in self.runs() if r.incident == incident and r.attempt == attempt), None)

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
        """Wait until every channel has a message of this kind about the incident; returns those about the job."""

        def arrived() -> list[Arrived] | None:
            written = [m for m in self.messages() if m.job == incident.job and m.report.kind is kind]
            if not any(m.incident == incident.id and self.is_delivered(m) for m in written):
                return None
            found = [each for each in self.arrived() if each.kind == kind.value and each.job == incident.job]
            # What a channel has accepted may still be on its way.
            return found if all(self._sent(name, written) <= _count(name, found) for name in CHANNELS) else None

        return self.until(f"a message '{kind.value}' about {incident.job} has arrived", arrived)

    def is_delivered(self, message: Message) -> bool:
        deliveries = self.deliveries(message)
        return all(name in deliveries and deliveries[name].is_final for name in CHANNELS)

    def _sent(self, channel: str, messages: list[Message]) -> int:
        deliveries = [self.deliveries(each).get(channel) for each in messages]
        return sum(each is not None and each.state is DeliveryState.SENT for each in deliveries)

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
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (seen := read()) is not None:
                return seen
            time.sleep(POLL)
        raise DemoFailed(f"After {PATIENCE:.0f} seconds it was still not true that {what}.")

    def until_due[T](self, job: str, what: str, read: Callable[[], T | None]) -> T:
        """As :meth:`until`, but whatever re-run of the job is planned meanwhile is due at once."""

        def read_when_due() -> T | None:
            self._fire_timer(job)
            return read()

        return self.until(what, read_when_due)

    def _fire_timer(self, job: str) -> None:
        """Date back the timer of the job's planned re-run, unless it isn't set yet or has fired."""
        incident = self.incident(job)
        if planned := incident.planned:
            timer = RerunTimer(job, incident.id, planned.attempt, planned.at, planned.rechecks)
            self.account.fire_timers(timer.name)

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
        return self._mailbox.arrived(self.messages())

    def runs(self) -> list[RunRecord]:
        """All runs, in the order of their end."""
        items = (each for kind in ("run", "pointer") for each in self._items(kind) if "run" in each)
        return sorted((from_item(RunRecord, each["run"]) for each in items), key=lambda run: run.stopped_at)

    def incidents(self) -> list[Incident]:
        """The open ones, which only their jobs' states have, are read first: one that ends in between isn't missed."""
        states = [from_item(JobState, item["book"]) for item in self._items("book")]
        over = (from_item(Incident, item["incident"]) for item in self._items("incident"))
        still_open = (each.open_incident for each in states if each.open_incident)
        found = {each.id: each for each in (*over, *still_open)}
        return sorted(found.values(), key=lambda incident: incident.began_at)

    def deploy_notes(self) -> list[DeployNote]:
        return [from_item(DeployNote, item["note"]) for item in self._items("deploy")]

    def messages(self) -> list[Message]:
        return [from_item(Message, item["message"]) for item in self._items("message")]

    def _items(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return of_kind(self.account.clients.dynamodb, self.table, kind)


def _count(channel: str, arrived: list[Arrived]) -> int:
    return sum(each.channel == channel for each in arrived)


def deployed(account: LocalAccount, progress: Callable[[str], None]) -> Stage:
    """Deploy Cronmend from the real template, with the Slack stand-in on this machine as its channel."""
    account.deploy({**PARAMETERS, "SlackSecretArn": account.slack_secret()}, progress)
    stage = Stage(account)
    stage.move_slots_away()
    return stage
