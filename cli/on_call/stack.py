"""The deployed stack, reached with the standard AWS credentials."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.aws_errors import in_words
from cli.console import as_sentence
from cronmend.adapters.lambda_calls import answer_of
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.findings import DynamoFindings
from cronmend.adapters.ledger.followings import DynamoFollowings
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.published import DynamoPublished, File
from cronmend.errors import CronmendError, Permanent, Retryable
from cronmend.incoming.own_payloads import run_request_payload
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies
from cronmend.model.wakeups import RunRequest
from cronmend.use_cases.alerting.acknowledge import Acknowledgements

LIFE = timedelta(days=90)


class CommandError(Exception):
    """An error that a person can fix; the message says how."""


@dataclass(frozen=True)
class Stack:
    """One Cronmend stack in an account and Region."""

    name: str
    profile: str | None
    region: str | None

    @cached_property
    def session(self) -> boto3.Session:
        return boto3.Session(profile_name=self.profile, region_name=self.region)

    def client(self, service: str) -> Any:
        session: Any = self.session
        return session.client(service)

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs, by name."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described.get("Outputs", [])}

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        try:
            found = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            found = []
        if not found:
            region = self.session.region_name
            raise CommandError(f"No stack named '{self.name}' in {region}. Use --stack-name, --region or --profile.")
        described: Mapping[str, Any] = found[0]
        return described

    def output(self, name: str) -> str:
        if name not in self.outputs:
            raise CommandError(
                f"Stack '{self.name}' has no output {name}. Check that it is a Cronmend stack of this version."
            )
        return self.outputs[name]

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The stack's parameters, by name."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described.get("Parameters", [])}

    @property
    def status(self) -> str:
        """CloudFormation's word for the state of the stack."""
        return str(self._described["StackStatus"])

    @property
    def cluster_names(self) -> Sequence[str]:
        """The watched clusters."""
        return [name.strip() for name in self.parameters["Cluster"].split(",")]

    @property
    def cluster_arns(self) -> Sequence[str]:
        return [self.arn("ecs", "cluster", name) for name in self.cluster_names]

    @property
    def region_name(self) -> str:
        return str(self._described["StackId"]).split(":")[3]

    @property
    def account(self) -> str:
        return str(self._described["StackId"]).split(":")[4]

    def arn(self, service: str, kind: str, name: str) -> str:
        """Of a resource in the stack's account and Region."""
        partition = str(self._described["StackId"]).split(":")[1]
        return f"arn:{partition}:{service}:{self.region_name}:{self.account}:{kind}/{name}"

    @property
    def table(self) -> str:
        return self.output("LedgerTable")

    @cached_property
    def dynamodb(self) -> Any:
        return self.session.client("dynamodb")

    @cached_property
    def _functions(self) -> Any:
        """A function may take minutes to answer, so there is no retry: it would do the work twice."""
        return self.session.client("lambda", config=Config(read_timeout=320, retries={"total_max_attempts": 1}))

    @cached_property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(self.table, LIFE, 0, self.dynamodb)

    @cached_property
    def circuit(self) -> DynamoCircuit:
        return DynamoCircuit(self.table, LIFE, self.dynamodb)

    @cached_property
    def mutes(self) -> DynamoMutes:
        return DynamoMutes(self.table, self.dynamodb)

    @cached_property
    def findings(self) -> DynamoFindings:
        return DynamoFindings(self.table, LIFE, self.dynamodb)

    @cached_property
    def holds(self) -> DynamoHolds:
        return DynamoHolds(self.table, self.dynamodb)

    @cached_property
    def followings(self) -> DynamoFollowings:
        return DynamoFollowings(self.table, self.dynamodb)

    @cached_property
    def outbox(self) -> DynamoOutbox:
        return DynamoOutbox(self.table, self.dynamodb)

    @cached_property
    def channels(self) -> DynamoChannelHealth:
        return DynamoChannelHealth(self.table, self.dynamodb)

    @cached_property
    def published(self) -> DynamoPublished:
        return DynamoPublished(self.table, self.dynamodb)

    @property
    def takes_published(self) -> bool:
        """Whether the functions read the published files, not the packaged ones."""
        return self.parameters.get("PolicySource") == "published"

    def policies(self) -> Policies:
        """Those that the functions use: published, or else of this project's jobs.json."""
        found = self.published.read(File.JOBS) if self.takes_published else None
        return policies.read(found.text) if found else policies.packaged()

    @cached_property
    def acknowledgements(self) -> Acknowledgements:
        return Acknowledgements(self.ledger, self.mutes)

    def items(self) -> Iterator[Mapping[str, Any]]:
        """All items of the ledger, in DynamoDB's own form."""
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True):
            yield from page["Items"]

    @cached_property
    def person(self) -> str:
        """The name in the credentials: the user's, or that of the role's session."""
        arn: str = self.session.client("sts").get_caller_identity()["Arn"]
        return arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]

    def mode(self) -> str:
        answer = self.client("ssm").get_parameter(Name=self.output("ModeParameter"))
        return str(answer["Parameter"]["Value"])

    def set_mode(self, mode: str) -> None:
        name = self.output("ModeParameter")
        self.session.client("ssm").put_parameter(Name=name, Value=mode, Type="String", Overwrite=True)

    def queued(self, queue: str) -> int:
        """The approximate number of messages in the queue with this URL."""
        count = "ApproximateNumberOfMessages"
        answer = self.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[count])
        return int(answer["Attributes"][count])

    def ask_rerun(self, run_request: RunRequest) -> Mapping[str, Any]:
        """The rerun function's answer. Only that function is allowed to start a task."""
        return answer_of(self._functions, self.output("RerunFunctionName"), run_request_payload(run_request))

    def ask_failure_alert(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """failure_alert's answer. Only that function has the channels' secrets."""
        return self.ask("FailureAlertFunctionName", payload)

    def ask(self, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer of the function whose name is this output of the stack."""
        return answer_of(self._functions, self.output(function), payload)


@contextmanager
def command_errors() -> Iterator[None]:
    """Replace errors of AWS and the library by ones that say what to do.

    Raises:
        CommandError: for each of them.
    """
    try:
        yield
    except ClientError as error:
        raise CommandError(
            f"AWS rejected the call: {as_sentence(str(error))} Check that the credentials are for the stack's account."
        ) from error
    except BotoCoreError as error:
        raise CommandError(in_words(error)) from error
    except Retryable as error:
        raise CommandError(f"{as_sentence(str(error))} Try again.") from error
    except Permanent as error:
        raise CommandError(as_sentence(str(error))) from error
    except CronmendError as error:
        raise CommandError(f"{as_sentence(str(error))} Try again.") from error
