"""Mutes with their ends: ``MUTES``."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, key, to_item
from cronmend.adapters.ledger.rows import rows
from cronmend.adapters.ledger.table import Table
from cronmend.model.mutes import Mute


class DynamoMutes(Table):
    permissions = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def all(self, now: datetime) -> Sequence[Mute]:
        """Filters expired mutes, because DynamoDB may delete them days later."""
        found = (from_item(Mute, item["mute"]) for item in rows(self._client, self._table, "MUTES", "list the mutes"))
        return [mute for mute in found if mute.until > now]

    def set(self, mute: Mute) -> None:
        """Kept for a day longer: the slots in a planned mute are checked after its end."""
        expires = int((mute.until + timedelta(days=1)).timestamp())
        item = {"pk": "MUTES", "sk": mute.jobs, "kind": "mute", "expires_at": expires, "mute": to_item(mute)}
        with our_errors(f"store the mute of {mute.jobs} in the ledger"):
            self._client.put_item(TableName=self._table, Item=stored_form.written(item))

    def lift(self, jobs: str) -> bool:
        with our_errors(f"remove the mute of {jobs} from the ledger"):
            answer = self._client.delete_item(TableName=self._table, Key=key("MUTES", jobs), ReturnValues="ALL_OLD")
        return "Attributes" in answer
