"""A run that exits with 0 and whose log isn't as its owner expects is a failed run like any other."""

from dataclasses import dataclass, field

import pytest

from cronmend.errors import Retryable
from cronmend.model import Category, LogPlace
from cronmend.model.expected_logs import NumberInLog, Silence
from cronmend.model.incident import IncidentState
from tests.fakes import NOW, FakeLogs, later
from tests.samples import stopped
from tests.use_cases.world import World, behaving

STREAM = "web/web/b2"


@dataclass
class CountedLogs(FakeLogs):
    reads: list[str] = field(default_factory=list)

    def tail(self, place: LogPlace) -> object:  # type: ignore[override] # as its base
        self.reads.append(place.stream)
        return super().tail(place)


def test_a_run_that_did_nothing_alerts_and_is_not_re_run() -> None:
    world = World(expects={"number": NumberInLog(r"exported (\d+) rows", min=1)})
    world.logs.logs[STREAM] = ("exported 0 rows",)
    record = world.succeeds()
    assert (record.category, record.rule, record.action) == (Category.UNEXPECTED_OUTPUT, "log.number", "alert")
    assert [kind for kind, _ in world.told] == ["alert"]
    assert world.incident.diagnosis.cause == "it exited with 0, but its log reports 0, less than 1"
    assert world.timers.due() == []
    assert world.incident.failed is not None
    assert world.incident.failed.log is not None


def test_the_next_run_with_the_expected_log_closes_the_incident() -> None:
    world = World(expects={"must_contain": ("Done",)})
    world.logs.logs |= {STREAM: ("nothing",), "web/web/c3": ("Done",)}
    world.succeeds()
    at = later(60)
    good = stopped("c3", exit_code=0, created_at=at, stopped_at=at)
    assert world.succeeds(good, at).category is Category.SUCCESS
    assert world.incident.state is IncidentState.RECOVERED


@pytest.mark.parametrize("expects", [{}, {"silence": Silence.OK}])
def test_the_log_of_a_success_is_not_read_if_nothing_is_expected_of_it(expects: dict[str, object]) -> None:
    logs = CountedLogs({STREAM: ("ERROR: nothing done",)})
    world = World(logs=logs, expects=expects)
    assert world.succeeds().category is Category.SUCCESS
    assert logs.reads == []


def test_a_log_that_cannot_be_had_leaves_the_run_a_success_and_says_so() -> None:
    record = World(expects={"must_contain": ("Done",)}).succeeds()
    assert (record.category, record.sentence) == (
        Category.SUCCESS,
        f"The job ended with exit code 0. Its log was not checked: there is no log stream {STREAM}.",
    )


def test_a_log_that_aws_does_not_return_now_is_waited_for() -> None:
    world = World(expects={"must_contain": ("Done",)})

    def away(*_: object) -> None:
        raise Retryable("couldn't read the log")

    behaving(world.logs, whole=away)
    with pytest.raises(Retryable):
        world.succeeds(at=NOW)


def test_a_run_that_failed_is_judged_by_its_error_alone() -> None:
    world = World(expects={"must_contain": ("Done",)})
    assert world.fails().category is Category.DEPLOY_RACE
