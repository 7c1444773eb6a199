"""The checker on a few plain entries, as any world could have seen them."""

from typing import Any

import pytest

from simulation.checker import check

JOB = "group/job"
type Entries = list[dict[str, Any]]


def entry(at: float, what: str, **facts: object) -> dict[str, Any]:
    return {"at": at, "what": what, **facts}


def world(*entries: dict[str, Any], end: float = 50_000) -> Entries:
    job = {"kept": "job", "policy": "safe", "attempts": 3, "deadline": 3600.0, "stale": 7200.0, "channels": ["sns"]}
    return sorted([entry(0, "job", job=JOB, **job), *entries, entry(end, "end")], key=lambda each: each["at"])


def run(task: str, created: float, stopped: float, cause: str, by: str = "schedule", **facts: object) -> Entries:
    started_by = f"{by}/{task}" if by == "cronmend" else by
    ended = {"cause": cause, "passes": True, "ran": True, "known": True, "delivered": True}
    return [
        entry(created, "started", task=task, job=JOB, by=by, started_by=started_by, **facts),
        entry(stopped, "stopped", task=task, job=JOB, **ended),
        entry(stopped + 1, "recorded", task=task, job=JOB),
    ]


def seen(at: float, kind: str = "alert", stage: str = "failed", jobs: tuple[str, ...] = (JOB,)) -> dict[str, Any]:
    return entry(at, "seen", channel="sns", kind=kind, stage=stage, jobs=list(jobs), incident="a", text="")


def kinds(entries: Entries) -> list[tuple[int, str]]:
    return [(each.invariant, each.kind) for each in check(entries)]


@pytest.mark.parametrize(
    ("entries", "broken"),
    [
        (run("a", 100, 200, "bug"), [(1, "never notified")]),
        ([*run("a", 100, 200, "bug"), seen(300)], []),
        ([*run("a", 100, 200, "bug"), seen(300, jobs=("ambiguous/1f/job",))], []),
        ([*run("a", 100, 200, "bug"), seen(300, jobs=("group/other",))], [(1, "never notified")]),
        ([*run("a", 100, 200, "bug"), seen(9000)], [(6, "notified late")]),
        ([*run("a", 100, 200, "bug"), *run("b", 1000, 1100, "success")], []),
        ([*run("a", 100, 200, "bug"), *run("b", 9000, 9100, "success")], [(6, "notified late")]),
        ([*run("a", 100, 200, "bug"), *run("b", 100, 210, "success")], [(1, "never notified")]),
        ([*run("a", 100, 200, "cancelled")], []),
    ],
)
def test_what_a_failed_run_has_to_end_in(entries: Entries, broken: list[tuple[int, str]]) -> None:
    assert kinds(world(*entries)) == broken


def test_a_failure_after_people_were_told_that_it_is_over_has_to_be_told_again() -> None:
    first = [*run("a", 100, 200, "bug"), seen(300), *run("b", 1000, 1100, "success"), seen(1200, stage="recovered")]
    again = run("c", 2000, 2100, "bug")
    assert kinds(world(*first, *again)) == [(1, "never notified")]
    assert kinds(world(*first, *again, seen(2200))) == []


def test_a_success_that_no_record_showed_by_the_next_failure_does_not_end_what_people_know() -> None:
    first, again = [*run("a", 100, 200, "bug"), seen(300)], run("c", 2000, 2100, "bug")
    unseen = run("b", 1000, 1100, "success")[:2]
    late = [*unseen, entry(9000, "recorded", task="b", job=JOB)]
    assert kinds(world(*first, *unseen, *again)) == kinds(world(*first, *late, *again)) == []
    assert kinds(world(*first, *run("b", 1000, 1100, "success"), *again)) == [(1, "never notified")]


