"""The checker finds each kind of broken promise, is small, and shares no code with what it checks."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from simulation import checker, checks_of_reruns, checks_of_schedules, checks_of_starts, sight
from simulation.checker import check

JOB = "group/job"
OTHER = "ambiguous/1f/job"
END = 90_000.0
MODULES = (checker, checks_of_reruns, checks_of_schedules, checks_of_starts, sight)
MOST_LINES = {(checker, checks_of_reruns, checks_of_schedules, checks_of_starts): 400, (sight,): 150}
type Entries = Sequence[dict[str, Any]]


def entry(at: float, what: str, **facts: object) -> dict[str, Any]:
    return {"at": at, "what": what, **facts}


def started(task: str, at: float, by: str = "cronmend", **facts: object) -> dict[str, Any]:
    return entry(at, "started", task=task, job=JOB, by=by, **{"started_by": task, "attempt": "a", **facts})


def ended(task: str, at: float, cause: str = "success", *, recorded: bool = True, **facts: object) -> Entries:
    how = {"cause": cause, "passes": True, "ran": True, "known": True, "delivered": True, **facts}
    record = [entry(at + 1, "recorded", task=task, job=JOB)] if recorded else []
    return [entry(at, "stopped", task=task, job=JOB, **how), *record]


def told(at: float, channel: str = "sns", text: str = "") -> dict[str, Any]:
    facts = {"kind": "alert", "stage": "failed", "jobs": [JOB], "incident": "a", "text": text}
    return entry(at, "seen", channel=channel, **facts)


def schedule(at: float, enabled: bool, by: str = "people", target: str = "web:1") -> dict[str, Any]:
    return entry(at, "schedule", job=JOB, by=by, state={"enabled": enabled, "target": {"TaskDefinitionArn": target}})


def failure(**facts: Any) -> Entries:
    """A run that failed and was reported in time."""
    return [started("a", 100, "schedule", slot=90, attempt=""), *ended("a", 200, "bug", **facts), told(300)]


def rerun(at: float = 1000, **facts: Any) -> Entries:
    return [started("r", at, **facts), *ended("r", at + 60)]


def many(number: int, every: float, **facts: Any) -> Entries:
    return [each for n in range(number) for each in _one(f"r{n}", 1000 + n * every, facts)]


def _one(task: str, at: float, facts: dict[str, Any]) -> Entries:
    return [started(task, at, **facts), *ended(task, at + 1, "bug")]


def _failed_rerun() -> Entries:
    return [started("b", 1000), *ended("b", 1060, "bug", maybe="deploy")]


def refused() -> Entries:
    """A start whose message came into the dead-letter queue."""
    return [started("s", 100, "refused", slot=90, attempt=""), *ended("s", 100, "refused", recorded=False), *letter()]


def letter() -> Entries:
    return [entry(100, "refused", task="s", job=JOB, about="refused/1/")]


def hangs() -> Entries:
    """A run that may take 1,800 seconds, and doesn't end."""
    return [started("h", 90, "schedule", attempt=""), entry(100, "running", task="h")]


def overdue(found: float = 2000, *, stopped: float = 2001) -> Entries:
    record = [entry(found, "recorded", task="overdue-h", job=JOB), told(found + 1)]
    return [*hangs(), *record, *ended("h", stopped, "too_long")]


def moved(early: str = "") -> Entries:
    """A schedule that Cronmend moved to the second revision, and people who were told so."""
    return [schedule(10, True), entry(20, "moved", job=JOB, revision=2, early=early), entry(21, "told", jobs=[JOB])]


def served(revision: int) -> dict[str, Any]:
    return entry(15, "service", revision=revision, rolling=False)


def flaw(since: float, until: float = 10_000) -> dict[str, Any]:
    return entry(until, "flaw", job=JOB, kind="no_dead_letters", since=since, sure=True)


def finding(at: float) -> Entries:
    """A message about it."""
    said = {"kind": "finding", "incident": "finding-no_dead_letters", "jobs": [JOB], "text": "job: no queue"}
    return [entry(at, "wrote", job=JOB, **said), entry(at + 1, "seen", channel="sns", stage="found", **said)]


