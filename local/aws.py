"""The emulated account's names, endpoints and clients."""

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.patience import PATIENCE

if TYPE_CHECKING:
    from types_boto3_cloudformation.client import CloudFormationClient
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_ecs.client import ECSClient
    from types_boto3_events.client import EventBridgeClient
    from types_boto3_lambda.client import LambdaClient
    from types_boto3_logs.client import CloudWatchLogsClient
    from types_boto3_scheduler.client import EventBridgeSchedulerClient
    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_sns.client import SNSClient
    from types_boto3_sqs.client import SQSClient

ACCOUNT = "111122223333"
REGION = "eu-west-2"
CLUSTER = "app-prod"
CLUSTER_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{CLUSTER}"

LOOPBACK = "127.0.0.1"

SECRET = "emulated"  # noqa: S105 - the emulator doesn't check it
CLIENT_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, read_timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The URLs of the emulated account: the local Fargate for ECS, the emulator for everything else."""

    aws: str
    ecs: str

    @classmethod
    def on_free_ports(cls) -> "Endpoints":
        """Two loopback ports that are free now."""
        with socket.socket() as one, socket.socket() as other:
            for probe in (one, other):
                probe.bind((LOOPBACK, 0))
            return cls(*(f"http://{LOOPBACK}:{probe.getsockname()[1]}" for probe in (one, other)))

    def environment(self) -> Mapping[str, str]:
        """The variables with which boto3, the AWS CLI, SAM and Lambda reach the emulated account and no other.

        The emulator reads the account's number from the access key.
        """
        return {
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ENDPOINT_URL_ECS": self.ecs,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


class Clients:
    """boto3 clients of the emulated account, independent of the user's own AWS configuration."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._session = boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key=SECRET, region_name=REGION)

    def of(self, service: Any) -> Any:
        """A client of a service without a property here."""
        url = self._endpoints.ecs if service == "ecs" else self._endpoints.aws
        return self._session.client(service, endpoint_url=url, config=CLIENT_CONFIG)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        client: CloudFormationClient = self.of("cloudformation")
        return client

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        client: DynamoDBClient = self.of("dynamodb")
        return client

    @cached_property
    def ecs(self) -> "ECSClient":
        client: ECSClient = self.of("ecs")
        return client

    @cached_property
    def events(self) -> "EventBridgeClient":
        client: EventBridgeClient = self.of("events")
        return client

    @cached_property
    def functions(self) -> "LambdaClient":
        client: LambdaClient = self.of("lambda")
        return client

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        client: CloudWatchLogsClient = self.of("logs")
        return client

    @cached_property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        client: EventBridgeSchedulerClient = self.of("scheduler")
        return client

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        client: SecretsManagerClient = self.of("secretsmanager")
        return client

    @cached_property
    def sns(self) -> "SNSClient":
        client: SNSClient = self.of("sns")
        return client

    @cached_property
    def sqs(self) -> "SQSClient":
        client: SQSClient = self.of("sqs")
        return client


def search_path() -> str:
    """PATH with this interpreter's directory first, and without the user's own directories."""
    return f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