def test_a_success_whose_job_is_not_certain_ends_nothing_that_people_know_of_the_job_by_name() -> None:
    first, again = [*run("a", 100, 200, "bug"), seen(300)], run("c", 2000, 2100, "bug")
    good = run("b", 1000, 1100, "success")
    unsure, named = good[:2], "ambiguous/1f/job"
    unsure += [entry(1101, "recorded", task="b", job=named)]
    assert kinds(world(*first, *unsure, *again)) == []
    assert kinds(world(*unsure, *again)) == kinds(world(*first, *good, *again)) == [(1, "never notified")]
    again[2] = entry(2101, "recorded", task="c", job=named)
    assert kinds(world(*first, *unsure, *again)) == [(1, "never notified")]


@pytest.mark.parametrize(
    ("end", "at", "broken"),
    [
        (9950, 11_200, []),
        (9950, 11_300, [(6, "notified late")]),
        (13_000, 14_150, []),
        (13_000, 14_300, [(6, "notified late")]),
    ],
)
def test_an_outage_after_the_end_of_a_mute_counts_too(end: float, at: float, broken: list[tuple[int, str]]) -> None:
    """The mute lasts for longer than the deadline; what is down while it lasts delays nothing."""
    muted = entry(0, "muted", job=JOB, until=10_000.0)
    away = entry(0, "outage", service="sns", start=9900.0, end=float(end))
    assert kinds(world(*run("a", 100, 200, "bug"), muted, away, seen(at))) == broken


def test_the_letter_of_a_channel_that_was_away_is_an_end_and_that_of_another_is_none() -> None:
    letter = entry(4000, "undelivered", channel="sns", jobs=[JOB])
    away = entry(0, "outage", service="sns", start=150.0, end=9000.0)
    assert kinds(world(*run("a", 100, 200, "bug"), letter, away)) == []
    assert kinds(world(*run("a", 100, 200, "bug"), letter, away, seen(40_000))) == []
    assert kinds(world(*run("a", 100, 200, "bug"), letter)) == [(1, "never notified")]
    assert kinds(world(*run("a", 100, 200, "bug"), letter, seen(40_000))) == [(6, "notified late")]


def test_a_failure_in_an_incident_that_people_know_needs_no_second_message() -> None:
    siblings = [*run("a", 100, 200, "bug"), seen(300), *run("b", 100, 400, "success")]
    later = [*run("c", 5000, 5100, "bug"), *run("d", 5000, 5200, "success")]
    assert kinds(world(*siblings, *later)) == []


def test_a_success_ends_what_people_know_only_if_each_task_of_its_call_succeeded() -> None:
    known = [*run("a", 100, 200, "bug"), seen(300)]
    failed, hangs, later = run("b", 1000, 1100, "bug"), run("b", 1000, 9000, "success"), run("d", 5000, 5100, "bug")
    for stopped in (1050, 1200):
        good = run("c", 1000, stopped, "success")
        assert kinds(world(*known, *failed, *good, *later)) == kinds(world(*known, *hangs, *good, *later)) == []
    alone = run("c", 1000, 1200, "success", by="other")
    assert (1, "never notified") in kinds(world(*known, *failed, *alone, *later))
    assert kinds(world(*known, *alone, *later)) == [(1, "never notified")]


def test_a_call_that_was_killed_after_a_mute_delays_what_people_learn_by_its_lease() -> None:
    muted = entry(0, "muted", job=JOB, until=10_000.0)
    killed = [entry(at, "killed", function="failure_alert_woken", about="f") for at in (10_100, 10_200)]
    for lost, latest in (([], 11_200), (killed[:1], 11_500), (killed, 11_800)):
        told = [*run("a", 100, 200, "bug"), muted, *lost]
        assert kinds(world(*told, seen(latest))) == []
        assert kinds(world(*told, seen(latest + 1))) == [(6, "notified late")]


def test_a_refused_start_is_answered_by_a_run_that_began_after_its_slot() -> None:
    refused, healed = run("s", 900, 901, "refused", by="refused", slot=500), of_incident(1101, "wrote", "healed", "s")
    for began, found in ((501, []), (499, [(9, "false ending")])):
        good = run("r", began, 1100, "success", by="cronmend", attempt="a")
        assert [each for each in kinds(world(*refused, *good, healed)) if each[0] == 9] == found


