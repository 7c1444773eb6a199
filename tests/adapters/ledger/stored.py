"""A table with the items that commit 0271f9c stored: its use cases ran over the emulated AWS, through eight stories."""

import json
from pathlib import Path
from typing import Any

import boto3

from cronmend.adapters.ledger.items import deserialized
from cronmend.adapters.ledger.ledger import DynamoLedger
from tests.adapters.ledger.test_ledger import table

FOLDER = Path(__file__).with_name("stored_by_0271f9c")


def raw(kind: str) -> list[dict[str, Any]]:
    """The items of a kind in DynamoDB's own form, as the commit stored them."""
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    return found


def items(kind: str) -> list[dict[str, Any]]:
    return [deserialized(each) for each in raw(kind)]


def without_deploy(sentence: str) -> str:
    """A diagnosis's sentence without the deploy, which it included then."""
    return sentence.partition(". The deploy explains it: ")[0]


def loaded() -> DynamoLedger:
    """A table that holds all of them."""
    ledger, client = table(), boto3.client("dynamodb")
    for path in FOLDER.glob("*.json"):
        for item in raw(path.stem) if path.stem != "timers" else ():
            client.put_item(TableName="ledger", Item=item)
    return ledger
