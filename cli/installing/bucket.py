"""The bucket of the account from which Lambda and CloudFormation read a release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from cli.on_call.stack import CommandError

NAME = "cronmend-{account}-{region}"
_WITHOUT_CONSTRAINT = "us-east-1"
"""S3 refuses this Region as a LocationConstraint.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    Args:
        account: the only owner that is accepted. Names of buckets can be guessed, so another account may have taken it.
    """

    s3: Any
    name: str
    account: str
    region: str

    def make(self) -> None:
        """Keeps one that exists. A new one is private and encrypted, as S3 makes all.

        Raises:
            CommandError: the name belongs to another account, or the credentials can't use the bucket.
        """
        try:
            self.s3.head_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if _status(error) != 404:
                raise CommandError(
                    f"Bucket '{self.name}' can't be used ({_status(error)}): it belongs to another account, is in "
                    "another Region, or your credentials don't allow it. Name another with --bucket."
                ) from error
        else:
            return
        constraint = {"LocationConstraint": self.region}
        more = {} if self.region == _WITHOUT_CONSTRAINT else {"CreateBucketConfiguration": constraint}
        self.s3.create_bucket(Bucket=self.name, **more)

    def upload(self, prefix: str, files: Mapping[str, Path]) -> None:
        """Keeps what is there: the prefix differs between builds."""
        for name, path in files.items():
            self.put(prefix + name, path.read_bytes)

    def put(self, key: str, content: Callable[[], bytes]) -> None:
        """Keeps what is there."""
        if not self._has(key):
            self.s3.put_object(Bucket=self.name, Key=key, Body=content(), ExpectedBucketOwner=self.account)

    def url(self, key: str) -> str:
        return f"{self.s3.meta.endpoint_url}/{self.name}/{key}"

    def _has(self, key: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.name, Key=key, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if _status(error) != 404:
                raise
            return False
        return True


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
