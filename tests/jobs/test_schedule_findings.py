"""What the schedules themselves show: each kind with a schedule that just isn't one."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.deploys.holds import mark_of, marked
from cronmend.jobs.definitions import Deployed
from cronmend.jobs.definitions import of_schedule as definition_of
from cronmend.jobs.schedule_findings import Intent, of_timetables
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
    return [each.kind for each in of_timetables(timetables, Intent(), NOW)]


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
    (found,) = of_timetables([shown], Intent(), NOW)
    assert (found.kind, found.job) == (kind, "default/report")
    assert found.sentence.endswith(".")
    assert found.remedy.endswith(".")


@pytest.mark.parametrize("case", FINE)
def test_nothing_is_found_about_a_schedule_that_is_fine(case: str) -> None:
    assert kinds(FINE[case]) == []


LONG = "default/publish-scheduled-pages"


def test_two_jobs_whose_runs_look_alike_are_each_found_with_the_other() -> None:
    first, second = (live(job=f"{LONG}-{name}", command=("x",)) for name in ("nl", "de"))
    one, other = of_timetables([timetable(first), timetable(second)], Intent(), NOW)
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


NETWORK = {"awsvpcConfiguration": {"Subnets": ["subnet-1", "subnet-2"]}}


def managed(**changes: Any) -> LiveSchedule:
    known = live(**changes)
    return replace(known, parameters={**known.parameters, "NetworkConfiguration": NETWORK})


def intent(*, enabled: bool = True, follows: bool = False) -> Intent:
    return Intent({"default/report": Deployed(enabled, definition_of(managed()))}, lambda _: follows)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"timezone": "Europe/Paris"}, 'timezone is "Europe/Paris" instead of "Europe/London"'),
        ({"expression": "cron(5 * * * ? *)"}, 'schedule is "cron(5 * * * ? *)" instead of "cron(0 * * * ? *)"'),
        ({"command": ("report", "--all")}, "its command or environment differs"),
        ({"flexible": timedelta(minutes=5)}, 'flexible_window is "5m" instead of "0m"'),
    ],
)
def test_a_schedule_that_was_changed_by_hand_is_found_with_what_was_changed(change: dict[str, Any], what: str) -> None:
    (found,) = of_timetables([timetable(managed(**change))], intent(), NOW)
    assert (found.kind, what in found.sentence) == (FindingKind.CHANGED, True)


def test_a_schedule_as_it_was_deployed_is_not_found_whatever_the_order_of_its_subnets() -> None:
    known = managed()
    swapped = {"awsvpcConfiguration": {"Subnets": ["subnet-2", "subnet-1"], "SecurityGroups": []}}
    same = replace(known, parameters={**known.parameters, "NetworkConfiguration": swapped, "TaskCount": 1})
    for each in (known, same, replace(known, start=NOW, description="by hand")):
        assert of_timetables([timetable(each)], intent(), NOW) == ()


def test_the_revision_of_a_schedule_that_follows_its_service_is_cronmends_own_change() -> None:
    moved = replace(managed(), parameters={**managed().parameters, "TaskDefinitionArn": "webapp:3"})
    assert [each.kind for each in of_timetables([timetable(moved)], intent(), NOW)] == [FindingKind.CHANGED]
    assert of_timetables([timetable(moved)], intent(follows=True), NOW) == ()


def test_a_schedule_that_jobs_toml_disables_is_not_forgotten() -> None:
    off = timetable(managed(enabled=False))
    assert of_timetables([off], intent(enabled=False), NOW) == ()
    assert [each.kind for each in of_timetables([off], intent(), NOW)] == [FindingKind.DISABLED]


def test_a_rule_and_a_row_of_an_earlier_version_have_no_definition_to_compare() -> None:
    known = timetable(managed())
    assert known.target is not None
    for target in (None, replace(known.target, definition=())):
        assert of_timetables([replace(known, target=target)], intent(), NOW) == ()
    assert definition_of(live(job="events-rule/made")) == {}
