"""A JSON record of an error is shown as what it says; short ones and other lines as they are."""

import json

from cronmend.diagnosis import excerpt_parts
from cronmend.diagnosis.excerpt_layout import GAP
from cronmend.diagnosis.marks import MARK
from cronmend.diagnosis.steps import diagnose
from cronmend.model import DeployWindow, Evidence, WindowState
from tests.samples import stopped

STACK = "\n".join(
    (
        "app.StepFailed: step invoices failed",
        *[f"\tat org.springframework.batch.Step.run{number}(Step.java:{number})" for number in range(20)],
        "\tat com.acme.Invoices.write(Invoices.kt:52)",
        "Caused by: java.lang.IllegalStateException: invoice 77 has no currency",
        "\tat com.acme.Invoice.currency(Invoice.kt:9)",
    )
)
RECORD = json.dumps({"level": "ERROR", "message": "job failed", "stack_trace": STACK})


def excerpt(*log: str) -> tuple[str, ...]:
    return diagnose(Evidence(stopped(), log=log, window=DeployWindow(WindowState.CLOSED))).excerpt


def test_a_long_record_shows_the_innermost_cause_and_the_jobs_own_frames() -> None:
    assert excerpt("starting", RECORD) == (
        "starting",
        "ERROR job failed",
        "app.StepFailed: step invoices failed",
        GAP,
        "\tat com.acme.Invoices.write(Invoices.kt:52)",
        f"{MARK}Caused by: java.lang.IllegalStateException: invoice 77 has no currency",
        "\tat com.acme.Invoice.currency(Invoice.kt:9)",
    )


def test_a_short_record_stays_as_it_is() -> None:
    line = '{"level":"error","message":"job failed","error":"invoice 77 has no currency"}'
    assert excerpt(line) == (f"{MARK}{line}",)


def test_a_collectors_object_shows_the_line_that_it_wraps() -> None:
    log = [
        json.dumps({"log": line, "stream": "stderr", "container_name": "app"})
        for line in ("starting", "ValueError: no rate")
    ]
    assert excerpt(*log) == ("starting", f"{MARK}ValueError: no rate")


def test_members_of_a_group_are_shown() -> None:
    member = {"type": "Error", "message": "acme: 3 invoices have no VAT id"}
    error = {"type": "AggregateError", "message": "1 of 2 tenants failed", "aggregateErrors": [member]}
    record = json.dumps({"msg": "sync failed", "level": 60, "err": error, "hostname": "ip-10-0-3-4" * 9})
    assert f"{MARK}Caused by: Error: acme: 3 invoices have no VAT id" in excerpt(record)


def test_the_lines_of_an_event_have_its_index() -> None:
    lines, events = excerpt_parts.of(("a", "b\nc", "d"), 5)
    assert list(zip(lines, events, strict=True)) == [("a", 5), ("b", 6), ("c", 6), ("d", 7)]
    assert list(excerpt_parts.of_event(events, 6)) == [1, 2]
    assert not list(excerpt_parts.of_event(events, 9))
