"""Conversations, in the ledger's table.

| pk                            | sk                            | item                                           |
| ----------------------------- | ----------------------------- | ---------------------------------------------- |
| TALK#<channel>                | <key>                         | the conversation that failures of a cause join |
| TALK#<channel>#<key>#<opened> | CONVERSATION                  | the conversation, guarded by its version       |
| TALK#<channel>#<key>#<opened> | JOB#<job>#<incident>          | an incident in it, and what people know of it  |
| INCIDENT#<incident>           | TALK#<channel>#<key>#<opened> | a conversation that an incident is in          |

Rows of earlier versions have the sort keys JOB#<job> and TALK#<channel>, and no fact: their conversation was sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import AWS_ERRORS, CONFIG, session, translated
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.alert_promises import item_of
from cronmend.adapters.ledger.items import from_item, key, serialized, to_item
from cronmend.adapters.ledger.rate_limits import counting_up_to
from cronmend.adapters.ledger.rows import row, rows, rows_of
from cronmend.alerting.conversations import Conversation, flush_of
from cronmend.alerting.members import Form, Member, WithMembers
from cronmend.errors import Retryable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_CONVERSATION = "CONVERSATION"
_OPEN_LIFE = timedelta(days=400)
"""The least time that a conversation is kept after it was written: a job may run, and fail, only once a year."""
_MOST = 100
"""Writes in one transaction. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
_TRIES = 5
"""Of a transaction that collides with another write to one of its items."""


