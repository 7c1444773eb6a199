"""What runs need, as moto's account describes it; what only AWS answers, by a recorded answer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cronmend.adapters import aws, memory_use, needs
from cronmend.adapters.needs import AwsNeeds
from cronmend.model import Missing
from cronmend.model.memory_use import MemoryOfDay
from cronmend.model.needs import GONE, Described, Need, NeedKind

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
FAMILY = ("arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod", "webapp")


@pytest.fixture(autouse=True)
def account(aws: None) -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    aws.session.cache_clear()


def described(kind: NeedKind, *names: str) -> list[Described | Missing]:
    found = AwsNeeds().described([Need(kind, name) for name in names])
    return [found[Need(kind, name)] for name in names]


def test_a_role_has_its_trust_policy() -> None:
    boto3.client("iam").create_role(RoleName="webapp", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert described(NeedKind.ROLE, "webapp", "gone") == [Described(trust=TRUST), GONE]


def test_a_secret_may_be_in_deletion() -> None:
    client = boto3.client("secretsmanager")
    kept, deleted = (client.create_secret(Name=name, SecretString="x")["ARN"] for name in ("kept", "deleted"))
    client.delete_secret(SecretId=deleted)
    gone = kept.replace("kept", "gone")
    assert described(NeedKind.SECRET, kept, deleted, gone) == [Described(), Described(is_deleted=True), GONE]


def test_parameters_are_described_together_and_a_name_may_lack_its_slash() -> None:
    client = boto3.client("ssm")
    for name in ("/app/url", "/port", "plain"):
        client.put_parameter(Name=name, Value="x", Type="String")
    names = [*(f"/gone/{number}" for number in range(needs._NAMES)), "/app/url", "port", "plain"]
    found = described(NeedKind.PARAMETER, *names)
    assert [each == GONE for each in found] == [True] * needs._NAMES + [False] * 3


def test_a_certificate_has_the_time_for_which_it_is_valid() -> None:
    arn = boto3.client("acm").request_certificate(DomainName="example.org")["CertificateArn"]
    (found,) = described(NeedKind.CERTIFICATE, arn)
    assert isinstance(found, Described)
    assert found.ends_at
    assert found.set_at
    assert found.set_at < found.ends_at


def test_an_image_is_there_or_gone_by_its_tag() -> None:
    client: Any = boto3.client("ecr")
    client.create_repository(repositoryName="webapp")
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": []})
    client.put_image(repositoryName="webapp", imageManifest=manifest, imageTag="prod")
    registry = "123456789012.dkr.ecr.eu-west-2.amazonaws.com"
    there, *gone = described(
        NeedKind.IMAGE, f"{registry}/webapp:prod", f"{registry}/webapp:old", f"{registry}/other:prod"
    )
    assert isinstance(there, Described)
    assert there.exists
    assert gone == [GONE, GONE]


def answered(service: str, method: str, answer: Any) -> Stubber:
    """The function's own client, with a recorded answer."""
    stub = Stubber(needs._client(service))
    stub.add_response(method, answer)
    stub.activate()
    return stub


def test_a_parameter_expires_by_its_policy() -> None:
    text = json.dumps({"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2026-12-02T21:34:33.000Z"}})
    policies = [{"PolicyType": "Expiration", "PolicyText": text}, {"PolicyType": "NoChangeNotification"}]
    set_at = datetime(2026, 11, 2, tzinfo=UTC)
    raw = {"Name": "/app/token", "LastModifiedDate": set_at, "Policies": policies}
    with answered("ssm", "describe_parameters", {"Parameters": [raw]}):
        found = described(NeedKind.PARAMETER, "/app/token")
    assert found == [Described(set_at=set_at, ends_at=datetime(2026, 12, 2, 21, 34, 33, tzinfo=UTC))]


def test_an_expiration_in_a_wrong_form_is_said() -> None:
    raw = {"Name": "/a/b", "LastModifiedDate": datetime.now(UTC)}
    with answered(
        "ssm",
        "describe_parameters",
        {"Parameters": [raw | {"Policies": [{"PolicyType": "Expiration", "PolicyText": "x"}]}]},
    ):
        (found,) = described(NeedKind.PARAMETER, "/a/b")
    assert isinstance(found, Missing)
    assert "/a/b has an expiration in a wrong form" in found.reason


def test_a_denial_is_a_reason() -> None:
    stub = Stubber(needs._client("iam"))
    stub.add_client_error("get_role", "AccessDenied")
    with stub:
        assert described(NeedKind.ROLE, "webapp") == [Missing("AWS denied iam:GetRole to Cronmend's role")]


def test_the_memory_of_a_family_is_that_of_each_day_of_which_both_are_known() -> None:
    first, second = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    stub = Stubber(needs._client("cloudwatch"))
    results = [
        {"Id": "used0", "Timestamps": [second, first], "Values": [410.0, 400.0]},
        {"Id": "limit0", "Timestamps": [second], "Values": [512.0]},
    ]
    stub.add_response("get_metric_data", {"MetricDataResults": results})
    with stub:
        found = memory_use.CloudWatchMemory().of([FAMILY], first, second)
    assert found == {FAMILY: (MemoryOfDay(second, 410.0, 512.0),)}
