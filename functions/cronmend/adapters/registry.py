"""ECR: when images were pushed, and whether they are there. Only with the stack's parameter ImageRepositories."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import read
from cronmend.deploys import Image
from cronmend.deploys.ecr import ECR_REFERENCE
from cronmend.model import Missing
from cronmend.model.needs import GONE, Described


class EcrRegistry:
    permissions = ("ecr:DescribeImages",)

    def __init__(self, client: Callable[[str], Any] | None = None) -> None:
        """``client`` returns that of a Region; it is made only when an image is looked up."""
        self._client = client or _client
        self._known: dict[tuple[str, str], datetime] = {}
        """By repository and digest: what a digest means never changes."""

    def pushed_at(self, image: Image) -> datetime | Missing | None:
        found = ECR_REFERENCE.fullmatch(image.reference)
        if found is None:
            return None
        digest = image.digest or found["digest"] or ""
        place = image.reference.partition("/")[0] + "/" + found["repository"]
        if (place, digest) in self._known:
            return self._known[place, digest]
        call = f"read when {image.words} was pushed"
        pushed_at = read(call, lambda: _pushed_at(self._client(found["region"]), found, digest), "ecr")
        if digest and not isinstance(pushed_at, Missing):
            self._known[place, digest] = pushed_at
        return pushed_at


class EcrImages:
    permissions = ("ecr:DescribeImages",)

    def described(self, references: Sequence[str]) -> Mapping[str, Described | Missing]:
        """By reference; one that isn't in a registry of ECR is left out."""
        found = {each: match for each in references if (match := ECR_REFERENCE.fullmatch(each))}
        return {
            each: read(f"find the image {each}", partial(_there, match), "ecr", GONE) for each, match in found.items()
        }


def _there(found: re.Match[str]) -> Described:
    return Described(set_at=_pushed_at(_client(found["region"]), found, found["digest"] or ""))


def _client(region: str) -> Any:
    """Its types aren't installed."""
    return session().client("ecr", region_name=region, config=CONFIG)


def _pushed_at(client: Any, found: re.Match[str], digest: str) -> datetime:
    """``registryId``: the repository may be another account's, whose policy then has to allow this, too."""
    wanted = {"imageDigest": digest} if digest else {"imageTag": found["tag"] or "latest"}
    answer = client.describe_images(registryId=found["account"], repositoryName=found["repository"], imageIds=[wanted])
    at: datetime = answer["imageDetails"][0]["imagePushedAt"]
    return at
