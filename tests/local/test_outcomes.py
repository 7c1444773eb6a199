"""An answer that is not as the table says is found, whatever differs."""

from copy import replace
from typing import Any

import pytest

from local.outcomes import differences
from local.samples import Sample

RACE = Sample(
    folder="task_stopped",
    stem="race",
    function="TaskStateFunction",
    shows="",
    past={},
    outcome={"category": "deploy_race", "incident": {"state": "alerted", "rerun": False}},
    sent=["half_done"],
)


def answer(**changes: Any) -> dict[str, Any]:
    incident = {"state": "alerted", "rerun": None, "messages": ["a1/half_done-deploy_race"], **changes}
    return {"category": "deploy_race", "rule": "postgresql.schema", "incident": incident}


def test_an_answer_as_the_table_says_has_no_differences() -> None:
    assert differences(RACE, answer()) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({**answer(), "category": "unknown"}, "category: the table says 'deploy_race', the answer 'unknown'"),
        (answer(state="healing"), "incident.state: the table says 'alerted', the answer 'healing'"),
        (answer(rerun={"attempt": 2}), "incident.rerun: the table says False, the answer 'nothing'"),
        (answer(messages=[]), "sent: the table says ['half_done'], people are sent []"),
    ],
)
def test_a_difference_names_both(found: dict[str, Any], said: str) -> None:
    assert differences(RACE, found) == [said]


def test_an_answer_without_an_incident_is_found() -> None:
    assert len(differences(RACE, {"category": "deploy_race", "incident": None})) == 3


def test_what_an_answer_lists_is_reduced() -> None:
    told = {"family": "webapp", "signal": "pipeline_marker", "phase": "migrated", "deploy": "", "since": ""}
    found = {"deploys": [told], "brought_forward": [{"job": "x/y", "attempt": 2, "at": ""}]}
    outcome = {"deploys": ["webapp pipeline_marker migrated"], "brought_forward": 1}
    assert differences(replace(RACE, outcome=outcome, sent=None), found) == []


@pytest.mark.parametrize(("done", "ran"), [(f"{'a1' * 16} runs", True), ("nothing was done", False)])
def test_what_a_click_has_run_is_told_by_the_tasks_id(done: str, ran: bool) -> None:
    click = replace(RACE, outcome={"done": ran}, sent=None)
    assert differences(click, {"done": done}) == []
    assert differences(click, {"done": "" if ran else f"{'a1' * 16}"})


def test_a_page_is_known_by_what_only_it_has() -> None:
    told = replace(RACE, outcome={"page": "muted"}, sent=None)
    assert differences(told, "<p>x/a is muted until tomorrow by Ann.</p>") == []
    assert differences(told, "<p>Ann (dashboard a) acknowledged x/a.</p>") == [
        "page: the table says 'muted', the answer 'acknowledged'"
    ]
    assert differences(told, "") == ["page: the table says 'muted', the answer 'another'"]
