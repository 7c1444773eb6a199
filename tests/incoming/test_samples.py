"""The sample events match their descriptions, each is listed, and none contains data of a real account."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.adapters.ledger.outbox import message_of
from cronmend.errors import BadEvent, NotFound
from cronmend.incoming import (
    alarm_events,
    alert_payloads,
    dashboard_events,
    deploy_events,
    own_payloads,
    queued,
    slack_requests,
    start_failures,
    task_events,
)
from local.samples import Sample, samples
from tests import ROOT
from tests.fakes import NOW

SAMPLES = ROOT / "events"


def slack_action(event: Any) -> object:
    """A click, with any signature; a click on a link needs no action."""
    if slack_requests.is_click(event):
        return slack_requests.click_of(event)
    return slack_requests.click(slack_requests.signed(event)) or "nothing"


def rerun(event: Any) -> object:
    of = own_payloads.run_request_of if own_payloads.is_run_request(event) else own_payloads.healing_timer
    return of(event)


def failure_alert(event: Any) -> object:
    if alert_payloads.is_canary(event):
        return "a test message"
    if alarm_events.is_alarm(event):
        return alarm_events.alarm_change(event)
    return [message_of(each["dynamodb"]["NewImage"]) for each in event["Records"]]


def task_state(event: Any) -> object:
    if start_failures.is_run_task(event):
        return start_failures.refused_start(event)
    is_start = start_failures.is_start_failure(event)
    return start_failures.start_failure(event) if is_start else task_events.stopped_task(event)


def job_board(event: Any) -> object:
    return dashboard_events.asks_what_it_is(event) or dashboard_events.board_request(event)


READERS: Mapping[str, Callable[[Any], object]] = {
    "TaskStateFunction": task_state,
    "DeployStateFunction": deploy_events.deploy_event,
    "RerunFunction": rerun,
    "FailureAlertFunction": failure_alert,
    "SlackActionFunction": slack_action,
    "JobBoardFunction": job_board,
    "BoardActionFunction": lambda event: dashboard_events.press(event, "request-1", NOW),
    "ReconcileFunction": lambda event: event["detail-type"],
}


def load(path: str) -> Any:
    return json.loads((SAMPLES / path).read_text())


def paths(folder: str = "*") -> list[str]:
    return sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.glob(f"{folder}/*.json"))


def opened(event: Any) -> Any:
    """The event itself; a batch of a queue holds it as a text."""
    if not queued.is_batch(event):
        return event
    (record,) = event["Records"]
    return queued.queued_event(record).content()


WAKING = [sample for sample in samples() if sample.function and sample.folder != "bad"]
"""The samples that trigger a function; Cronmend itself sends those in ``own/``."""


def test_the_table_names_every_sample_its_function_and_what_comes_of_it() -> None:
    assert sorted(each.path for each in samples()) == paths()
    assert {each.function for each in samples() if each.folder != "own"} == set(READERS)
    assert all(each.outcome for each in samples() if each.function)


def test_every_log_is_the_past_of_a_sample() -> None:
    assert {path.stem for path in SAMPLES.glob("logs/*")} == {each.past["log"] for each in samples() if each.log()}


@pytest.mark.parametrize("sample", WAKING, ids=lambda each: each.path)
def test_a_sample_is_understood(sample: Sample) -> None:
    event = opened(sample.event())
    if sample.folder == "task_stopped" and (status := task_events.last_status(event)) != "STOPPED":
        assert sample.stem.endswith("_not_final"), status
    else:
        assert READERS[sample.function](event)


@pytest.mark.parametrize("sample", samples("bad"), ids=lambda each: each.path)
def test_a_bad_sample_is_refused(sample: Sample) -> None:
    with pytest.raises((BadEvent, NotFound)):
        READERS[sample.function](sample.event())


def test_a_queued_sample_holds_the_bare_one_and_its_checksum() -> None:
    for name, bare in (("stopped_run", "task_stopped/exit_code_1"), ("timer", "rerun/release")):
        batch = load(f"queued/{name}.json")
        (record,) = batch["Records"]
        assert opened(batch) == load(f"{bare}.json")
        assert record["md5OfBody"] == hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()


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


@pytest.mark.parametrize("minutes", [1_441, 10**9, 1e300, "1e9"])
def test_a_marker_counts_for_a_day_at_most(minutes: float | str) -> None:
    marker = load("deploy_state/marker_started.json")
    marker["detail"]["minutes"] = minutes
    found = deploy_events.deploy_event(marker)
    assert isinstance(found, deploy_events.Marker)
    assert found.limit == timedelta(days=1)
