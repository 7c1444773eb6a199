"""The log under ``sam local``, which a person reads, and in Lambda, which machines read."""

import gc
import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from cronmend.telemetry import prepared
from tests import ROOT

WRITES = """
from cronmend.telemetry import count, logger
logger.append_keys(function_name="cronmend-rerun", cold_start=True)
logger.info("Run diagnosed", job="cronmend-jobs/publish-scheduled", attempt=1, rule="")
count("Runs", category="success")
try:
    raise ValueError("no")
except ValueError:
    logger.exception("Channel failed")
"""


def written(**variables: str) -> list[str]:
    environment: Mapping[str, str] = {
        "POWERTOOLS_SERVICE_NAME": "cronmend",
        "POWERTOOLS_METRICS_NAMESPACE": "Cronmend",
        **variables,
    }
    asked = [sys.executable, "-c", WRITES]
    done = subprocess.run(  # noqa: S603 - the code above
        asked, cwd=ROOT / "functions", env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.splitlines()


def test_under_sam_local_each_entry_is_one_line_for_a_person() -> None:
    first, second, *traceback = written(AWS_SAM_LOCAL="true")
    assert first[len("11:06:03 ") :] == "Run diagnosed: job=cronmend-jobs/publish-scheduled, attempt=1"
    assert second[len("11:06:03 ") :] == "ERROR Channel failed"
    assert traceback[0].startswith("Traceback")
    assert traceback[-1] == "ValueError: no"


def test_a_command_counts_no_denial_and_prints_it_itself() -> None:
    told = "from cronmend.telemetry import denied; denied('ecs:ListServices', 'no')"
    done = subprocess.run(  # noqa: S603 - the code above
        [sys.executable, "-c", told], cwd=ROOT / "functions", env={}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_in_lambda_each_entry_and_each_metric_is_json() -> None:
    entry, metric, error = map(json.loads, written())
    assert (entry["message"], entry["job"]) == ("Run diagnosed", "cronmend-jobs/publish-scheduled")
    assert metric["Runs"] == [1.0]
    assert error["exception_name"] == "ValueError"


@pytest.mark.parametrize(
    ("environment", "done"), [({}, []), ({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, [1, 2, "freeze"])]
)
def test_parts_are_built_while_lambda_starts_the_container_and_nowhere_else(
    environment: dict[str, str], done: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made: list[object] = []
    monkeypatch.setattr(gc, "freeze", lambda: made.append("freeze"))
    prepared(lambda: made.append(1), lambda: made.append(2))
    assert made == done
