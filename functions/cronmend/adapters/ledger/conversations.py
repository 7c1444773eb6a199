"""Conversations, in the ledger's table.

| pk                              | sk                | item                                                     |
| ------------------------------- | ----------------- | -------------------------------------------------------- |
| TALK#<channel>                  | <key>             | the conversation that further failures of a cause join   |
| TALK#<channel>#<key>#<opened>   | CONVERSATION      | the conversation, guarded by its version                 |
| TALK#<channel>#<key>#<opened>   | JOB#<job>         | a job that is reported in it                             |
| INCIDENT#<incident>             | TALK#<channel>    | the conversation that an incident is in                  |
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import AWS_ERRORS, CONFIG, our_errors, session, translated
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, to_item
from cronmend.adapters.ledger.rows import row, rows
from cronmend.alerting.conversations import Conversation, Member

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_CONVERSATION = "CONVERSATION"
_OPEN_LIFE = timedelta(days=400)
"""The least time that a conversation is kept after it was written: a job may run, and fail, only once a year."""


class DynamoConversations:
    permissions = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query")

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._life = life
        self._client = client or session().client("dynamodb", config=CONFIG)

    def current(self, channel: str, key: str) -> Conversation | None:
        item = self._get(f"TALK#{channel}", key)
        found = self.by_id(item["id"]) if item else None
        return found if found and found.is_open else None

    def of_incident(self, channel: str, incident: str) -> Conversation | None:
        item = self._get(f"INCIDENT#{incident}", f"TALK#{channel}")
        return self.by_id(item["id"]) if item else None

    def by_id(self, conversation_id: str) -> Conversation | None:
        item = self._get(f"TALK#{conversation_id}", _CONVERSATION)
        return from_item(Conversation, item["conversation"]) if item else None

    def save(self, conversation: Conversation, now: datetime) -> Conversation | None:
        written = replace(conversation, version=conversation.version + 1)
        body = {"version": written.version, "conversation": to_item(written)}
        put = self._put_of(f"TALK#{written.id}", _CONVERSATION, self._expiry(written, now), **body)
        if conversation.version == 0:
            return written if self._opened(written, put, now) else None
        put["ConditionExpression"] = "version = :read"
        put["ExpressionAttributeValues"] = {":read": {"N": str(conversation.version)}}
        return written if self._write([put]) else None

    def _opened(self, conversation: Conversation, put: dict[str, Any], now: datetime) -> bool:
        """Point the key to it. False if the key points to an open conversation, or was changed in between."""
        known = self._get(f"TALK#{conversation.channel}", conversation.key)
        if known and (before := self.by_id(known["id"])) and before.is_open:
            return False
        expires = self._expiry(conversation, now)
        pointer = self._put_of(f"TALK#{conversation.channel}", conversation.key, expires, id=conversation.id)
        pointer["ConditionExpression"] = "id = :known" if known else "attribute_not_exists(pk)"
        if known:
            pointer["ExpressionAttributeValues"] = {":known": {"S": known["id"]}}
        return self._write([{**put, "ConditionExpression": "attribute_not_exists(pk)"}, pointer])

    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        """Neither row expires while the job is broken: without them, no reminder would be sent."""
        expires = now + self._life if member.healed else None
        self._put(f"TALK#{conversation.id}", f"JOB#{member.job}", expires, member=to_item(member))
        self._put(f"INCIDENT#{member.incident}", f"TALK#{conversation.channel}", expires, id=conversation.id)

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]:
        pk = f"TALK#{conversation.id}"
        found = rows(self._client, self._table, pk, "list the jobs of a conversation", "JOB#", most)
        return tuple(from_item(Member, item["member"]) for item in found)

    def _write(self, puts: list[dict[str, Any]]) -> bool:
        try:
            self._client.transact_write_items(TransactItems=[{"Put": put} for put in puts])  # type: ignore[typeddict-item] # built above
        except self._client.exceptions.TransactionCanceledException:
            return False
        except AWS_ERRORS as error:
            raise translated(error, "write a conversation to the ledger") from error
        return True

    def _expiry(self, conversation: Conversation, now: datetime) -> datetime:
        """Counted from the end of a mute, if the conversation waits for it."""
        return max(now, conversation.starts_at or now) + max(self._life, _OPEN_LIFE)

    def _put(self, pk: str, sk: str, expires: datetime | None, **body: object) -> None:
        with our_errors(f"write {pk} {sk} to the ledger"):
            self._client.put_item(**self._put_of(pk, sk, expires, **body))

    def _put_of(self, pk: str, sk: str, expires: datetime | None, **body: object) -> dict[str, Any]:
        expiry = {"expires_at": int(expires.timestamp())} if expires else {}
        item = {"pk": pk, "sk": sk, "kind": "talk", **expiry, **body}
        return {"TableName": self._table, "Item": stored_form.written(item)}

    def _get(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        return row(self._client, self._table, pk, sk, f"read {pk} {sk}")
