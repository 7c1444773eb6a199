"""RunTask against botocore's model: what a request may hold, and what each answer means."""

import re
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.model import ListShape, Shape, StructureShape
from botocore.stub import Stubber
from botocore.validate import ParamValidator

from cronmend.adapters.aws import translated
from cronmend.adapters.ecs import EcsTasks
from cronmend.adapters.request_shapes import fitted
from cronmend.errors import Permanent, Retryable
from cronmend.jobs.identity import identify
from cronmend.jobs.refusal import Refusal
from cronmend.jobs.run_task_answers import ERRORS, FAILURES, TABLES, Nature, Row, nature_of_error, nature_of_failures
from cronmend.jobs.run_task_request import run_request
from cronmend.model import ContainerOverride
from tests import ROOT
from tests.samples import CLUSTER, schedule, stopped

CLIENT: Any = boto3.client("ecs", region_name="eu-west-2")
MODEL: Any = CLIENT.meta.service_model.operation_model("RunTask")
EXAMPLES = {"string": 1024, "integer": "1024", "long": "1024", "boolean": "true"}
"""Each in another type than the shape's."""
GUIDE = (ROOT / "docs/healing.md").read_text(encoding="utf-8")
ROWS = [(name, row) for name, rows in TABLES.items() for row in rows]
RUN = {"taskDefinition": "webapp:2", "cluster": CLUSTER}


def leaves(shape: Shape, path: str = "") -> Iterator[tuple[str, Shape]]:
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(shape, ListShape):
        yield from leaves(shape.member, f"{path}[]")
    else:
        yield path, shape


LEAVES = dict(leaves(MODEL.input_shape))


def nested(path: str, value: Any) -> Any:
    """A request whose one leaf is ``value``."""
    for part in reversed(path.split(".")):
        lists = part.count("[]")
        for _ in range(lists):
            value = [value]
        value = {part.removesuffix("[]" * lists): value}
    return value


def leaf(value: Any) -> Any:
    while isinstance(value, dict | list):
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return value


def type_errors(request: Any) -> str:
    """botocore's complaints, without those about required parts that the request lacks."""
    report = ParamValidator().validate(request, MODEL.input_shape).generate_report()
    return "\n".join(line for line in report.splitlines() if "Missing required" not in line)


@pytest.mark.parametrize("path", LEAVES)
def test_a_scalar_of_another_type_is_fitted_to_botocores_model(path: str) -> None:
    given = EXAMPLES[LEAVES[path].type_name]
    request = nested(path, given)
    assert "Invalid type" in type_errors(request)
    fit = fitted(MODEL.input_shape, request)
    assert type_errors(fit) == ""
    assert str(leaf(fit)).lower() == str(given)


@pytest.mark.parametrize("path", [path for path, shape in LEAVES.items() if shape.type_name == "string"])
def test_a_boolean_is_the_word_that_json_has_for_it(path: str) -> None:
    assert leaf(fitted(MODEL.input_shape, nested(path, True))) == "true"


def test_null_is_absent_as_in_json_for_aws() -> None:
    assert fitted(MODEL.input_shape, {"overrides": {"cpu": None}}) == {"overrides": {}}


NUMBERS = (
    '{"cpu": 1024, "containerOverrides": [{"name": "web", "cpu": "256",'
    ' "command": ["retry", 3, true, 1.50], "environment": [{"name": "LIMIT", "value": 0}]}]}'
)


def test_numbers_and_booleans_in_a_targets_input_are_sent_as_their_text() -> None:
    request = run_request(CLUSTER, schedule().parameters, NUMBERS, {})
    overrides = fitted(MODEL.input_shape, request)["overrides"]
    (web,) = overrides["containerOverrides"]
    assert (overrides["cpu"], web["cpu"]) == ("1024", 256)
    assert web["command"] == ["retry", "3", "true", "1.50"]
    assert web["environment"] == [{"name": "LIMIT", "value": "0"}]


def test_run_task_is_called_with_what_fits() -> None:
    """A number was tried 11 times in 55 minutes, and then reported as "AWS didn't answer in time"."""
    with Stubber(CLIENT) as stub:
        started: Any = {"tasks": [{"taskArn": "arn:one"}], "failures": []}
        stub.add_response("run_task", started, {**RUN, "overrides": {"cpu": "1024"}})
        assert EcsTasks(CLIENT).run({**RUN, "overrides": {"cpu": 1024}}) == "arn:one"


def test_a_run_with_numbers_in_its_command_is_matched_to_its_schedule() -> None:
    live = schedule(target_input=NUMBERS)
    run = stopped(overrides=(ContainerOverride("web", ("retry", "3", "true", "1.50"), {"LIMIT": "0"}),))
    assert identify(run, [live]).job == live.job


