"""A storm under AWS's quotas, on a virtual clock: nothing is lost, and the queue, not the throttling, makes it wait."""

import json
from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from cli.bench import quotas
from cli.bench.quotas import QuotaStorm, quota_storm
from cli.deploying.questions import LEAST_UNRESERVED
from cli.main import app
from tests.test_template import TEMPLATE, events_of

FAILURES, FREE = 10_000, 1_000


@pytest.fixture(scope="module")
def storms() -> Sequence[QuotaStorm]:
    """As deployed, and fewer failures with an invocation for nearly every event."""
    return [
        quota_storm(failures, 3, lambda number: None, concurrency)
        for failures, concurrency in ((FAILURES, quotas.CONCURRENCY), (FREE, FREE // 2))
    ]


def test_every_failure_is_diagnosed_with_its_log_and_none_is_a_dead_letter(storms: Sequence[QuotaStorm]) -> None:
    storm = storms[0]
    assert (storm.diagnosed, storm.dead_letters, storm.without_log) == (FAILURES, 0, 0)
    assert storm.deliveries <= 4
    assert storm.first_after < 30


def test_it_takes_as_long_as_the_calls_of_cloudwatch_logs_are_allowed(storms: Sequence[QuotaStorm]) -> None:
    """One call a failure, ten a second."""
    assert FAILURES / 10 <= storms[0].last_after < 1.5 * FAILURES / 10


def test_without_the_bound_most_calls_are_refused(storms: Sequence[QuotaStorm]) -> None:
    bounded, free = storms
    assert free.throttled / FREE > 5 * bounded.throttled / FAILURES
    assert free.deliveries > bounded.deliveries
    assert free.last_after / FREE > bounded.last_after / FAILURES


def test_the_model_has_the_templates_concurrency() -> None:
    (queued,) = events_of("TaskStateFunction").values()
    assert queued["Properties"]["ScalingConfig"]["MaximumConcurrency"] == quotas.CONCURRENCY


def test_the_command_prints_the_figures() -> None:
    result = CliRunner().invoke(app, ["bench", "storm", "--quotas", "--failures", "20", "--json"])
    figures = json.loads(result.stdout)
    assert (figures["diagnosed"], figures["dead_letters"]) == (20, 0)


RESERVED = {
    name: each["ReservedConcurrentExecutions"]["Fn::If"][1]
    for name, each in TEMPLATE.functions.items()
    if "ReservedConcurrentExecutions" in each
}


def test_what_reads_and_what_anyone_can_call_is_bounded() -> None:
    assert set(RESERVED) == {"TaskStateFunction", "DeployStateFunction", "RerunFunction", "SlackActionFunction"}
    for name in RESERVED:
        choice = TEMPLATE.functions[name]["ReservedConcurrentExecutions"]["Fn::If"]
        assert (choice[0], choice[2]) == ("ReservesConcurrency", {"Ref": "AWS::NoValue"})


def test_all_queues_of_a_function_together_never_start_more_than_it_may_run() -> None:
    """Lambda would count what it can't start as a delivery, and deliver it again only after the visibility timeout.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    """
    others = TEMPLATE.of_type("AWS::Lambda::EventSourceMapping").values()
    for name, reserved in RESERVED.items():
        queues = [each["Properties"] for each in events_of(name).values() if each["Type"] == "SQS"]
        queues += [each for each in others if each["FunctionName"] == {"Ref": name}]
        assert sum(each["ScalingConfig"]["MaximumConcurrency"] for each in queues) < reserved


def test_the_description_of_the_parameter_has_the_sum() -> None:
    """Lambda keeps 100 unreserved: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html."""
    text = TEMPLATE.parameters["ReserveConcurrency"]["Description"]
    total = sum(RESERVED.values())
    assert f"Reserve {total} " in text
    assert f"below {total + 100}." in text


def test_init_knows_the_sum_too() -> None:
    assert sum(RESERVED.values()) + 100 == LEAST_UNRESERVED
