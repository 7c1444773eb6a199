"""Which jobs the sources of findings examine."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pytest

from cronmend.jobs import run_findings, schedule_findings
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.schedule_findings import FORGOTTEN, Intent
from cronmend.model.findings import FindingKind, Looked
from cronmend.model.incident import JobState
from cronmend.model.mutes import Mute
from cronmend.model.past_runs import RunResult
from cronmend.use_cases.reconciling.run_findings import RunFindings
from cronmend.use_cases.reconciling.schedule_findings import ScheduleFindings
from local.memory.alerting import MemoryMutes
from local.memory.timetables import MemoryTimetables
from tests.fakes import NOW, later
from tests.jobs.test_run_findings import past
from tests.jobs.test_schedule_findings import live, timetable

HOUR = timedelta(hours=1)
OVERLAPS = past([(NOW - (12 - number) * HOUR, RunResult.SUCCEEDED, 70 * 60) for number in range(12)])
FORGOTTEN_JOB, OTHER = "default/report", "default/other"


class States:
    def of(self, jobs: Iterable[str]) -> Mapping[str, JobState]:
        return {job: JobState(job, past=OVERLAPS) for job in jobs}


def look(*mutes: Mute, forgotten_for: timedelta = FORGOTTEN) -> Looked:
    rows = (
        timetable(live(FORGOTTEN_JOB, enabled=False), NOW - forgotten_for),
        timetable(live(OTHER, command=("other",), dead_letters="")),
    )
    planned = MemoryMutes({str(number): each for number, each in enumerate(mutes)})
    return ScheduleFindings(MemoryTimetables({each.job: each for each in rows}), planned, Intent()).look(NOW)


def found(looked: Looked) -> set[tuple[str, FindingKind]]:
    return {(each.job, each.kind) for each in looked.findings}


NO_QUEUE = (OTHER, FindingKind.NO_DEAD_LETTERS)


@pytest.mark.parametrize(
    "mutes",
    [
        (),
        (Mute("default/*", later(60), "ann", since=later(-60)),),
        (Mute("default/o*", later(60), "ann", planned=True, since=later(-60)),),
        (Mute("default/*", later(-1), "ann", planned=True, since=later(-60)),),
    ],
    ids=["none", "not planned", "of another job", "over"],
)
def test_a_disabled_schedule_is_found_unless_a_mute_says_that_no_run_is_expected(mutes: tuple[Mute, ...]) -> None:
    assert found(look(*mutes)) == {(FORGOTTEN_JOB, FindingKind.DISABLED), NO_QUEUE}
    assert look(*mutes).unread == frozenset()


def test_what_is_known_of_a_job_that_is_not_expected_to_run_stays() -> None:
    looked = look(Mute("default/*", later(60), "ann", planned=True, since=later(-60)))
    assert found(looked) == {NO_QUEUE}
    assert looked.unread == {FORGOTTEN_JOB}


def test_a_schedule_counts_as_forgotten_after_a_week() -> None:
    assert found(look(forgotten_for=FORGOTTEN - timedelta(seconds=1))) == {NO_QUEUE}


def test_the_past_of_each_job_that_has_a_schedule_is_examined() -> None:
    row = timetable(live(OTHER))
    source = RunFindings(MemoryTimetables({OTHER: row}), States(), JobPolicy)
    assert found(source.look(NOW)) == {(OTHER, FindingKind.OVERLAPS)}
    assert source.kinds == run_findings.KINDS
    assert RunFindings(MemoryTimetables(), States(), JobPolicy).look(NOW) == Looked()


def test_a_source_finds_its_kinds_only() -> None:
    source = ScheduleFindings(MemoryTimetables(), MemoryMutes(), Intent())
    assert source.kinds == schedule_findings.KINDS
    assert source.look(NOW) == Looked()