SLOT = {"job": JOB, "flexible": 0.0, "grace": 300.0}
BROKEN: dict[str, tuple[str, Entries]] = {
    "not recorded": ("safe", [started("a", 100, "schedule"), *ended("a", 200, "bug", recorded=False)]),
    "never notified": ("safe", [started("a", 100, "schedule"), *ended("a", 200, "bug")]),
    "notified late": ("safe", [started("a", 100, "schedule"), *ended("a", 200, "bug"), told(9000)]),
    "one channel": ("safe", [*failure()[:-1], told(300, "slack")]),
    "secret seen": ("safe", [told(300, text="password=hunter2")]),
    "ambiguous ended": ("safe", [entry(300, "wrote", kind="recovered", job=OTHER, incident="a")]),
    "false ending": ("safe", [*failure(), entry(400, "wrote", kind="recovered", job=JOB, incident="a")]),
    "broken again": (
        "safe",
        [
            *failure(),
            entry(201, "wrote", kind="alert", job=JOB, incident="a"),
            {**told(500), "kind": "recovered", "stage": "recovered"},
        ],
    ),
    "not as it was": ("safe", [schedule(10, True), schedule(20, False, "cronmend")]),
    "held long": ("safe", [schedule(10, True), schedule(20, False, "cronmend"), schedule(50_000, True, "cronmend")]),
    "storm": ("safe", [entry(500 + n, "failed", function="rerun", about=JOB) for n in range(301)]),
    "attempt twice": ("safe", [*failure(), *many(2, 600, started_by="token")]),
    "unasked": ("safe", rerun(attempt="")),
    "policy never": ("never", [*failure(), *rerun()]),
    "policy unstarted": ("unstarted", [*failure(), *rerun()]),
    "beside schedule": ("safe", [*failure(), started("b", 900, "schedule"), *rerun(), *ended("b", 2000)]),
    "slot pending": ("safe", [*failure(), *rerun(), started("b", 1100, "schedule", slot=990), *ended("b", 1200)]),
    "disabled": ("safe", [schedule(10, False), *failure(), *rerun()]),
    "slot too old": ("safe", [*failure(), *rerun(20_000)]),
    "hour": ("safe", [*failure(), *many(31, 60)]),
    "day": ("safe", [*failure(), *many(13, 4000)]),
    "incident": ("safe", [*failure(), *many(7, 100)]),
    "mode": ("safe", [*failure(), entry(400, "mode", mode="off"), *rerun()]),
    "unknown": ("safe", [*failure(known=False), *rerun()]),
    "tried again": ("safe", [*failure(maybe="deploy"), *_failed_rerun(), *rerun(2000)]),
    "not found": ("safe", [schedule(10, True), entry(420, "unmet", slot=360, **SLOT)]),
    "false alarm": (
        "safe",
        [
            *(started("a", 100, "schedule", slot=60, attempt=""), *ended("a", 200)),
            entry(600, "missed", slots=[60], **SLOT),
        ],
    ),
    "start not found": ("safe", [*refused(), told(300)]),
    "overdue not found": ("safe", hangs()),
    "not stopped": ("safe", [*hangs(), entry(2000, "recorded", task="overdue-h", job=JOB), told(2001)]),
    "not overdue": ("safe", [*hangs(), entry(1899, "recorded", task="overdue-h", job=JOB), told(1900)]),
    "overdue not told": ("safe", [*hangs(), entry(2000, "recorded", task="overdue-h", job=JOB)]),
    "stopped early": ("safe", [*hangs(), *ended("h", 1899, "too_long")]),
    "wrong record": ("safe", [*failure(recorded=False), entry(201, "recorded", task="a", job=JOB, ok=True)]),
    "moved early": ("safe", [*moved(early="isn't served"), served(1)]),
    "moves told": ("safe", [*moved(), served(2), entry(30, "told", jobs=[JOB])]),
    "left moved": ("safe", [*moved(), served(1)]),
    "not true": ("safe", [schedule(10, True), *finding(20_000)]),
    "told twice": ("safe", [*finding(5000), *finding(9000), flaw(100)]),
    "not told": ("safe", [flaw(100)]),
    "not delivered": ("safe", [*finding(5000)[:1], flaw(100)]),
    "target": ("safe", [schedule(10, True), *failure(), *rerun(target={"taskDefinition": "web:9"})]),
}