@pytest.mark.parametrize(
    ("overrides", "words"),
    [({"cpus": "1024"}, 'Unknown parameter in overrides: "cpus"'), ({"cpu": []}, "parameter overrides.cpu")],
)
def test_what_botocore_refuses_is_permanent_with_its_words(overrides: Any, words: str) -> None:
    with pytest.raises(Permanent, match=words) as caught:
        EcsTasks(CLIENT).run({**RUN, "overrides": overrides})
    assert "\n" not in str(caught.value)


def test_each_of_botocores_errors_about_a_request_is_permanent() -> None:
    """Those whose name says that the request or a parameter is at fault; the others may pass."""
    kinds = [each for each in vars(botocore.exceptions).values() if isinstance(each, type)]
    faults = {
        each
        for each in kinds
        if issubclass(each, botocore.exceptions.BotoCoreError)
        and re.search(r"Param(eter)?s?(Validation)?Error$|ValidationError$|EndpointProvider|HostLabel", each.__name__)
    }
    assert len(faults) >= 5
    for each in faults:
        assert type(translated(each.__new__(each), "do it")) is Permanent, each.__name__


def answered(code: str, message: str = "", status: int = 400) -> str | Refusal:
    with Stubber(CLIENT) as stub:
        stub.add_client_error("run_task", code, message, status)
        return EcsTasks(CLIENT).run(RUN)


PROVISIONING = "Tasks provisioning capacity limit exceeded."


@pytest.mark.parametrize(
    ("code", "message"), [("ClientException", PROVISIONING), ("LimitExceededException", "The limit was exceeded.")]
)
def test_a_quota_passes_and_no_task_was_started(code: str, message: str) -> None:
    answer = answered(code, message)
    assert answer == Refusal(f"{code}: {message}", passes=True)


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("ThrottlingException", "Rate exceeded", 400),
        ("ServerException", "", 500),
        ("Unheard", "", 503),
        ("Unheard", "", 429),
        (
            "InvalidParameterException",
            "Error retrieving security group information for [sg-1]: Request limit exceeded. "
            "(ErrorCode: RequestLimitExceeded)",
            400,
        ),
    ],
)
def test_an_answer_that_leaves_the_run_unknown_is_asked_again(code: str, message: str, status: int) -> None:
    with pytest.raises(Retryable, match=code):
        answered(code, message, status)


def test_every_error_of_botocores_model_has_a_row_of_its_own() -> None:
    """Fails, and names it, when RunTask gets an error that the table doesn't know."""
    named = {code for row in ERRORS for code in row.codes}
    assert {shape.name for shape in MODEL.error_shapes} - named == set()


@pytest.mark.parametrize(("name", "row"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_row_decides_for_its_own_answers(name: str, row: Row) -> None:
    examples = {
        "request ?limit ?exceeded|throttl": "Request limit exceeded",
        "capacity|try again": "Capacity is unavailable at this time.",
        r"limit on the number of|vCPUs? limit": "You've reached the limit on the number of vCPUs",
        r"^RESOURCE:|^AGENT$": "RESOURCE:CPU",
    }
    for code in row.codes or ("anything_else",):
        said = examples.get(row.words, row.words) or "anything else"
        if name == "Errors":
            assert nature_of_error(code, said, int(row.status.replace("x", "0") or 400)) is row.nature
        else:
            assert (nature_of_failures([code if row.codes else said]) is Nature.PASSING) == (
                row.nature is Nature.PASSING
            )


def test_one_failure_that_does_not_pass_decides_for_all() -> None:
    assert nature_of_failures(["AGENT", "ATTRIBUTE"]) is Nature.PERMANENT
    assert nature_of_failures([]) is Nature.PERMANENT
    assert FAILURES[-1].nature is Nature.PERMANENT


def shown(row: Row) -> str:
    codes = ", ".join(f"`{code}`" for code in row.codes) or "any"
    words = f"`{row.words}`".replace("|", "\\|") if row.words else "any"
    return f"| {row.status or 'any'} | {codes} | {words} | {row.nature.value} | [source]({row.source}) |"


@pytest.mark.parametrize("name", TABLES)
def test_the_guide_shows_the_rows(name: str) -> None:
    head = ["| status | code or reason | words in the message | nature | |", "| --- | --- | --- | --- | --- |"]
    assert "\n".join([f"#### {name}\n", *head, *map(shown, TABLES[name])]) + "\n" in GUIDE


@pytest.mark.parametrize(("name", "row"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_row_has_a_public_source(name: str, row: Row) -> None:
    assert re.fullmatch(r"https://(docs\.aws\.amazon\.com|repost\.aws|github\.com)/\S+", row.source)
