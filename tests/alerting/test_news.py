"""What is sent after an alert, for each change to the incident."""

from copy import replace

import pytest

from cronmend.alerting.news import with_progress
from cronmend.model import Category
from cronmend.model.incident import Attempt, Change, Incident, IncidentState, JobState, PlannedRerun, RunRecord
from cronmend.model.report import Message, MessageKind, Stage
from tests.fakes import NOW, later
from tests.incidents import BROKEN
from tests.samples import JOB

CLAIM = Attempt("key", JOB, BROKEN.id, 2, NOW)
PLANNED = PlannedRerun(2, later(5))
WAITS = replace(BROKEN, planned=PLANNED)
BEFORE = JobState(JOB, 3, incident=BROKEN)


def change(incident: Incident | None, claim: Attempt | None = None, messages: tuple[Message, ...] = ()) -> Change:
    return Change(replace(BEFORE, incident=incident), claim=claim, messages=messages)


CALLED_OFF = replace(BROKEN, no_rerun="another run covers it")
STARTING = replace(BROKEN, starting="key")
RECORD = RunRecord(
    *("c1", JOB, 2, BROKEN.id, Category.CANCELLED, "stopped", "", "A person stopped it", BROKEN.diagnosis.window),
    *("nothing", (), "cronmend/key", "webapp:58", NOW),
)


def cancelled(incident: Incident, attempt: int = 2) -> Change:
    return replace(change(incident), run=replace(RECORD, attempt=attempt))


@pytest.mark.parametrize(
    ("before", "after", "kind", "status"),
    [
        (BROKEN, change(replace(BROKEN, acknowledged_by="ann")), MessageKind.PROGRESS, "acknowledged by ann"),
        (BROKEN, change(replace(BROKEN, runs=2)), MessageKind.REMINDER, "failed 2 times"),
        (BROKEN, change(BROKEN, CLAIM), MessageKind.PROGRESS, "run 2 of 4 started"),
        (
            BROKEN,
            change(BROKEN, replace(CLAIM, by="ann")),
            MessageKind.PROGRESS,
            "run 2 of 4 started, requested by ann",
        ),
        (BROKEN, change(WAITS), MessageKind.PROGRESS, "run 2 of 4 planned for 11:06 UTC"),
        (WAITS, change(BROKEN, CLAIM), MessageKind.PROGRESS, "run 2 of 4 started"),
        (WAITS, change(CALLED_OFF), MessageKind.PROGRESS, "no re-run: another run covers it"),
        (STARTING, change(CALLED_OFF), MessageKind.PROGRESS, "no re-run: another run covers it"),
        (STARTING, cancelled(CALLED_OFF), MessageKind.PROGRESS, "run 2 of 4 was stopped on purpose"),
        (WAITS, cancelled(WAITS), MessageKind.PROGRESS, "run 2 of 4 was stopped on purpose"),
    ],
)
def test_each_change_that_people_follow_has_its_message(
    before: Incident, after: Change, kind: MessageKind, status: str
) -> None:
    (sent,) = with_progress(replace(BEFORE, incident=before), after, NOW).messages
    assert (sent.incident, sent.job, sent.report.kind, sent.report.status) == (BROKEN.id, JOB, kind, status)


@pytest.mark.parametrize(
    ("after", "stage", "happens"),
    [
        (change(replace(BROKEN, acknowledged_by="ann")), Stage.ACKNOWLEDGED, "Acknowledged by ann."),
        (change(BROKEN, CLAIM), Stage.RUNNING, "Run 2 of 4 started."),
        (change(WAITS), Stage.PLANNED, "Run 2 of 4 planned for 11:06 UTC."),
    ],
)
def test_progress_is_one_sentence_and_a_stage_for_programs(after: Change, stage: Stage, happens: str) -> None:
    (sent,) = with_progress(BEFORE, after, NOW).messages
    assert (sent.report.stage, sent.report.what_happens) == (stage, happens)
    assert sent.change == f"progress-1-{NOW:%Y%m%dT%H%M%S.%f}"


def test_a_reminder_is_named_by_the_number_of_runs() -> None:
    (sent,) = with_progress(BEFORE, change(replace(BROKEN, runs=2)), NOW).messages
    assert (sent.report.stage, sent.change) == (Stage.FAILED, f"reminder-2-{NOW:%Y%m%dT%H%M%S.%f}")


TOLD = with_progress(BEFORE, change(BROKEN, CLAIM), NOW).messages


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, change(BROKEN)),
        (BROKEN, change(None)),
        (BROKEN, change(replace(BROKEN, state=IncidentState.RECOVERED))),
        (BROKEN, change(replace(BROKEN, state=IncidentState.RECOVERED, runs=2))),
        (WAITS, change(replace(CALLED_OFF, state=IncidentState.HEALED))),
        (replace(BROKEN, state=IncidentState.HEALING), change(BROKEN, CLAIM)),
        (replace(BROKEN, id="older"), change(BROKEN, CLAIM)),
        (BROKEN, change(BROKEN, CLAIM, TOLD)),
        (BROKEN, change(BROKEN)),
        (WAITS, change(replace(BROKEN, planned=replace(PLANNED, rechecks=1)))),
        (WAITS, change(replace(BROKEN, no_rerun=""))),
        (CALLED_OFF, change(CALLED_OFF)),
        (BROKEN, cancelled(BROKEN, attempt=1)),
        (STARTING, replace(cancelled(STARTING), run=replace(RECORD, category=Category.SUCCESS))),
    ],
    ids=[
        *(
            "the first failure",
            "no incident",
            "a recovery",
            "a late failure",
            "a re-run that healed",
            "an alert that is still held",
            "another incident",
        ),
        *("a change with a message", "no change", "a re-run that still waits", "no reason"),
        *("an earlier reason", "the schedule's own run", "a run that ended"),
    ],
)
def test_nothing_else_is_sent(before: Incident | None, after: Change) -> None:
    assert with_progress(replace(BEFORE, incident=before), after, NOW) == after
