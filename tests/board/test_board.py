"""The board as values: which jobs need someone, in which order, and what each row says."""

from copy import replace
from datetime import timedelta

import pytest

from cli.board import sample
from cli.board.sample import NOW, job_id
from cronmend.board.build import Query, build
from cronmend.board.facts import Facts
from cronmend.board.load_map import load_map
from cronmend.board.model import Board, Row, Section, State
from cronmend.board.text import cells, plain
from cronmend.board.times import length, reach, relative
from cronmend.model.incident import Incident, JobState
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from cronmend.model.timetables import Timetable


def facts(**changes: object) -> Facts:
    return replace(sample.facts(), **changes)  # type: ignore[arg-type] # fields of Facts


def with_incident(name: str, incident: Incident | None) -> Facts:
    known = sample.facts().states
    return facts(states={**known, job_id(name): replace(known[job_id(name)], incident=incident)})


def row(board: Board, name: str) -> Row:
    return next(each for each in board.rows if each.name == name)


def alone(*runs: PastRun, **changes: object) -> Row:
    """The row of a job with these runs alone."""
    timetable = replace(_timetable("publish-scheduled"), **changes)  # type: ignore[arg-type] # its fields
    state = JobState(timetable.job, 1, past=PastRuns.of(runs))
    return build(Facts(NOW, "here", (timetable,), {timetable.job: state})).rows[0]


def _timetable(name: str) -> Timetable:
    return next(each for each in sample.facts().timetables if each.job == job_id(name))


def test_the_first_sentence_names_the_only_job_that_needs_someone() -> None:
    board = build(sample.facts())
    assert (board.headline, board.subject) == (
        "15 of 16 jobs need nothing from you. One does:",
        job_id("charge-tickets"),
    )
    assert board.lines == (
        "Failed twice, since 15:30. KeyError: 'vat_rate'; no deploy is in progress.",
        "Cronmend won't re-run it: without a deploy, a re-run would fail the same way. The schedule continues.",
    )


def test_without_a_broken_job_the_first_sentence_says_so() -> None:
    assert build(with_incident("charge-tickets", None)).headline == "All 16 jobs need nothing from you; 3 in hand."
    assert build(Facts(NOW, "here")).headline == "No jobs yet."


def test_several_broken_jobs_are_named() -> None:
    bug = sample.facts().states[job_id("charge-tickets")].incident
    assert bug is not None
    board = build(with_incident("send-report", replace(bug, job=job_id("send-report"))))
    assert (board.headline, board.lines) == ("2 of 16 jobs need you.", ("charge-tickets, send-report.",))


def test_broken_jobs_are_first_then_those_in_hand_then_the_others_by_name() -> None:
    rows = build(sample.facts()).rows
    assert [(each.section, each.name) for each in rows[:5]] == [
        (Section.NEEDS_YOU, "charge-tickets"),
        (Section.IN_HAND, "rebuild-index"),
        (Section.IN_HAND, "fetch-rates"),
        (Section.IN_HAND, "send-newsletter"),
        (Section.FINE, "audit-permissions"),
    ]
    fine = [each.name for each in rows if each.section is Section.FINE]
    assert fine == sorted(fine)


@pytest.mark.parametrize(
    ("name", "state", "says"),
    [
        ("charge-tickets", State.FAILED, "Failed twice, since 15:30. KeyError"),
        ("rebuild-index", State.OVERDUE, "Overdue. It has been running for 52 min"),
        ("fetch-rates", State.MUTED, "Muted until Mon 07:58. The rates service refuses connections. Because: the pr"),
        ("send-newsletter", State.HELD, "Held until 18:00 at the latest. The schedule is disabled for the deploy of"),
        ("resize-images", State.RUNNING, "Running for 2 min, usually "),
        ("publish-scheduled", State.HEALED, "Healed at 14:09, broken by a deploy"),
        ("refresh-sitemap", State.HEALTHY, "Missed at 11:40, fine since"),
        ("send-report", State.HEALTHY, "Healthy for 30 runs and more"),
        ("import-archive", State.DISABLED, "The schedule is disabled"),
    ],
)
def test_a_row_says_how_its_job_is(name: str, state: State, says: str) -> None:
    found = row(build(sample.facts()), name)
    assert found.state is state
    assert " ".join(filter(None, (found.lead, found.detail))).startswith(says)


def test_a_job_that_waits_for_a_deploy_is_in_hand() -> None:
    found = row(build(with_incident("import-orders", sample.waiting())), "import-orders")
    assert (found.state, found.section, found.lead) == (
        State.WAITING,
        Section.IN_HAND,
        "Waiting for a deploy since 16:22.",
    )
    assert found.detail.endswith("Run 2 of 4 at 16:27.")


