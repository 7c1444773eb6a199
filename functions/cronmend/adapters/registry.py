"""ECR: when images were pushed. Only with the stack's parameter ImageRepositories."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import read
from cronmend.deploys import Image
from cronmend.model import Missing

_REFERENCE = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+/"
    r"(?P<repository>[^:@]+)(:(?P<tag>[^@]+))?(@(?P<digest>.+))?"
)
"""The domain is the partition's. https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html"""


class EcrRegistry:
    permissions = ("ecr:DescribeImages",)

    def __init__(self, client: Callable[[str], Any] | None = None) -> None:
        """``client`` returns that of a Region; it is made only when an image is looked up."""
        self._client = client or (lambda region: session().client("ecr", region_name=region, config=CONFIG))
        self._known: dict[tuple[str, str], datetime] = {}
        """By repository and digest: what a digest means never changes."""

    def pushed_at(self, image: Image) -> datetime | Missing | None:
        found = _REFERENCE.fullmatch(image.reference)
        if found is None:
            return None
        digest = image.digest or found["digest"] or ""
        place = image.reference.partition("/")[0] + "/" + found["repository"]
        if (place, digest) in self._known:
            return self._known[place, digest]
        wanted = {"imageDigest": digest} if digest else {"imageTag": found["tag"] or "latest"}
        call = f"read when {image.words} was pushed"
        pushed_at = read(call, lambda: self._read(found, wanted), service="ecr")
        if digest and not isinstance(pushed_at, Missing):
            self._known[place, digest] = pushed_at
        return pushed_at

    def _read(self, found: re.Match[str], wanted: dict[str, str]) -> datetime:
        """``registryId``: the repository may be another account's, whose policy then has to allow this, too."""
        answer = self._client(found["region"]).describe_images(
            registryId=found["account"], repositoryName=found["repository"], imageIds=[wanted]
        )
        at: datetime = answer["imageDetails"][0]["imagePushedAt"]
        return at