def kinds(policy: str, entries: Entries) -> set[str]:
    job = {"kept": "job", "attempts": 3, "deadline": 3600.0, "stale": 7200.0, "channels": ["sns"]}
    job |= {"max_runtime": 1800.0, "silent_after": 1200.0, "stops": True}
    world = [entry(0, "job", job=JOB, policy=policy, **job), *entries, entry(END, "end")]
    return {each.kind for each in check(sorted(world, key=lambda each: float(each["at"])))}


@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_of_broken_promise_is_found(kind: str) -> None:
    assert kind in kinds(*BROKEN[kind])


def test_what_was_kept_is_no_violation() -> None:
    assert kinds("safe", [schedule(10, True), *failure(), *rerun(target={"taskDefinition": "web:1"})]) == set()


def test_a_failure_that_a_deploy_may_explain_is_repeated_once_if_there_is_one() -> None:
    assert kinds("safe", [*failure(maybe="deploy"), *_failed_rerun()]) == set()
    assert kinds("safe", [*failure(maybe="alone"), *rerun()]) == {"unknown"}


def test_a_slot_without_a_run_that_is_reported_in_time_is_no_violation() -> None:
    unmet = [schedule(10, True), entry(420, "unmet", slot=360, **SLOT)]
    for found, kept in ((1320, True), (1321, False)):
        assert (kinds("safe", [*unmet, *noted(found)]) == set()) is kept
        assert (kinds("safe", [*unmet, entry(found, "noted", job=JOB, slot=360)]) == set()) is kept


def noted(at: float) -> Entries:
    return [entry(at, "missed", slots=[360], **SLOT)]


def lost(*checks: int) -> Entries:
    return [entry(300.0 * each + 2, "failed", function="reconcile", about=f"tick-{each}/1") for each in checks]


@pytest.mark.parametrize(
    ("checks", "latest"),
    [
        ((), 1320),
        ((4,), 1620),
        ((2, 3, 4), 2220),
        ((5,), 1320),
        ((2, 3, 5, 6), 2520),
        ((2, 3, 4, 5), 6002),
        ((2, 3, 4, 5, 9), 6302),
    ],
)
def test_each_lost_check_is_made_up_for_by_the_next_and_only_four_in_a_row_are_an_outage(
    checks: tuple[int, ...], latest: float
) -> None:
    unmet = [schedule(10, True), entry(420, "unmet", slot=360, **SLOT), *lost(*checks)]
    assert kinds("safe", [*unmet, *noted(latest)]) == set()
    assert kinds("safe", [*unmet, *noted(latest + 1)]) == {"not found"}


def test_the_length_of_an_outage_counts_by_the_checks_that_it_lost() -> None:
    unmet = [schedule(10, True), entry(420, "unmet", slot=360, **SLOT), *lost(*range(2, 40))]
    assert kinds("safe", [*unmet, *noted(39 * 300 + 2 + 4500)]) == set()
    assert kinds("safe", [*unmet, *noted(39 * 300 + 3 + 4500)]) == {"not found"}


def test_a_slot_waits_for_those_before_an_outage_ended() -> None:
    """Slots are reported in order."""
    unmet = [schedule(10, True), entry(2000, "unmet", slot=1980, **SLOT), *lost(2, 3, 4, 5)]
    assert kinds("safe", [*unmet, entry(6002, "missed", slots=[1980], **SLOT)]) == set()
    assert kinds("safe", [*unmet, entry(6003, "missed", slots=[1980], **SLOT)]) == {"not found"}


def test_a_slot_before_the_first_check_that_was_not_lost_does_not_count() -> None:
    unmet = [schedule(10, True), entry(420, "unmet", slot=360, **SLOT)]
    assert kinds("safe", [*unmet, *lost(1)]) == set()
    assert kinds("safe", [*unmet, *lost(2)]) == {"not found"}


