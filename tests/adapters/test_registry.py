"""ECR's push times, over recorded answers."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cronmend.adapters.registry import EcrRegistry
from cronmend.deploys import Image
from cronmend.errors import Retryable
from cronmend.model import Missing
from tests.adapters.test_ecs_services import assert_told

PUSHED = datetime(2026, 5, 6, 10, 52, tzinfo=UTC)
DIGEST = "sha256:" + "1" * 64
HOST = "111122223333.dkr.ecr.eu-west-2.amazonaws.com"
FOUND = {"imageDetails": [{"imagePushedAt": PUSHED}]}


class Regions:
    """A client for each Region, with one answer or error code for each call."""

    def __init__(self, *answers: Any) -> None:
        self._client = boto3.client("ecr", region_name="eu-west-2")
        self._stub = Stubber(self._client)
        self.asked: list[str] = []
        self.calls: list[Any] = []
        for answer in answers:
            if isinstance(answer, str):
                self._stub.add_client_error("describe_images", answer, "no")
            else:
                self._stub.add_response("describe_images", answer)
        self._stub.activate()
        self._client.meta.events.register("before-parameter-build.ecr", lambda params, **_: self.calls.append(params))

    def __call__(self, region: str) -> Any:
        self.asked.append(region)
        return self._client


@pytest.mark.parametrize(
    ("reference", "region", "account", "repository", "wanted"),
    [
        (f"{HOST}/site:42", "eu-west-2", "111122223333", "site", {"imageTag": "42"}),
        (f"{HOST}/team/site", "eu-west-2", "111122223333", "team/site", {"imageTag": "latest"}),
        (f"{HOST}/site:42@{DIGEST}", "eu-west-2", "111122223333", "site", {"imageDigest": DIGEST}),
        (
            "999988887777.dkr.ecr-fips.us-gov-west-1.amazonaws.com/site:1",
            "us-gov-west-1",
            "999988887777",
            "site",
            {"imageTag": "1"},
        ),
        (
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1",
            "cn-north-1",
            "111122223333",
            "web",
            {"imageTag": "1"},
        ),
        ("111122223333.dkr-ecr.eu-west-1.on.aws/web:1", "eu-west-1", "111122223333", "web", {"imageTag": "1"}),
    ],
)
def test_an_image_is_looked_up_in_its_own_registry(
    reference: str, region: str, account: str, repository: str, wanted: object
) -> None:
    regions = Regions(FOUND)
    assert EcrRegistry(regions).pushed_at(Image("web", reference)) == PUSHED
    assert regions.asked == [region]
    assert regions.calls == [{"registryId": account, "repositoryName": repository, "imageIds": [wanted]}]


@pytest.mark.parametrize(
    "reference", ["", "nginx:1", "ghcr.io/team/site:42", "public.ecr.aws/nginx/nginx:1", f"{HOST}/"]
)
def test_another_registry_is_not_asked(reference: str) -> None:
    regions = Regions()
    assert EcrRegistry(regions).pushed_at(Image("web", reference, DIGEST)) is None
    assert regions.asked == []


def test_the_time_of_a_digest_is_read_once_and_that_of_a_tag_each_time() -> None:
    registry = EcrRegistry(Regions(FOUND, FOUND, FOUND))
    exact, tag = Image("web", f"{HOST}/site:42", DIGEST), Image("web", f"{HOST}/site:42")
    assert [registry.pushed_at(each) for each in (exact, exact, tag, tag)] == [PUSHED] * 4


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("AccessDeniedException", "AWS denied ecr:DescribeImages to Cronmend's role"),
        ("ImageNotFoundException", "couldn't read when site:42 was pushed: ImageNotFoundException: no"),
        ("RepositoryNotFoundException", "couldn't read when site:42 was pushed: RepositoryNotFoundException: no"),
    ],
)
def test_what_cannot_be_read_is_missing_with_the_reason(answer: str, words: str) -> None:
    assert EcrRegistry(Regions(answer)).pushed_at(Image("web", f"{HOST}/site:42")) == Missing(words)


def test_a_denial_is_logged_and_counted(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    EcrRegistry(Regions("AccessDeniedException")).pushed_at(Image("web", f"{HOST}/site:42"))
    assert_told("ecr:DescribeImages", caplog, capsys)


def test_throttling_passes() -> None:
    with pytest.raises(Retryable):
        EcrRegistry(Regions("ThrottlingException")).pushed_at(Image("web", f"{HOST}/site:42"))