def test_a_rerun_is_one_task_and_ends_what_people_know_only_if_each_task_that_failed_was_repeated() -> None:
    known = [*run("a", 100, 200, "bug"), *run("b", 100, 210, "bug"), seen(300)]
    first, later = run("r1", 1000, 1100, "success", by="cronmend", attempt="a"), run("d", 5000, 5100, "bug")
    second = run("r2", 2000, 2100, "success", by="cronmend", attempt="a")
    assert kinds(world(*known, *first, *later)) == []
    assert kinds(world(*known, *first, *second, *later)) == [(1, "never notified")]
    alone = [*run("a", 100, 200, "bug"), seen(300)]
    assert kinds(world(*alone, *first, *later)) == [(1, "never notified")]


def of_incident(at: float, what: str, kind: str, incident: str, **facts: object) -> dict[str, Any]:
    shown = {"channel": "sns", "stage": kind, "jobs": [JOB], "text": ""} if what == "seen" else {}
    return entry(at, what, kind=kind, job=JOB, incident=incident, **{**shown, **facts})


def two_incidents() -> Entries:
    """The second one is alerted, and the ends of the first are seen after that."""
    first = [*run("a", 100, 200, "bug"), of_incident(201, "wrote", "alert", "a"), seen(300)]
    over = [*run("b", 1000, 1100, "success"), of_incident(1101, "wrote", "recovered", "a")]
    return [*first, *over, *run("c", 2000, 2100, "bug"), of_incident(2101, "wrote", "alert", "c"), seen(2200)]


def test_an_ending_of_an_earlier_incident_takes_back_nothing_that_people_know() -> None:
    update = of_incident(2500, "seen", "recovered", "a", update=True)
    assert kinds(world(*two_incidents(), update, *run("d", 3000, 3100, "bug"))) == []


@pytest.mark.parametrize(("at", "broken"), [(2285, []), (2295, [(9, "broken again")])])
def test_no_message_says_that_a_job_is_over_which_people_know_to_be_broken(at: float, broken: list[object]) -> None:
    line = of_incident(at, "seen", "recovered", "a")
    assert kinds(world(*two_incidents(), line)) == broken
    assert kinds(world(*two_incidents(), {**line, "channel": "slack"})) == []


def test_the_age_of_a_slot_counts_for_each_rerun_of_a_chain() -> None:
    failed = [*run("a", 100, 200, "bug", slot=90), seen(300)]
    first = run("r1", 1000, 1100, "bug", by="cronmend", attempt="a")
    assert kinds(world(*failed, *first, *run("r2", 7000, 7100, "bug", by="cronmend", attempt="a"))) == []
    late = run("r2", 7500, 7600, "bug", by="cronmend", attempt="a")
    assert kinds(world(*failed, *first, *late)) == [(3, "slot too old")]
    newer = run("b", 5000, 5100, "bug", slot=4990)
    assert kinds(world(*failed, *first, *newer, *late)) == []


def test_an_ending_needs_a_success_that_was_created_after_the_failure() -> None:
    entries = [*run("old", 50, 400, "success"), *run("new", 100, 200, "bug"), seen(300)]
    wrote = entry(500, "wrote", kind="recovered", job=JOB, incident="new")
    assert kinds(world(*entries, wrote)) == [(9, "false ending")]


def test_a_rerun_beside_a_living_run_is_found() -> None:
    failed = [*run("a", 100, 200, "bug"), seen(300)]
    alive = run("b", 1000, 3000, "success")
    rerun = run("r", 2000, 2500, "success", by="cronmend", attempt="a")
    assert (3, "beside schedule") in kinds(world(*failed, *alive, *rerun))


def test_a_schedule_that_stays_disabled_is_found() -> None:
    states = [
        entry(at, "schedule", job=JOB, by=by, state={"enabled": enabled})
        for at, by, enabled in ((0, "people", True), (100, "cronmend", False))
    ]
    assert kinds(world(*states)) == [(11, "not as it was"), (11, "held long")]
    assert kinds(world(*states, entry(200, "schedule", job=JOB, by="cronmend", state={"enabled": True}))) == []