def test_a_slot_counts_only_if_its_schedule_was_left_alone_and_nobody_ran_the_job() -> None:
    unmet = [schedule(10, True), entry(420, "unmet", slot=360, **SLOT)]
    held = [schedule(320, False, "cronmend"), schedule(350, True, "cronmend")]
    for other in ([schedule(400, False)], held, [started("h", 400, "hand", attempt=""), *ended("h", 500)]):
        assert kinds("safe", [*unmet, *other]) == set()


@pytest.mark.parametrize(("at", "found"), [(199, {"unknown"}), (200.5, set()), (202, {"unknown"})])
def test_a_deploy_between_a_failure_and_its_record_may_explain_a_rerun(at: float, found: set[str]) -> None:
    """The event came late: by then the schedule has other code. A later one is no reason, nor is one long over."""
    deploy = entry(at, "deploy", name="deploy/0", revision=2, step="schedules")
    assert kinds("safe", [*failure(maybe="alone"), deploy, *rerun()]) == found


def test_every_kind_that_the_checker_knows_has_an_example() -> None:
    source = "".join(Path(str(each.__file__)).read_text() for each in MODULES)
    named = re.findall(r'(?:Violation\(|_broken\()\s*\d+, f?"([^"{]+)', source)
    assert {name.strip() for name in named} == {"beside" if kind.startswith("beside") else kind for kind in BROKEN}


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    for module in MODULES:
        names = set[str]()
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
            if isinstance(node, ast.ImportFrom):
                names.add(str(node.module))
            elif isinstance(node, ast.Import):
                names |= {each.name for each in node.names}
        own = {f"simulation.{str(each.__name__).rsplit('.', 1)[-1]}" for each in MODULES}
        assert names <= {"collections", "collections.abc", "dataclasses", "typing", "simulation", *own}


def test_the_checker_is_small_enough_to_be_read_whole() -> None:
    assert {each for modules in MOST_LINES for each in modules} == set(MODULES)
    for modules, most in MOST_LINES.items():
        text = "".join(Path(str(each.__file__)).read_text() for each in modules)
        assert sum(bool(line.strip()) for line in text.splitlines()) <= most


def test_a_refused_start_that_is_recorded_and_reported_is_no_violation() -> None:
    assert kinds("safe", [*refused(), entry(280, "recorded", task="s", job=JOB), told(281)]) == set()
    assert kinds("safe", [*refused(), entry(281, "recorded", task="s", job=JOB), told(281)]) == {"start not found"}


def test_each_try_of_a_refused_start_that_failed_adds_the_queues_delay() -> None:
    tries = [entry(150 + number, "killed", function="start_failed", about=f"refused/1//{number}") for number in (1, 2)]
    for late, kept in ((685, True), (686, False)):
        entries = [*refused(), *tries, entry(late, "recorded", task="s", job=JOB), told(late)]
        assert (kinds("safe", entries) == set()) is kept


@pytest.mark.parametrize(("found", "kept"), [(1900, True), (2500, True), (2501, False)])
def test_a_run_that_hangs_is_found_and_stopped_within_ten_minutes_of_its_limit(found: float, kept: bool) -> None:
    assert (kinds("safe", overdue(found, stopped=found)) == set()) is kept


def test_a_check_that_left_the_run_out_is_made_up_for_by_the_next() -> None:
    left_out = entry(2400, "unwatched", about="h", error="")
    assert kinds("safe", [*overdue(2800, stopped=2800), left_out]) == set()
    assert kinds("safe", [*overdue(2801, stopped=2801), left_out]) == {"overdue not found", "not stopped"}


def test_nothing_is_stopped_while_healing_is_off() -> None:
    alive = [*hangs(), entry(2000, "recorded", task="overdue-h", job=JOB), told(2001)]
    assert kinds("safe", alive) == {"not stopped"}
    assert kinds("safe", [entry(50, "mode", mode="shadow"), *alive]) == set()


