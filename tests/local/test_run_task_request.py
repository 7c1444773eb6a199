"""What RunTask rejects, with ECS's texts."""

from typing import Any

import pytest

from local.fargate.errors import EcsError
from local.fargate.request import fingerprint, full_overrides, run_request
from tests.local.fakes import CLUSTER_ARN, NETWORK, definition

DEFINITION = definition(["true"])


def body(**changes: Any) -> dict[str, Any]:
    return {"taskDefinition": "webapp:57", "networkConfiguration": NETWORK, **changes}


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"networkConfiguration": {}}, "InvalidParameterException", "Network Configuration must be provided"),
        (
            {"overrides": {"containerOverrides": [{"name": "app"}]}},
            "InvalidParameterException",
            "Override for container named app is not a container in the TaskDefinition.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "web", "command": ["x" * 8200]}]}},
            "InvalidParameterException",
            "Container Overrides length must be at most 8192",
        ),
        ({"startedBy": "x" * 129}, "InvalidParameterException", "startedBy longer than 128."),
        ({"count": 11}, "InvalidParameterException", "count must be between 1 and 10."),
        (
            {"launchType": "FARGATE", "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]},
            "InvalidParameterException",
            "both a launch type and capacity provider strategy",
        ),
    ],
)
def test_rejected(changes: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(EcsError, match=words.replace(".", r"\.")) as rejected:
        run_request(body(**changes), DEFINITION, CLUSTER_ARN)
    assert rejected.value.code == code


def test_an_inactive_revision_is_rejected() -> None:
    with pytest.raises(EcsError, match="TaskDefinition is inactive"):
        run_request(body(), definition(["true"], status="INACTIVE"), CLUSTER_ARN)


def test_defaults() -> None:
    request = run_request(body(), DEFINITION, CLUSTER_ARN)
    assert (request.count, request.group, request.launch_type) == (1, "family:webapp", "FARGATE")
    assert request.platform_version == "1.4.0"


def test_every_container_is_in_the_overrides() -> None:
    two = definition(["true"])
    two["containerDefinitions"] = [*two["containerDefinitions"], {"name": "log-router"}]
    given = {"containerOverrides": [{"name": "log-router", "command": ["x"]}], "cpu": "1024"}
    assert full_overrides(given, two) == {
        "containerOverrides": [{"name": "web"}, {"name": "log-router", "command": ["x"]}],
        "cpu": "1024",
    }


def test_the_client_token_is_no_part_of_the_request() -> None:
    assert fingerprint(body(clientToken="a")) == fingerprint(body(clientToken="b"))
    assert fingerprint(body(count=1)) != fingerprint(body(count=2))
