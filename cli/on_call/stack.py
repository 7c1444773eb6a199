"""The deployed stack, reached with the standard AWS credentials."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError, ProfileNotFound

from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.errors import CronmendError, Permanent
from cronmend.incoming.own_payloads import run_request_payload
from cronmend.model.wakeups import RunRequest
from cronmend.use_cases.alerting.acknowledge import Acknowledgements

LIFE = timedelta(days=90)


class PeopleError(Exception):
    """What keeps a command from working, with the remedy."""


@dataclass(frozen=True)
class Stack:
    """One stack of Cronmend's in an account and Region."""

    name: str
    profile: str | None
    region: str | None

    @cached_property
    def session(self) -> boto3.Session:
        return boto3.Session(profile_name=self.profile, region_name=self.region)

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """What the template puts out, by name."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described.get("Outputs", [])}

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        try:
            found = self.session.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            found = []
        if not found:
            region = self.session.region_name
            raise PeopleError(f"there is no stack {self.name} in {region}: name it with --stack-name, or --region")
        described: Mapping[str, Any] = found[0]
        return described

    def output(self, name: str) -> str:
        if name not in self.outputs:
            raise PeopleError(f"the stack {self.name} has no output {name}: is it Cronmend's, and of this version?")
        return self.outputs[name]

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """What the stack was deployed with, by name."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described.get("Parameters", [])}

    @property
    def table(self) -> str:
        return self.output("LedgerTable")

    @cached_property
    def dynamodb(self) -> Any:
        return self.session.client("dynamodb")

    @cached_property
    def _functions(self) -> Any:
        """A function may take minutes over what it is asked; a second call would ask the same again."""
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
    def outbox(self) -> DynamoOutbox:
        return DynamoOutbox(self.table, self.dynamodb)

    @cached_property
    def channels(self) -> DynamoChannelHealth:
        return DynamoChannelHealth(self.table, self.dynamodb)

    @cached_property
    def answers(self) -> Acknowledgements:
        return Acknowledgements(self.ledger, self.mutes)

    @cached_property
    def person(self) -> str:
        """Who the credentials say is asking: a user's name, or that of a role's session."""
        arn: str = self.session.client("sts").get_caller_identity()["Arn"]
        return arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]

    def mode(self) -> str:
        answer = self.session.client("ssm").get_parameter(Name=self.output("ModeParameter"))
        return answer["Parameter"]["Value"]

    def set_mode(self, mode: str) -> None:
        name = self.output("ModeParameter")
        self.session.client("ssm").put_parameter(Name=name, Value=mode, Type="String", Overwrite=True)

    def ask_rerun(self, run_request: RunRequest) -> Mapping[str, Any]:
        """The rerun function's answer: it alone may start a task."""
        return self._ask(self.output("RerunFunctionName"), run_request_payload(run_request))

    def ask_failure_alert(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer of the function that sends messages: it alone has the channels' secrets."""
        return self._ask(self.output("FailureAlertFunctionName"), payload)

    def _ask(self, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        raw = self._functions.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
        answer: Mapping[str, Any] = json.loads(raw["Payload"].read())
        if "FunctionError" in raw:
            raise PeopleError(f"{name} failed: {answer.get('errorMessage', answer)}; its log says more")
        return answer


@contextmanager
def people_errors() -> Iterator[None]:
    """AWS's errors in words that name the remedy.

    Raises:
        PeopleError: in place of any of them.
    """
    try:
        yield
    except (NoCredentialsError, ProfileNotFound) as error:
        raise PeopleError(f"{error}: sign in with `aws configure` or `aws sso login`, or name a --profile") from error
    except NoRegionError as error:
        raise PeopleError("no Region is set: name it with --region") from error
    except ClientError as error:
        raise PeopleError(
            f"AWS refused: {error}: check that the credentials are those of the stack's account"
        ) from error
    except BotoCoreError as error:
        raise PeopleError(f"AWS did not answer: {error}") from error
    except Permanent as error:
        raise PeopleError(str(error)) from error
    except CronmendError as error:
        raise PeopleError(f"{error}: try again") from error
