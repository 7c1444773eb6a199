"""Throttled APIs reject as AWS does, clients that retry get through, and a fatal call ends its function."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, MutableMapping
from typing import Any

import pytest

from local.emulator_front import KILLING, REDELIVERY, THROTTLING, EmulatorFront
from local.fargate.front import LocalFargate
from local.throttling import Throttling
from tests.local.fakes import FakeImages, FakeLogs

DYNAMODB = b"DynamoDB_20120810.GetItem"


async def emulator(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def test_only_every_second_call_is_answered_while_it_is_on() -> None:
    throttling = Throttling()
    assert not throttling.rejects()
    throttling.switch(on=True)
    assert [throttling.rejects() for _ in range(6)] == [True, False, True, False, True, False]
    throttling.switch(on=False)
    assert not throttling.rejects()
    assert (throttling.calls, throttling.rejected) == (6, 3)


def called(
    front: EmulatorFront, path: str = "/", target: bytes = b"", body: Any = None, method: str = "POST"
) -> tuple[int, Mapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    async def send(part: MutableMapping[str, Any]) -> None:
        sent.append(part)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"x-amz-target", target)]}
    asyncio.run(front(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_the_emulators_dynamodb_is_throttled_and_nothing_else() -> None:
    front = EmulatorFront(emulator, lambda: None, lambda: 0)
    assert called(front, THROTTLING, body={"on": True}) == (200, {"calls": 0, "rejected": 0})
    answers = [called(front, target=DYNAMODB) for _ in range(3)]
    assert [status for status, _ in answers] == [400, 200, 400]
    assert answers[0][1]["__type"].endswith("#ThrottlingException")
    assert called(front, target=b"AWSScheduler.GetSchedule")[0] == 200
    assert called(front, target=b"DynamoDBStreams_20120810.GetRecords")[0] == 200
    assert called(front, THROTTLING, body={"on": False}) == (200, {"calls": 3, "rejected": 2})


def test_what_waits_for_another_delivery_is_delivered_on_request() -> None:
    assert called(EmulatorFront(emulator, lambda: None, lambda: 3), REDELIVERY, body={}) == (200, {"messages": 3})


def test_a_fatal_call_takes_effect_and_ends_the_functions_before_they_get_its_answer() -> None:
    happened: list[str] = []

    async def effect(scope: Any, receive: Any, send: Any) -> None:
        happened.append("effect")
        await emulator(scope, receive, send)

    front = EmulatorFront(effect, lambda: happened.append("kill"), lambda: 0)
    assert called(front, KILLING, body={"calls": {"DynamoDB_20120810.Put": 1, "PUT /other/": 1}}) == (200, {"kills": 0})
    called(front, target=b"DynamoDB_20120810.GetItem")
    assert happened == ["effect"]
    called(front, target=b"DynamoDB_20120810.PutItem")
    called(front, target=b"DynamoDB_20120810.PutItem")
    assert happened == ["effect", "effect", "kill", "effect"]
    assert called(front, KILLING, body={}) == (200, {"kills": 1})
    assert called(front, KILLING, body={"calls": {"PUT /schedules/": 2}}) == (200, {"kills": 1})
    called(front, "/schedules/one", method="PUT")
    assert called(front, KILLING, body={"calls": {}}) == (200, {"kills": 1})
    called(front)
    assert happened[4:] == ["effect", "kill", "effect"]


@pytest.mark.parametrize(
    ("method", "minutes", "status"),
    [("POST", 6, 400), ("PUT", 6, 400), ("POST", 3, 200), ("PUT", -60, 200), ("DELETE", 6, 200)],
)
def test_a_start_date_that_has_passed_is_refused_as_aws_does(method: str, minutes: int, status: int) -> None:
    front = EmulatorFront(emulator, lambda: None, lambda: 0)
    body = {"StartDate": time.time() - minutes * 60}
    answer = called(front, "/schedules/one", body=body, method=method)
    assert answer[0] == status
    assert ("cannot be earlier than 5 minutes ago" in answer[1].get("message", "")) == (status == 400)
    assert called(front, "/schedule-groups/one", body=body)[0] == 200


def test_the_emulator_gets_the_whole_request_of_a_schedule() -> None:
    bodies: list[Any] = []

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        bodies.append((await receive())["body"])
        await emulator(scope, receive, send)

    called(EmulatorFront(reading, lambda: None, lambda: 0), "/schedules/one", body={"Name": "one"}, method="PUT")
    assert bodies == [b'{"Name": "one"}']


@pytest.fixture
def fargate(tmp_path: Any) -> Any:
    logs: Any = FakeLogs()
    with LocalFargate("http://127.0.0.1:9", FakeImages(tmp_path), logs, lambda _: None) as running:
        yield running


def test_ecs_rejects_with_its_own_error(fargate: LocalFargate) -> None:
    fargate.throttling.switch(on=True)
    with pytest.raises(urllib.error.HTTPError) as rejected:
        urllib.request.urlopen(urllib.request.Request(fargate.url, data=b"{}"), timeout=10)  # noqa: S310 - loopback
    with rejected.value as answer:
        assert json.loads(answer.read())["__type"] == "ThrottlingException"
