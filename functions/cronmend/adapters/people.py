"""What concerns the people who are told: whose turn it is in a channel, what is muted, which channel still works.

In the ledger's table: ``PACE#<channel>``, ``MUTES`` and ``CHANNELS``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cronmend.adapters.aws import CONFIG, our_errors, session, translated
from cronmend.adapters.items import deserialized, from_item, key, serialized, to_item
from cronmend.adapters.rows import row, rows
from cronmend.conversations import Health, Mute
from cronmend.errors import Throttled

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_COLLISIONS = 5


class _Table:
    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._client = client or session().client("dynamodb", config=CONFIG)


class DynamoPace(_Table):
    permissions = ("dynamodb:GetItem", "dynamodb:UpdateItem")

    def slot(self, channel: str, gap: timedelta, now: datetime) -> datetime:
        """Raises Throttled where others keep taking the turn."""
        for _ in range(_COLLISIONS):
            taken = self._taken(channel)
            mine = max(now, taken + gap) if taken else now
            if self._take(channel, taken, mine):
                return mine
        raise Throttled(f"{channel} is busy: other invocations are writing to it", gap * _COLLISIONS)

    def opened(self, channel: str, now: datetime) -> int:
        with our_errors(f"count the conversations of {channel} in the ledger"):
            answer = self._client.update_item(
                TableName=self._table,
                Key=key(f"PACE#{channel}", f"{now:%Y-%m-%dT%H:%M}"),
                UpdateExpression="ADD opened :one SET expires_at = :expires",
                ExpressionAttributeValues=serialized(
                    {":one": 1, ":expires": int((now + timedelta(hours=1)).timestamp())}
                ),
                ReturnValues="UPDATED_NEW",
            )
        return int(deserialized(answer["Attributes"])["opened"])

    def _taken(self, channel: str) -> datetime | None:
        found = row(self._client, self._table, f"PACE#{channel}", "TURN", f"read the last send to {channel}")
        return datetime.fromisoformat(found["taken"]) if found else None

    def _take(self, channel: str, taken: datetime | None, mine: datetime) -> bool:
        values = {":mine": mine.isoformat(), **({":taken": taken.isoformat()} if taken else {})}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key(f"PACE#{channel}", "TURN"),
                UpdateExpression="SET taken = :mine",
                ConditionExpression="taken = :taken" if taken else "attribute_not_exists(pk)",
                ExpressionAttributeValues=serialized(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except ClientError as error:
            raise translated(error, f"reserve a send to {channel} in the ledger") from error
        return True


class DynamoMutes(_Table):
    permissions = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def until(self, job: str, now: datetime) -> datetime | None:
        return max((mute.until for mute in self.all(now) if fnmatchcase(job, mute.jobs)), default=None)

    def all(self, now: datetime) -> Sequence[Mute]:
        """DynamoDB deletes what has expired within days only."""
        found = (from_item(Mute, item["mute"]) for item in rows(self._client, self._table, "MUTES", "list the mutes"))
        return [mute for mute in found if mute.until > now]

    def set(self, mute: Mute) -> None:
        expires = int(mute.until.timestamp())
        item = {"pk": "MUTES", "sk": mute.jobs, "kind": "mute", "expires_at": expires, "mute": to_item(mute)}
        with our_errors(f"store the mute of {mute.jobs} in the ledger"):
            self._client.put_item(TableName=self._table, Item=serialized(item))

    def lift(self, jobs: str) -> bool:
        with our_errors(f"remove the mute of {jobs} from the ledger"):
            answer = self._client.delete_item(TableName=self._table, Key=key("MUTES", jobs), ReturnValues="ALL_OLD")
        return "Attributes" in answer


class DynamoChannelHealth(_Table):
    permissions = ("dynamodb:UpdateItem", "dynamodb:Query")

    def note(self, channel: str, at: datetime, error: str = "") -> None:
        sets = "failed_at = :at, #error = :error" if error else "delivered_at = :at, #error = :error"
        with our_errors(f"store the health of {channel} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key("CHANNELS", channel),
                UpdateExpression=f"SET kind = :kind, channel = :channel, {sets}",
                ExpressionAttributeNames={"#error": "error"},
                ExpressionAttributeValues=serialized(
                    {":kind": "channel", ":channel": channel, ":at": at.isoformat(), ":error": error}
                ),
            )

    def all(self) -> Sequence[Health]:
        return [from_item(Health, item) for item in rows(self._client, self._table, "CHANNELS", "list the channels")]
