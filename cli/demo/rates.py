"""Limits per minute: the demo plays within one what takes days, so each act has a minute of its own."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

COUNTERS = tuple(f"PACE#{channel}{what}" for channel in ("slack", "sns") for what in ("", "/over"))
"""The ledger's counts of conversations and of incidents that ended, by minute."""
TURN = "TURN"
"""The row that keeps a channel's messages a second apart. It stays."""


def start_minute(client: "DynamoDBClient", table: str) -> None:
    """Let what the channels were sent in this minute have been sent in an earlier one."""
    for counter in COUNTERS:
        values: Any = {":pk": {"S": counter}}
        found = client.query(
            TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, ConsistentRead=True
        )
        for row in found["Items"]:
            if row["sk"]["S"] != TURN:
                client.delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})
