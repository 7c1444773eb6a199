"""The ledger: one DynamoDB table, every decision one conditional transaction.

| pk                    | sk                        | item                                                     |
| --------------------- | ------------------------- | -------------------------------------------------------- |
| JOB#<job>             | BOOK                      | the job's state, guarded by its version                  |
| JOB#<job>             | RUN#<stopped at>#<task>   | a run in its job's list; all of it, if it just succeeded |
| JOB#<job>             | INCIDENT#<began at>#<id>  | an incident that is over                                 |
| JOB#<job>             | MESSAGE#<incident>#<what> | a message; inserting it triggers failure_alert           |
| TASK#<task id>        | RUN                       | the record of any other run, written once                |
| JOB#<job>             | TIMER#<name>              | a timer of failure_alert (alert_promises.py)             |
| ATTEMPT#<key>         | ATTEMPT                   | a claimed re-run, and the task that it started           |
| WAITING#<cluster arn> | <family>#<job>            | an open incident whose re-run waits for a deploy         |
| DEPLOY#<cluster arn>  | <family>#<signal>         | a note about a deploy (deploy_notes.py)                  |
| HOLD#<cluster arn>    | <job>                     | a schedule that is held for a deploy (holds.py)          |
| FOLLOW                | <job>                     | a schedule that follows a service (followings.py)        |
| BUDGET                | SLOT#<number>             | when a re-run last used the slot (budget.py)             |
| TALK#…, INCIDENT#…    | …                         | conversations (conversations.py)                         |
| PACE#<channel>        | TURN, <minute>            | when a channel may send next (rate_limits.py)            |
| CHANNELS, …#ACCEPTED  | <channel>, TIMES          | whether a channel still works (channel_health.py)        |
| MUTES                 | <jobs>                    | a mute (mutes.py)                                        |
| SLACK#<signature>     | REQUEST                   | a click that was processed (requests.py)                 |
| CIRCUIT               | STATE                     | until when healing has stopped (circuit.py)              |
| TIMETABLES            | <job>                     | when a schedule starts its job (timetables.py)           |
| FINDINGS              | <job>#<kind>…             | what will need a person (findings.py)                    |
| CHECK                 | SLOTS                     | when all slots were checked last (timetables.py)         |

stored_form.py has the layout of the items, and reads items of earlier versions. Items that promise something are in an
index (due.py), by which ``reconcile`` finds what is overdue.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cronmend.adapters.aws import AWS_ERRORS, CONFIG, our_errors, session, translated
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.budget import HourlyBudget
from cronmend.adapters.ledger.circuit import CIRCUIT
from cronmend.adapters.ledger.due import FORGET, attributes, attributes_of_job
from cronmend.adapters.ledger.items import from_item, key, to_item, to_sparse_item
from cronmend.adapters.ledger.latest_runs import list_key
from cronmend.adapters.ledger.message_items import new_item
from cronmend.adapters.ledger.rows import row, rows, rows_of
from cronmend.adapters.ledger.table import conditional
from cronmend.adapters.ledger.waiting import wait_of
from cronmend.errors import Retryable
from cronmend.healing.due_times import due_of_attempt, due_of_job
from cronmend.model.incident import Attempt, Change, Commit, Found, Incident, JobState, RunRecord
from cronmend.model.timetables import recorded

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_NEW = "attribute_not_exists(pk)"


class DynamoLedger:
    permissions = (
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
    )

    def __init__(self, table: str, life: timedelta, hourly_reruns: int, client: "DynamoDBClient | None" = None) -> None:
        """``life``: how long finished records are kept; ``hourly_reruns``: the limit for all jobs in any hour."""
        self._table = table
        self._life = life
        self._client = client or session().client("dynamodb", config=CONFIG)
        self._budget = HourlyBudget(table, hourly_reruns, self._client)

    def read(self, job: str) -> JobState:
        item = self._get(f"JOB#{job}", "BOOK")
        return from_item(JobState, item["book"]) if item else JobState(job)

    def run(self, task_id: str, job: str = "", stopped_at: datetime | None = None) -> RunRecord | None:
        listed = self._get(f"JOB#{job}", list_key(stopped_at, task_id)) if job and stopped_at else None
        item = listed if listed and "run" in listed else self._get(f"TASK#{task_id}", "RUN")
        return from_item(RunRecord, item["run"]) if item else None

    def attempt(self, key: str) -> Attempt | None:
        item = self._get(f"ATTEMPT#{key}", "ATTEMPT")
        return from_item(Attempt, item["attempt"]) if item else None

    def look_up(
        self,
        job: str = "",
        task_id: str = "",
        attempt: str = "",
        stopped_at: datetime | None = None,
        *,
        circuit: bool = False,
    ) -> Found:
        listed = (f"JOB#{job}", list_key(stopped_at, task_id)) if job and task_id and stopped_at else None
        wanted = {
            "book": (f"JOB#{job}", "BOOK") if job else None,
            "run": listed or ((f"TASK#{task_id}", "RUN") if task_id else None),
            "attempt": (f"ATTEMPT#{attempt}", "ATTEMPT") if attempt else None,
            "until": CIRCUIT if circuit else None,
        }
        # An old state refuses the write, and an unknown success is decided again with the same result.
        places, newest = [each for each in wanted.values() if each], stopped_at is None
        items = rows_of(self._client, self._table, places, f"read {job} {task_id}", newest=newest)
        bodies = {name: items.get(place, {}).get(name) for name, place in wanted.items() if place}
        book, run, claimed, until = (bodies.get(name) for name in wanted)
        known = from_item(RunRecord, run) if run else self.run(task_id) if listed in items else None
        return Found(
            from_item(JobState, book) if book else JobState(job) if job else None,
            known,
            from_item(Attempt, claimed) if claimed else None,
            datetime.fromisoformat(until) if until else None,
        )

    def waiting(self, cluster_arn: str) -> Sequence[Incident]:
        found = rows(self._client, self._table, f"WAITING#{cluster_arn}", "list the waiting re-runs")
        return tuple(from_item(Incident, item["incident"]) for item in found)

    def commit(self, change: Change, now: datetime) -> Commit:
        if claim := change.claim:
            return self._claimed(change, claim, now)
        if change.run and not change.run.incident and not change.messages:
            return self._apart(change.job_state, change.run, now)
        return self._together(change.job_state.job, self._writes(change, now))

    def _apart(self, job_state: JobState, run: RunRecord, now: datetime) -> Commit:
        """What a run writes that concerns no incident, for half the price of a transaction.

        The record comes last. After a crash before it, the next delivery of the event writes the same again.
        """
        if not self._put_if(self._job_state(job_state), f"write the state of {job_state.job}"):
            return Commit.AGAIN
        are_new = [self._put_if(put, f"record run {run.task_id}") for put, _ in self._records(run, now)]
        return Commit.DONE if all(are_new) else Commit.KNOWN

    def _put_if(self, put: dict[str, Any], what: str) -> bool:
        """False if the condition doesn't hold."""
        with conditional(self._client, f"{what} in the ledger") as write:
            self._client.put_item(TableName=self._table, **put)
        return write.is_done

    def _claimed(self, change: Change, claim: Attempt, now: datetime) -> Commit:
        slot = self._budget.free(claim.key, now)
        if slot is None:
            return Commit.KNOWN if self.attempt(claim.key) else Commit.OVER_BUDGET
        use = ("Update", self._budget.use(slot, now), Commit.AGAIN)
        return self._together(change.job_state.job, [*self._writes(change, now), use])

    def _together(self, job: str, writes: Sequence[tuple[str, dict[str, Any], Commit]]) -> Commit:
        try:
            with_token = [{kind: {**body, "TableName": self._table}} for kind, body, _ in writes]
            self._client.transact_write_items(TransactItems=with_token)  # type: ignore[arg-type] # built by kind
        except self._client.exceptions.TransactionCanceledException as error:
            return self._refused(error, [refusal for _, _, refusal in writes])
        except AWS_ERRORS as error:
            raise translated(error, f"write {job} to the ledger") from error
        return Commit.DONE

    def started(self, attempt: Attempt, task_arn: str) -> None:
        with our_errors(f"store the task of attempt {attempt.key} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key(f"ATTEMPT#{attempt.key}", "ATTEMPT"),
                UpdateExpression=f"SET attempt.task_arn = :arn {FORGET}",
                ExpressionAttributeValues={":arn": {"S": task_arn}},
            )

    def _writes(self, change: Change, now: datetime) -> list[tuple[str, dict[str, Any], Commit]]:
        """Each write, with the result of the commit if DynamoDB refuses it."""
        job_state, incident = change.job_state, change.job_state.incident
        writes = [("Put", self._job_state(job_state), Commit.AGAIN)]
        if run := change.run:
            writes += [("Put", put, refusal) for put, refusal in self._records(run, now)]
        if incident and incident != incident.in_brief:
            if not incident.is_open:
                writes.append(("Put", self._over(incident, now), Commit.AGAIN))
            writes += [(*wait, Commit.AGAIN) for wait in wait_of(incident, change.run)]
        for message in change.messages:
            writes.append(("Put", {"Item": new_item(message, now, self._life)}, Commit.AGAIN))
        if claim := change.claim:
            body = {"attempt": to_item(claim), "kind": "attempt", **attributes(due_of_attempt(claim))}
            attempt = self._put(f"ATTEMPT#{claim.key}", "ATTEMPT", now, **body)
            writes.append(("Put", {**attempt, "ConditionExpression": _NEW}, Commit.KNOWN))
        return writes

    def _over(self, incident: Incident, now: datetime) -> dict[str, Any]:
        """An open incident has no item of its own: all of it is in the job's state."""
        sk = f"INCIDENT#{incident.began_at.isoformat()}#{incident.id}"
        return self._put(f"JOB#{incident.job}", sk, now, incident=to_sparse_item(incident), kind="incident")

    def _records(self, run: RunRecord, now: datetime) -> list[tuple[dict[str, Any], Commit]]:
        """Each write with the result of the commit if it is refused. The last one has the whole record."""
        pk, sk, category = f"JOB#{run.job}", list_key(run.stopped_at, run.task_id), run.category.value
        if run.is_listed_only:
            whole = self._put(pk, sk, now, kind="pointer", category=category, run=to_item(run))
            return [({**whole, "ConditionExpression": _NEW}, Commit.KNOWN)]
        started = {"started": to_item(known)} if (known := recorded(run)) else {}
        listed = self._put(pk, sk, now, kind="pointer", category=category, **started)
        record = self._put(f"TASK#{run.task_id}", "RUN", now, run=to_item(run), kind="run")
        return [(listed, Commit.AGAIN), ({**record, "ConditionExpression": _NEW}, Commit.KNOWN)]

    def _job_state(self, job_state: JobState) -> dict[str, Any]:
        """Has no expiry: it is small, and a job's last success is needed later.

        An incident that is over is small, too: every success writes it again, and its own item has all of it.
        """
        written, open_incident = {**to_item(job_state), "version": job_state.version + 1}, job_state.open_incident
        if incident := open_incident or (job_state.incident and job_state.incident.in_brief):
            written["incident"] = to_sparse_item(incident)
        item = {
            "pk": f"JOB#{job_state.job}",
            "sk": "BOOK",
            "kind": "book",
            "version": job_state.version + 1,
            "book": written,
            **attributes_of_job(due_of_job(job_state), open_incident.began_at if open_incident else None),
        }
        if job_state.version == 0:
            return {"Item": stored_form.written(item), "ConditionExpression": _NEW}
        values = {":read": {"N": str(job_state.version)}}
        condition = {"ConditionExpression": "version = :read", "ExpressionAttributeValues": values}
        return {"Item": stored_form.written(item), **condition}

    def _put(self, pk: str, sk: str, now: datetime, **body: object) -> dict[str, Any]:
        expires = int((now + self._life).timestamp())
        return {"Item": stored_form.written({"pk": pk, "sk": sk, "expires_at": expires, **body})}

    def _refused(self, error: ClientError, refusals: Sequence[Commit]) -> Commit:
        """Why the transaction was canceled. KNOWN goes before AGAIN, which would repeat the decision for nothing."""
        raw: Any = error.response
        codes = [str(reason.get("Code", "None")) for reason in raw.get("CancellationReasons", [])]
        refused = {refusal for code, refusal in zip(codes, refusals, strict=False) if code == "ConditionalCheckFailed"}
        for commit in (Commit.KNOWN, Commit.AGAIN):
            if commit in refused:
                return commit
        if "TransactionConflict" in codes:
            return Commit.AGAIN
        raise Retryable(f"the ledger transaction was canceled: {codes}") from error

    def _get(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        return row(self._client, self._table, pk, sk, f"read {pk}")