def test_a_run_that_has_not_started_is_found_and_not_stopped() -> None:
    stuck = [started("h", 100, "schedule", attempt=""), entry(50_000, "running", task="h"), *ended("h", 50_060)]
    record = [entry(1600, "recorded", task="overdue-h", job=JOB), told(1601)]
    assert kinds("safe", [*stuck, *record]) == set()
    assert kinds("safe", stuck) == {"overdue not found"}


def test_a_run_whose_log_could_not_be_read_counts_as_what_its_record_shows() -> None:
    """No one can know that it did nothing."""
    idle = [started("a", 100, "schedule", attempt=""), *ended("a", 200, "idle", recorded=False)]
    for ok, blind, found in ((True, True, set()), (True, False, {"wrong record"}), (False, True, set())):
        record = entry(201, "recorded", task="a", job=JOB, ok=ok, blind=blind)
        assert kinds("safe", [*idle, record, told(300)]) == found


def test_a_run_that_hangs_is_stopped_by_its_owners_limit_on_its_silence() -> None:
    """1,200 seconds after its last line, which it wrote at 300."""
    silent = entry(300, "silent", task="h")
    for stopped, kept in ((1499, False), (1500, True), (1501, True)):
        entries = [*overdue(stopped, stopped=stopped), silent]
        assert (kinds("safe", entries) == set()) is kept


def test_a_finding_counts_as_long_as_a_check_may_know_of_it() -> None:
    known = schedule(10, True)
    for at, found in ((10_480, set()), (10_481, {"not true"})):
        assert kinds("safe", [known, *finding(at), flaw(9000)]) == found
    for end, found in ((7900, set()), (7901, {"not told"})):
        assert kinds("safe", [known, flaw(100, end)]) == found


def test_a_schedule_that_was_moved_changes_in_nothing_else() -> None:
    states = [schedule(10, True), schedule(20, True, "follow", "web:2")]
    assert kinds("safe", states) == set()
    assert kinds("safe", [*states, schedule(30, False, "follow", "web:3")]) == {"not as it was"}


def test_a_move_after_a_rollback_is_undone_two_hours_before_the_end_at_the_latest() -> None:
    back = entry(END - 7201, "service", revision=1, rolling=False)
    assert kinds("safe", [*moved(), back]) == {"left moved"}
    assert kinds("safe", [*moved(), {**back, "at": END - 7200}]) == set()
    assert kinds("safe", [*moved(), back, entry(END - 10_000, "mode", mode="off")]) == set()


def test_who_knows_that_a_run_is_overdue_knows_that_it_failed_when_it_is_stopped_later() -> None:
    entries = [*hangs(), entry(2000, "recorded", task="overdue-h", job=JOB), told(2001), *ended("h", 6000, "too_long")]
    assert kinds("safe", [*entries, entry(50, "mode", mode="off"), entry(5900, "mode", mode="heal")]) == set()


def test_a_task_that_succeeds_long_after_the_others_of_its_call_ends_nothing_before() -> None:
    """People knew before it started that the job is broken, and its sibling's success doesn't change that."""
    before = [started("a", 10, "schedule", attempt=""), *ended("a", 20, "bug"), told(30)]
    sibling = [started("i", 90, "schedule", attempt=""), *ended("i", 120)]
    entries = [*before, *hangs(), *sibling, entry(2000, "recorded", task="overdue-h", job=JOB)]
    assert kinds("safe", [*entries, entry(50, "mode", mode="off"), *ended("h", 9000)]) == set()


def test_who_knows_that_a_run_hangs_need_not_hear_of_the_next_failure_before_it_ends() -> None:
    """Its sibling's success ends nothing: the job is known to be broken."""
    hanging = [*hangs(), entry(2000, "recorded", task="overdue-h", job=JOB), told(2001), *ended("h", 20_000)]
    sibling = [started("i", 90, "schedule", attempt=""), *ended("i", 1000)]
    later = [started("b", 3000, "schedule", attempt=""), *ended("b", 3100, "bug")]
    off = entry(50, "mode", mode="off")
    assert kinds("safe", [*hanging, *sibling, *later, off]) == set()