class DynamoConversations:
    permissions = (
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    )

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._life = life
        self._client = client or session().client("dynamodb", config=CONFIG)

    def latest(self, channel: str, key: str) -> str:
        item = self._get(*pointer_place(channel, key))
        return str(item["id"]) if item else ""

    def current(self, channel: str, key: str) -> Conversation | None:
        latest = self.latest(channel, key)
        found = self.by_id(latest) if latest else None
        return found if found and found.is_open else None

    def of_incident(self, incident: str) -> Mapping[str, Sequence[Conversation]]:
        what = "read an incident's conversations"
        pointers = rows(self._client, self._table, f"INCIDENT#{incident}", what, "TALK#")
        places = [conversation_place(each) for each in dict.fromkeys(str(item["id"]) for item in pointers)]
        items = rows_of(self._client, self._table, places, what).values()
        found: dict[str, list[Conversation]] = {}
        conversations = (from_item(Conversation, item["conversation"]) for item in items)
        for each in sorted(conversations, key=lambda each: each.opened_at):
            found.setdefault(each.channel, []).append(each)
        return found

    def by_id(self, conversation_id: str) -> Conversation | None:
        item = self._get(*conversation_place(conversation_id))
        return from_item(Conversation, item["conversation"]) if item else None

    def save(self, conversation: Conversation, now: datetime, seen: Sequence[Member] = ()) -> Conversation | None:
        written, put = self._put_of(conversation, now)
        put["ConditionExpression"] = "version = :read"
        put["ExpressionAttributeValues"] = {":read": {"N": str(conversation.version)}}
        together, later = seen[: _MOST - 1], seen[_MOST - 1 :]
        if not self._write([{"Put": put}, *(self._seen(conversation, each) for each in together)]):
            return None
        self.seen(written, later, now)
        return written

    def open(
        self, conversation: Conversation, member: Member, now: datetime, most: int | None = None
    ) -> Conversation | None:
        """Points the key to it. Refused if the key points to an open conversation, or was changed in between."""
        channel = conversation.channel
        counts = [] if most is None else [{"Update": {"TableName": self._table, **counting_up_to(most, channel, now)}}]
        if opened := self._opened(conversation, member, now, "", counts):
            return opened
        latest = self.latest(channel, conversation.key)
        if not latest or ((before := self.by_id(latest)) and before.is_open):
            return None
        return self._opened(conversation, member, now, latest, counts)

    def _opened(
        self, conversation: Conversation, member: Member, now: datetime, before: str, counts: Sequence[dict[str, Any]]
    ) -> Conversation | None:
        """Args: before: the ID of the conversation that the key points to; ``""`` if it points to none."""
        pk, expires = f"TALK#{conversation.channel}", self._expiry(conversation, now)
        pointer = self._item(pk, conversation.key, expires, id=conversation.id)
        pointer["ConditionExpression"] = "id = :before" if before else "attribute_not_exists(pk)"
        if before:
            pointer["ExpressionAttributeValues"] = {":before": {"S": before}}
        written, put = self._put_of(conversation, now)
        put["ConditionExpression"] = "attribute_not_exists(pk)"
        timers = [{"Put": {"TableName": self._table, "Item": item_of(each, self._life)}} for each in flush_of(written)]
        joins = self._joins(conversation, member, now)
        return written if self._write([{"Put": put}, {"Put": pointer}, *joins, *timers, *counts]) else None

    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        """Neither row expires while the job is broken: without them, no reminder would be sent."""
        self._write_all(self._joins(conversation, member, now), f"add {member.job} to a conversation")

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]:
        pk = f"TALK#{conversation.id}"
        found = rows(self._client, self._table, pk, "list the jobs of a conversation", "JOB#", most)
        members = _merged(found)
        return members if len(members) == len(found) or most is None else self.of(conversation)

    def whole(self, conversation_id: str, most: int | None = None) -> WithMembers | None:
        """Its own row is the first of its partition."""
        pk, what = f"TALK#{conversation_id}", "read a conversation with its jobs"
        found = rows(self._client, self._table, pk, what, most=most and most + 1)
        if not found or "conversation" not in found[0]:
            return None
        conversation, members = from_item(Conversation, found[0]["conversation"]), _merged(found[1:])
        is_merged = most is not None and len(members) < len(found) - 1
        return WithMembers(conversation, self.of(conversation) if is_merged else members)

    def member(self, conversation: Conversation, job: str, incident: str) -> Member | None:
        pk = f"TALK#{conversation.id}"
        found = (self._get(pk, sk) for sk in (f"JOB#{job}", f"JOB#{job}#{incident}"))
        mine = (each for each in found if each and each["member"]["incident"] == incident)
        return next(iter(_merged(mine)), None)

    def seen(self, conversation: Conversation, members: Sequence[Member], now: datetime) -> None:
        updates = [self._seen(conversation, each) for each in members]
        for some in batched(updates, _MOST, strict=False):
            self._write_all(list(some), "store what people know")

    def _seen(self, conversation: Conversation, member: Member) -> dict[str, Any]:
        return self._update(conversation, member, "fact = :fact")

    def _joins(self, conversation: Conversation, member: Member, now: datetime) -> list[dict[str, Any]]:
        sk, expires = f"TALK#{conversation.id}", now + self._life if member.healed else None
        pointer = self._item(f"INCIDENT#{member.incident}", sk, expires, id=conversation.id)
        return [self._update(conversation, member, "fact = if_not_exists(fact, :fact)", expires), {"Put": pointer}]

    def _update(
        self, conversation: Conversation, member: Member, fact: str, expires: datetime | None = None
    ) -> dict[str, Any]:
        """Of a member's row. Its two attributes are written apart: the end of an incident, and what people know."""
        body = to_item(member)
        values = {":fact": body.pop("fact"), ":member": body, ":kind": "talk", ":form": stored_form.FORM}
        sets = [fact, "kind = :kind", "form = :form"]
        if expires:
            sets += ["#member = :member", "expires_at = :expires"]
            values[":expires"] = int(expires.timestamp())
        else:
            sets.append("#member = if_not_exists(#member, :member)")
        return {
            "Update": {
                "TableName": self._table,
                "Key": key(f"TALK#{conversation.id}", f"JOB#{member.job}#{member.incident}"),
                "UpdateExpression": f"SET {', '.join(sets)}",
                "ExpressionAttributeNames": {"#member": "member"},
                "ExpressionAttributeValues": serialized(values),
            }
        }

    def _write_all(self, writes: list[dict[str, Any]], what: str) -> None:
        """Writes without a condition: only a collision can refuse them."""
        for _ in range(_TRIES):
            if self._write(writes):
                return
        raise Retryable(f"couldn't {what} in the ledger: other invocations are writing it")

    def _write(self, writes: list[dict[str, Any]]) -> bool:
        """One write alone costs half as much as in a transaction."""
        try:
            match writes:
                case [{"Put": put}]:
                    self._client.put_item(**put)
                case [{"Update": update}]:
                    self._client.update_item(**update)
                case _:
                    self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type] # built here
        except (
            self._client.exceptions.TransactionCanceledException,
            self._client.exceptions.ConditionalCheckFailedException,
        ):
            return False
        except AWS_ERRORS as error:
            raise translated(error, "write a conversation to the ledger") from error
        return True

    def _put_of(self, conversation: Conversation, now: datetime) -> tuple[Conversation, dict[str, Any]]:
        written = replace(conversation, version=conversation.version + 1)
        body = {"version": written.version, "conversation": to_item(written)}
        return written, self._item(f"TALK#{written.id}", _CONVERSATION, self._expiry(written, now), **body)

    def _item(self, pk: str, sk: str, expires: datetime | None, **body: object) -> dict[str, Any]:
        expiry = {"expires_at": int(expires.timestamp())} if expires else {}
        item = {"pk": pk, "sk": sk, "kind": "talk", **expiry, **body}
        return {"TableName": self._table, "Item": stored_form.written(item)}

    def _expiry(self, conversation: Conversation, now: datetime) -> datetime:
        """Counted from the end of a mute, if the conversation waits for it."""
        return max(now, conversation.starts_at or now) + max(self._life, _OPEN_LIFE)

    def _get(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        return row(self._client, self._table, pk, sk, f"read {pk} {sk}")


def pointer_place(channel: str, key: str) -> tuple[str, str]:
    """Of the row that has the ID of the latest conversation with the key."""
    return f"TALK#{channel}", key


def conversation_place(conversation_id: str) -> tuple[str, str]:
    return f"TALK#{conversation_id}", _CONVERSATION


def _merged(items: Iterable[Mapping[str, Any]]) -> tuple[Member, ...]:
    """By incident: one that joined under an earlier version has that version's row, and a newer one for its end."""
    found: dict[str, Member] = {}
    for member in map(_member, items):
        known = found.get(member.incident)
        if known is not None and member.fact.form is Form.NONE:
            member = replace(member, fact=known.fact)  # noqa: PLW2901 # the row as it reads with the earlier one
        found[member.incident] = member
    return tuple(found.values())


def _member(item: Mapping[str, Any]) -> Member:
    body = item["member"]
    shown = Form.OVER if body.get("healed") else Form.FAILED
    return from_item(Member, {**body, "fact": item.get("fact", {"form": shown.value})})
