"""Consistent reads of the ledger's table. ``what`` describes the read in an error: "couldn't … in the ledger"."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import key
from cronmend.errors import Retryable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import PaginatorConfigTypeDef

_TOGETHER = 100
"""The most keys that BatchGetItem accepts."""
_ROUNDS = 5
"""DynamoDB may leave out keys of a batch, which are then asked for again."""


def row(client: "DynamoDBClient", table: str, pk: str, sk: str, what: str) -> Mapping[str, Any] | None:
    with our_errors(f"{what} in the ledger"):
        answer = client.get_item(TableName=table, Key=key(pk, sk), ConsistentRead=True)
    return stored_form.read(answer["Item"]) if "Item" in answer else None


def rows_of(
    client: "DynamoDBClient", table: str, places: Sequence[tuple[str, str]], what: str, *, newest: bool = True
) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """The rows at these places that exist, by place: the partition and the sort key. One call for each 100 places.

    Without ``newest``, a row may be as it was a moment ago, which costs half as much.
    """
    groups = batched(places, _TOGETHER, strict=False)
    found = (each for some in groups for each in _batch(client, table, some, what, newest=newest))
    return {(each["pk"], each["sk"]): each for each in found}


def _batch(
    client: "DynamoDBClient", table: str, places: Sequence[tuple[str, str]], what: str, *, newest: bool
) -> Sequence[Mapping[str, Any]]:
    wanted: Any = {table: {"Keys": [key(*place) for place in places], "ConsistentRead": newest}}
    found: list[Mapping[str, Any]] = []
    for _ in range(_ROUNDS):
        with our_errors(f"{what} in the ledger"):
            answer = client.batch_get_item(RequestItems=wanted)
        found += map(stored_form.read, answer["Responses"].get(table, ()))
        if not (wanted := answer["UnprocessedKeys"]):
            return found
    raise Retryable(f"couldn't {what} in the ledger: DynamoDB left out some of it {_ROUNDS} times")


def rows(
    client: "DynamoDBClient", table: str, pk: str, what: str, prefix: str = "", most: int | None = None
) -> list[Mapping[str, Any]]:
    """The rows of a partition whose sort key starts with ``prefix``, in its order; at most ``most`` of them."""
    paging: PaginatorConfigTypeDef = {"MaxItems": most, "PageSize": most} if most else {}
    values = {":pk": {"S": pk}, **({":prefix": {"S": prefix}} if prefix else {})}
    with our_errors(f"{what} in the ledger"):
        pages = client.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)" if prefix else "pk = :pk",
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            PaginationConfig=paging,
        )
        return [stored_form.read(item) for page in pages for item in page["Items"]]


def latest_rows(
    client: "DynamoDBClient", table: str, pk: str, prefix: str, most: int, what: str
) -> list[Mapping[str, Any]]:
    """The last rows of a partition whose sort key starts with ``prefix``, the last one first."""
    with our_errors(f"{what} in the ledger"):
        answer = client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
            ScanIndexForward=False,
            Limit=most,
            ConsistentRead=True,
        )
    return [stored_form.read(item) for item in answer["Items"]]


def of_kind(client: "DynamoDBClient", table: str, kind: str) -> Iterator[Mapping[str, Any]]:
    """Scans the table, for the command line and the demo; functions may not. Raises boto3's own errors."""
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": kind}},
        ConsistentRead=True,
    )
    return (stored_form.read(item) for page in pages for item in page["Items"])
