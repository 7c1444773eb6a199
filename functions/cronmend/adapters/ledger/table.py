"""The base class of adapters that need only the ledger's table and a client."""

from typing import TYPE_CHECKING

from cronmend.adapters.aws import CONFIG, session

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class Table:
    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._client = client or session().client("dynamodb", config=CONFIG)
