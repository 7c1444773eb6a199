"""An account in this process that answers every call of the functions with little, and counts the calls.

The clients are boto3's own, with their paging: a hook answers in place of the network. The ledger can have a table
in moto, whose capacity units are counted as DynamoDB counts them.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock

import boto3
from botocore.model import OperationModel

from cli.bench.canned_account import Account
from cli.bench.canned_answers import answer
from cli.bench.capacity import Units, Watched
from cronmend.adapters import aws
from cronmend.adapters.ledger.due import INDEX
from local.aws import REGION

LEDGER: Final = "dynamodb"
_PROMISES = ("promise", "due")
_TABLE: Any = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", *_PROMISES)],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": INDEX,
            "KeySchema": [
                {"AttributeName": name, "KeyType": kind}
                for name, kind in zip(_PROMISES, ("HASH", "RANGE"), strict=True)
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]},
        }
    ],
}
"""As in template.yaml."""
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": REGION}


@dataclass(frozen=True, slots=True)
class _Answered:
    status_code: int = 200
    raw: None = None


@dataclass
class CannedAws(Account):
    calls: Counter[str] = field(default_factory=Counter)
    """``<service>:<operation>`` → how often it was called since :meth:`counted`."""
    units: Units = field(default_factory=Units)
    """Of the ledger, since :meth:`used`."""
    has_table: bool = False

    def counted(self) -> Counter[str]:
        """The calls since the last time."""
        calls, self.calls = self.calls, Counter()
        return calls

    def used(self) -> Units:
        """The capacity units since the last time."""
        units, self.units = self.units, Units()
        return units

    def sees(self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: Any) -> None:
        context["params"] = params
        if self.has_table and model.service_model.signing_name == LEDGER:
            context["watched"] = Watched.of(boto3.client(LEDGER), model.name, params)

    def answers(self, model: OperationModel, context: Mapping[str, Any], **_: Any) -> Any:
        service = model.service_model.signing_name
        self.calls[f"{service}:{model.name}"] += 1
        if self.has_table and service == LEDGER:
            return None
        found = answer(self, model.name, context["params"])
        return _Answered(400 if "Error" in found else 200), found

    def measures(self, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: Any) -> None:
        """After a call of the ledger."""
        if self.has_table and "Error" not in parsed:
            watched: Watched = context["watched"]
            self.units += watched.units(parsed)


@contextmanager
def answered_by(account: CannedAws) -> Iterator[None]:
    """Clients that are created in this context use this account, whose ledger is a few items without conditions."""
    with mock.patch.dict(os.environ, _CREDENTIALS):
        aws.session.cache_clear()
        events = aws.session().events
        events.register("before-parameter-build", account.sees)
        events.register("before-call", account.answers)
        events.register(f"after-call.{LEDGER}", account.measures)
        try:
            yield
        finally:
            aws.session.cache_clear()


@contextmanager
def with_table(account: CannedAws, variables: Mapping[str, str]) -> Iterator[None]:
    """The same with a table for the ledger, and these variables in the environment."""
    from moto import mock_aws  # noqa: PLC0415 # half a second that other commands need not pay

    with mock_aws(), mock.patch.dict(os.environ, variables), answered_by(account):
        boto3.client(LEDGER).create_table(TableName=variables["LEDGER_TABLE"], **_TABLE)
        account.has_table = True
        yield
