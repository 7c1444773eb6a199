"""What an agent may ask. Each answer is the document of the command of the same name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from cli.board import documents as board_documents
from cli.board import report_forms
from cli.board.app import one_job
from cli.board.reader import BoardReader
from cli.board.report import period_of
from cli.on_call import documents
from cli.on_call.logs import latest, log_of
from cli.on_call.reader import Reader
from cli.on_call.run_log import tail
from cli.on_call.stack import Stack
from cli.on_call.why import known_of
from cronmend.adapters.ledger.items import to_item
from cronmend.board import activity
from cronmend.board.build import Query, build
from cronmend.board.model import State
from cronmend.model import Missing
from cronmend.model.past_runs import KEPT

Document = dict[str, Any]
Job = Annotated[str, Field(description="<group>/<schedule name>, or the name alone.")]
Page = Annotated[int, Field(ge=1, description="Which page, if there are many jobs.")]
Most = Annotated[int, Field(ge=1, le=200, description="How many runs to list.")]
Since = Annotated[str, Field(description=f"The first day: a date, or days such as 7d; at most {KEPT}d.")]
Lines = Annotated[int, Field(ge=1, le=2000, description="At most this many lines, from the end of the log.")]


@dataclass(frozen=True)
class Questions:
    """Read-only."""

    stack: Stack

    def board(self, find: str = "", owner: str = "", state: State | None = None, page: Page = 1) -> Document:
        """Show every job: its state, last runs, next run and success rate; broken jobs first."""
        query = Query(find, owner, state.value if state else "", page)
        return board_documents.of_board(build(BoardReader(self.stack).facts(datetime.now(UTC)), query))

    def job(self, job: Job) -> Document:
        """Show one job, and its latest incident as a story."""
        reader = BoardReader(self.stack)
        found = build(reader.facts(datetime.now(UTC)), Query(job=job))
        records = reader.records(one_job(found, job))
        return {**board_documents.of_board(found), **board_documents.of_records(records, found.now)}

    def incidents(self, closed: bool = False) -> Document:
        """List the open incidents, or with `closed` all on record: which jobs are broken, why, and what is next."""
        reader = Reader(self.stack)
        found = reader.incidents() if closed else reader.open_incidents()
        return {"incidents": [documents.of_incident(each) for each in found]}

    def findings(self) -> Document:
        """List what needs a person although no run has failed, such as a schedule that was left disabled."""
        return {"findings": [documents.of_finding(each) for each in self.stack.findings.read().current]}

    def report(self, since: Since = "30d") -> Document:
        """Report runs, failures, healing and alerts of some days, and what caused the most noise."""
        now = datetime.now(UTC)
        return report_forms.as_document(activity.of(BoardReader(self.stack).past(period_of(since, now), now)))

    def history(self, job: Job, most: Most = 20) -> Document:
        """List a job's latest runs with their diagnoses, the latest first."""
        reader = Reader(self.stack)
        return {"runs": [to_item(each) for each in reader.runs(reader.job(job), most)]}

    def why(
        self,
        task: Annotated[str, Field(description="The ID or ARN of a task, as `history` lists it.")],
        job: Annotated[str, Field(description="Its job, to find a run that succeeded.")] = "",
        log: Annotated[bool, Field(description="Also the end of the run's log.")] = False,
    ) -> Document:
        """Show everything known about a run: evidence, deploy signal, rule, plan, actions, and who was told.

        `log_unread` says why a log that was asked for is absent.
        """
        document, place = known_of(Reader(self.stack), task, job)
        if not log:
            return document
        lines = tail(self.stack, place)
        return {**document, **({"log_unread": lines.reason} if isinstance(lines, Missing) else {"log": list(lines)})}

    def logs(self, job: Job, most: Lines = 200) -> Document:
        """Read the end of the log of a job's latest run."""
        reader = Reader(self.stack)
        name = reader.job(job)
        run, lines = log_of(reader, name, latest(self.stack, name))
        return {"run": run, "log": list(lines[-most:])}
