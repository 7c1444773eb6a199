"""What the schedules themselves show: each kind with a schedule that just isn't one."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.deploys.holds import mark_of, marked
from cronmend.jobs.schedule_findings import of_timetables
from cronmend.jobs.targets import target_of
from cronmend.jobs.timetables import of_nothing, of_schedule
from cronmend.model import LiveSchedule
from cronmend.model.findings import FindingKind
from cronmend.model.timetables import Listed, Timetable
from tests.fakes import NOW
from tests.samples import schedule

QUEUE = "arn:aws:sqs:eu-west-2:111122223333:dlq"
DAY = timedelta(days=1)


def live(job: str = "default/report", command: tuple[str, ...] = ("report",), **changes: Any) -> LiveSchedule:
    words = ", ".join(f'"{word}"' for word in command)
    override = f'{{"containerOverrides": [{{"name": "web", "command": [{words}]}}]}}'
    known = replace(schedule(2, job=job), target_input=override, dead_letters=QUEUE, expression="cron(0 * * * ? *)")
    return replace(known, **changes)


def timetable(schedule: LiveSchedule, since: datetime = NOW - 8 * DAY) -> Timetable:
    return of_schedule(schedule, Listed(schedule.job, "1"), since)


def kinds(*timetables: Timetable) -> list[FindingKind]:
    return [each.kind for each in of_timetables(timetables, NOW)]


FOUND: dict[str, tuple[FindingKind, Timetable]] = {
    "disabled": (FindingKind.DISABLED, timetable(live(enabled=False))),
    "its end has passed": (FindingKind.EXPIRED, timetable(live(end=NOW - 2 * DAY))),
    "one time that has passed": (FindingKind.EXPIRED, timetable(live(expression="at(2026-05-01T10:00:00)"))),
    "no queue": (FindingKind.NO_DEAD_LETTERS, timetable(live(dead_letters=""))),
    "a migration": (FindingKind.MIGRATES, timetable(live(command=("sh", "-c", "python manage.py migrate && report")))),
}
FINE = {
    "an ordinary one": timetable(live()),
    "disabled yesterday": timetable(live(enabled=False), NOW - DAY),
    "held during a deploy": timetable(live(enabled=False, description=marked("Report", mark_of("1")))),
    "its end is to come": timetable(live(end=NOW + DAY)),
    "its end has just passed": timetable(live(end=NOW - timedelta(hours=1))),
    "one time that is to come": timetable(live(expression="at(2027-05-01T10:00:00)")),
    "a migration that is only listed": timetable(live(command=("python", "manage.py", "migrate", "--plan"))),
    "a rule that reacts to events": timetable(live(job="events-rule/made", expression="", enabled=False)),
    "a rule without a task": of_nothing(Listed("events-rule/none", "1"), NOW - 9 * DAY),
    "a row of an earlier version": replace(timetable(live(dead_letters="")), target=None),
}


@pytest.mark.parametrize("case", FOUND)
def test_each_kind_is_found_alone_and_with_a_remedy(case: str) -> None:
    kind, shown = FOUND[case]
    (found,) = of_timetables([shown], NOW)
    assert (found.kind, found.job) == (kind, "default/report")
    assert found.sentence.endswith(".")
    assert found.remedy.endswith(".")


@pytest.mark.parametrize("case", FINE)
def test_nothing_is_found_about_a_schedule_that_is_fine(case: str) -> None:
    assert kinds(FINE[case]) == []


LONG = "default/publish-scheduled-pages"


def test_two_jobs_whose_runs_look_alike_are_each_found_with_the_other() -> None:
    first, second = (live(job=f"{LONG}-{name}", command=("x",)) for name in ("nl", "de"))
    one, other = of_timetables([timetable(first), timetable(second)], NOW)
    assert (one.kind, other.kind) == (FindingKind.LOOK_ALIKES, FindingKind.LOOK_ALIKES)
    assert (f"{LONG}-de" in one.sentence, f"{LONG}-nl" in other.sentence) == (True, True)


@pytest.mark.parametrize(
    "change",
    [
        {"command": ("y",)},
        {"cluster_arn": "arn:aws:ecs:eu-west-2:111122223333:cluster/other"},
        {"job": "default/another-name"},
    ],
    ids=["command", "cluster", "name"],
)
def test_jobs_that_differ_in_what_their_runs_show_do_not(change: dict[str, Any]) -> None:
    second = live(**({"job": f"{LONG}-de", "command": ("x",)} | change))
    assert kinds(timetable(live(job=f"{LONG}-nl", command=("x",))), timetable(second)) == []


def test_jobs_that_pass_their_ids_do_not() -> None:
    def named(job: str) -> LiveSchedule:
        variable = f'{{"name": "CRONMEND_JOB", "value": "{job}"}}'
        override = f'{{"containerOverrides": [{{"name": "web", "environment": [{variable}]}}]}}'
        return replace(live(job=job), target_input=override)

    assert target_of(named(f"{LONG}-nl")).work == ""
    assert kinds(timetable(named(f"{LONG}-nl")), timetable(named(f"{LONG}-de"))) == []
