"""What the adapters of the ledger's table share: a base class, and conditional writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cronmend.adapters.aws import CONFIG, our_errors, session

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class Table:
    """For adapters that need only the table and a client."""

    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._client = client or session().client("dynamodb", config=CONFIG)


class ConditionalWrite(Struct):
    is_done: bool = True
    """False if the condition didn't hold: nothing was written."""


@contextmanager
def conditional(client: "DynamoDBClient", call: str) -> Iterator[ConditionalWrite]:
    """A write, or a transaction, of which a condition may not hold: that is no error.

    Other errors are raised as by ``our_errors``.
    """
    write = ConditionalWrite()
    with our_errors(call):
        try:
            yield write
        except client.exceptions.ConditionalCheckFailedException:
            write.is_done = False
        except client.exceptions.TransactionCanceledException as error:
            raw: Any = error.response
            if not any(each.get("Code") == "ConditionalCheckFailed" for each in raw["CancellationReasons"]):
                raise
            write.is_done = False
