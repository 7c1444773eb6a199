"""What is said of an invented past, scored against its truth: exit codes and migrations that AWS doesn't keep."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from cli.console import progress
from cli.what_if.app import sources
from cli.what_if.document import document
from cli.what_if.ending import End
from cli.what_if.gaps import gaps
from cli.what_if.gather import gather
from cli.what_if.judge import Result, what_if
from cli.what_if.past import Past
from cli.what_if.runs import runs_of
from cli.what_if.text import sentences
from cronmend.model import Policy
from tests import ROOT
from tests.cli.what_if.account import InventedAccount
from tests.cli.what_if.invented import END, JOBS, SILENT, START, Truth

type Said = Callable[..., Mapping[str, Any]]

SINCE = START + timedelta(days=1)
TRUTH = Truth()
RUNS = {each.task_id: each for each in TRUTH.runs()}


@pytest.fixture(scope="module")
def past() -> Past:
    session = InventedAccount(TRUTH).session()
    return gather(sources(session, 10_000, lambda _: None), SINCE, END, progress)


@pytest.fixture(scope="module")
def said(past: Past) -> Said:
    @cache
    def answer(policy: Policy = Policy.SAFE, *, migrates_before_rollout: bool = False) -> dict[str, Any]:
        return document(what_if(past, policy, migrates_before_rollout), policy, gaps(past))

    return answer


def test_no_end_is_guessed(past: Past) -> None:
    """A job that logs an error and exits with 0, and one that is killed, end in a way that no log shows."""
    ends = Counter((TRUTH.of_run(RUNS[each.start.task_id]).code, each.ending.end) for each in runs_of(past))
    assert ends[0, End.FAILED] == 0
    assert ends[1, End.SUCCEEDED] == ends[137, End.SUCCEEDED] == 0
    assert ends[137, End.NOT_KNOWN] == 2
    silent = [each for each in runs_of(past) if RUNS[each.start.task_id].job is SILENT]
    assert {each.ending.end for each in silent} == {End.NOT_KNOWN, End.FAILED}


def test_every_failure_whose_log_shows_it_is_found(said: Said) -> None:
    found = {each["task_id"] for each in said()["cases"]}
    truly = {task for task, run in RUNS.items() if run.at >= SINCE and TRUTH.of_run(run).code == 1}
    assert found == truly


def heals_truly(case: Mapping[str, Any]) -> bool:
    """Whether the last of its re-runs would have succeeded, by the job's own code."""
    run = RUNS[case["task_id"]]
    at = datetime.fromisoformat(case["reruns"][-1])
    return TRUTH.ends(run.job, at, run.revision).code == 0


@pytest.mark.parametrize("policy", Policy)
def test_no_heal_is_false(said: Said, policy: Policy) -> None:
    """Also not after a deploy whose migration someone ran by hand long after its rollout."""
    healed = [each for each in said(policy)["cases"] if each["result"] == Result.HEALED]
    assert all(map(heals_truly, healed))
    assert len(healed) == (5 if policy is Policy.SAFE else 0)


def test_what_may_have_healed_is_told_as_a_doubt(said: Said) -> None:
    """Most of it would have: but AWS shows neither when a CI runner migrated, nor when an outage ended."""
    may = [each for each in said()["cases"] if each["result"] == Result.MAY_HEAL]
    truly = Counter(heals_truly(each) for each in may)
    assert truly[True] > 0
    assert truly[False] > 0


def test_a_user_who_knows_when_the_database_is_migrated_gets_an_answer(said: Said) -> None:
    """Except for the one deploy of which it isn't true."""
    cases = said(migrates_before_rollout=True)["cases"]
    healed = [each for each in cases if each["result"] == Result.HEALED]
    false = [each for each in healed if not heals_truly(each)]
    assert len(healed) == 8
    assert [each["task_definition"] for each in false] == ["webapp:5"]


def test_a_half_done_deploy_is_one_alert(said: Said) -> None:
    cases = [each for each in said()["cases"] if each["task_definition"] == "webapp:6"]
    of_publish = [each["result"] for each in cases if each["job"] == "default/publish-scheduled"]
    assert of_publish == [Result.ALERT, *[Result.REPEATED] * 7]


def test_policy_unstarted_runs_nothing_again(said: Said) -> None:
    found = said(Policy.UNSTARTED)
    assert all(not each["reruns"] for each in found["cases"])
    assert found["alerts"]["least"] == found["alerts"]["most"]


def test_all_runs_are_counted_once(said: Said) -> None:
    found = said()
    assert found["runs"] == found["failed"] + found["succeeded"] + found["not_known"]
    assert found["runs"] == sum(run.at >= SINCE for run in RUNS.values())
    assert found["jobs"] == len(JOBS)
    assert sum(found["why_not_known"].values()) == found["not_known"]
    assert found["gaps"] == []


def test_the_page_shows_this_answer(said: Said) -> None:
    page = (ROOT / "docs/what-if.md").read_text(encoding="utf-8")
    assert "\n".join(sentences(said())) in page
