"""The sample events match their descriptions, each is listed, and none contains data of a real account."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cronmend.adapters.ledger.outbox import message_of
from cronmend.errors import BadEvent, NotFound
from cronmend.incoming import deploy_events, own_payloads, slack_requests, task_events
from tests import ROOT

SAMPLES = ROOT / "events"


def slack_action(event: Any) -> object:
    """A click, with any signature; a click on a link needs no action."""
    if slack_requests.is_click(event):
        return slack_requests.click_of(event)
    return slack_requests.click(slack_requests.signed(event)) or "nothing"


READERS: Mapping[str, Callable[[Any], object]] = {
    "TaskStateFunction": task_events.stopped_task,
    "DeployStateFunction": deploy_events.deploy_event,
    "RerunFunction": own_payloads.healing_timer,
    "FailureAlertFunction": lambda event: [message_of(each["dynamodb"]["NewImage"]) for each in event["Records"]],
    "SlackActionFunction": slack_action,
}
FUNCTION_OF = {
    "task_stopped": "TaskStateFunction",
    "deploy_state": "DeployStateFunction",
    "rerun": "RerunFunction",
    "failure_alert": "FailureAlertFunction",
    "slack_action": "SlackActionFunction",
}


def load(path: str) -> Any:
    return json.loads((SAMPLES / path).read_text())


def paths(folder: str = "*") -> list[str]:
    return sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.glob(f"{folder}/*.json"))


def listed() -> list[tuple[str, list[str]]]:
    """Each file that the index names, with the cells beside it."""
    rows: list[tuple[str, list[str]]] = []
    folder = ""
    for line in (SAMPLES / "README.md").read_text().splitlines():
        if heading := re.match(r"## `(\w+)/`", line):
            folder = heading[1]
        if row := re.match(r"\| `(\S+\.json)` \| (.*) \|$", line):
            rows.append((f"{folder}/{row[1]}", row[2].split(" | ")))
    return rows


def test_the_index_names_every_sample_once() -> None:
    assert sorted(path for path, _ in listed()) == paths()


WAKING = [path for path in paths() if not path.startswith(("bad/", "own/"))]
"""The samples that trigger a function; Cronmend itself sends those in ``own/``."""


@pytest.mark.parametrize("path", WAKING)
def test_a_sample_is_understood(path: str) -> None:
    event = load(path)
    if path.startswith("task_stopped/") and (status := task_events.last_status(event)) != "STOPPED":
        assert path.endswith("_not_final.json"), status
    else:
        assert READERS[FUNCTION_OF[Path(path).parent.name]](event)


@pytest.mark.parametrize(("path", "cells"), [(path, cells) for path, cells in listed() if path.startswith("bad/")])
def test_a_bad_sample_is_refused(path: str, cells: list[str]) -> None:
    with pytest.raises((BadEvent, NotFound)):
        READERS[cells[0]](load(path))


def test_a_sample_that_is_not_final_has_its_final_event_beside_it() -> None:
    for early, final in (("exit_code_1_not_final", "exit_code_1"), ("spot_warning_not_final", "spot_interruption")):
        first, last = (load(f"task_stopped/{name}.json")["detail"] for name in (early, final))
        assert first["taskArn"] == last["taskArn"]
        assert first["version"] < last["version"]


def test_each_sample_has_its_own_id() -> None:
    ids = [load(path)["id"] for path in paths() if "detail-type" in load(path)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", paths())
def test_a_sample_names_only_made_up_accounts(path: str) -> None:
    in_arns_and_image_names = re.findall(r"(?<=:)\d{12}(?=:)|\d{12}(?=\.dkr)", (SAMPLES / path).read_text())
    assert {*in_arns_and_image_names, load(path).get("account", "111122223333")} == {"111122223333"}


@pytest.mark.parametrize("path", paths("task_stopped"))
def test_the_times_of_a_task_are_in_order(path: str) -> None:
    detail = load(path)["detail"]
    order = ("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "stoppedAt")
    times = [datetime.fromisoformat(detail[name]) for name in order if name in detail]
    assert times == sorted(times)