def test_a_broken_job_that_someone_has_acknowledged_is_in_hand() -> None:
    bug = sample.facts().states[job_id("charge-tickets")].incident
    assert bug is not None
    found = row(build(with_incident("charge-tickets", replace(bug, acknowledged_by="Ann"))), "charge-tickets")
    assert (found.section, found.detail.endswith("Ann has it.")) == (Section.IN_HAND, True)


def test_a_secret_in_a_reason_or_a_deploy_is_hidden() -> None:
    (mute,), (note,) = sample.facts().mutes, sample.facts().deploys
    secret = "postgres://app:hunter2@db/app"
    board = build(facts(mutes=(replace(mute, reason=secret),), deploys=(replace(note, key=secret),)))
    assert "hunter2" not in f"{row(board, 'fetch-rates').detail} {board.lane}"


def test_a_job_without_a_run_is_new() -> None:
    found = alone()
    assert (found.state, found.over, found.rate.percent, found.next_in) == (State.NEW, "", "", "in 43 min")


def test_a_rate_is_never_rounded_to_a_perfect_one() -> None:
    runs = [PastRun(NOW - timedelta(minutes=number), RunResult.SUCCEEDED) for number in range(4000)]
    assert alone(*runs).rate.percent == "100 %"
    assert alone(*runs[1:], PastRun(NOW, RunResult.FAILED)).rate.percent == "99.9 %"


def test_the_next_run_says_why_there_is_none() -> None:
    assert [
        alone(**each).next_note for each in ({"enabled": False}, {"expression": ""}, {"expression": "cron(x)"})
    ] == [
        "disabled",
        "on events",
        "not known",
    ]


def test_runs_in_a_deploy_are_shaded_and_a_deploy_between_two_runs_is_a_line() -> None:
    bars = row(build(sample.facts()), "import-orders").bars
    assert [f"{each.at:%H:%M}" for each in bars if each.shaded] == ["14:03"]
    assert [f"{each.at:%H:%M}" for each in bars if each.deploy_before] == ["18:03", "10:03"]


def test_the_deploy_that_broke_jobs_is_zoomed() -> None:
    lane = build(sample.facts()).lane
    assert lane.zoomed is not None
    assert [each.name for each in lane.deploys] == ["webapp:55", "webapp:56", "webapp:57"]
    assert [each.job.rsplit("/")[-1] for each in lane.zoomed.broken] == [
        "import-orders",
        "publish-scheduled",
        "export-bookings",
    ]


def test_a_deploy_that_only_failures_show_is_in_the_lane() -> None:
    lane = build(facts(deploys=())).lane
    assert [(each.name, f"{each.since:%H:%M}", len(each.broken)) for each in lane.deploys] == [("", "14:03", 3)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Query(text="REFRESH"), ["refresh-calendar", "refresh-sitemap"]),
        (Query(text="finance", state="healed"), ["export-bookings"]),
        (Query(owner="Shop"), ["charge-tickets", "import-orders", "refresh-calendar"]),
        (Query(text="nothing"), []),
        (Query(state="held", page=9), ["send-newsletter"]),
    ],
)
def test_rows_are_filtered_by_name_owner_and_state(query: Query, names: list[str]) -> None:
    board = build(sample.facts(), query)
    assert [each.name for each in board.rows] == names
    assert sum(board.counts.values()) == 16


def test_the_load_map_counts_starts_in_utc() -> None:
    load = load_map([_timetable("resize-images"), _timetable("send-report")], NOW)
    assert load.starts[0][7:9] == [1, 3]
    assert load.starts[5][7:9] == [1, 0]
    assert load.free == [(1, 19), (21, 39), (41, 59)]


def test_times_are_short() -> None:
    assert [length(each) for each in (41, 325, 600, 1_140, 7_500)] == ["41 s", "5 min 25", "10 min", "19 min", "2 h 05"]
    assert [reach(NOW - timedelta(hours=each), NOW) for each in (2.5, 29, 720, 5000)] == [
        "2.5 h",
        "29 h",
        "30 d",
        "30 wk",
    ]
    assert relative(NOW, NOW) == "now"


def test_the_budget_of_a_job_with_an_slo_is_in_its_row() -> None:
    board = build(sample.facts())
    found = {name: row(board, name).budget for name in ("fetch-rates", "import-orders", "send-report")}
    rates, orders = found["fetch-rates"], found["import-orders"]
    assert rates
    assert orders
    assert (rates.in_words, orders.in_words, found["send-report"]) == ("4 failed, 1 healed", "2 healed", None)
    shown = {name: "".join(map(plain, cells(row(board, name), board)[7:8])) for name in found}
    assert shown == {"fetch-rates": "150 %", "import-orders": "30 %", "send-report": ""}
