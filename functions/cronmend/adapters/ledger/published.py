"""Files that a person published for the functions to read instead of the packaged ones: ``PUBLISHED``, by name."""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct, field

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import key
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.errors import Permanent, refusing

LARGEST: Final = 380_000
"""Bytes of a compressed file. DynamoDB's limit is 400 KB for the item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html."""
AGE: Final = timedelta(minutes=1)
"""How long a function reuses what it read."""
_PUBLISHED: Final = "PUBLISHED"


class File(StrEnum):
    """The value is the packaged file's name."""

    JOBS = "jobs.json"
    ALERTS = "alerts.json"


class Published(Struct, frozen=True):
    text: str
    by: str
    at: datetime
    number: int = 1
    """How many times the file was published: a writer that read an older one is refused."""


class DynamoPublished(Table):
    permissions = ("dynamodb:GetItem",)

    def read(self, file: File) -> Published | None:
        with our_errors(f"read the published {file} from the ledger"):
            raw = self._client.get_item(TableName=self._table, Key=key(_PUBLISHED, file), ConsistentRead=True).get(
                "Item"
            )
        if not raw:
            return None
        item = stored_form.read(raw)
        with refusing(lambda error: Permanent(_unreadable(file, error))):
            text = _decompressed(bytes(item["content"])).decode()
            return Published(text, item["by"], datetime.fromisoformat(item["at"]), int(item["number"]))

    def replace(self, file: File, new: Published) -> bool:
        """False if another person published the file since it was read.

        Raises:
            Permanent: the file is too large.
        """
        content = zlib.compress(new.text.encode())
        if len(content) > LARGEST:
            raise Permanent(f"{file} has {len(content)} bytes when compressed; at most {LARGEST} can be published")
        item: dict[str, Any] = {"pk": _PUBLISHED, "sk": str(file), "kind": "published", "content": content}
        item |= {"by": new.by, "at": new.at.isoformat(), "number": new.number}
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if new.number > 1:
            condition = {
                "ConditionExpression": "#number = :before",
                "ExpressionAttributeNames": {"#number": "number"},
                "ExpressionAttributeValues": {":before": {"N": str(new.number - 1)}},
            }
        with conditional(self._client, f"publish {file} in the ledger") as write:
            self._client.put_item(TableName=self._table, Item=stored_form.written(item), **condition)
        return write.is_done


def _decompressed(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _unreadable(file: File, error: Exception) -> str:
    remedy = f"Delete the item {_PUBLISHED} {file} from the ledger's table, and publish the file again"
    return f"the published {file} can't be read: {error}. {remedy}"


type Edition = tuple[int, datetime] | None
"""Number and time: after a deletion, the numbers begin again."""


class RecentlyPublished(Struct):
    """What is published. Once read, a file stays as it is until :meth:`editions` looks at it again."""

    source: DynamoPublished
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _read: dict[File, tuple[datetime, Published | None]] = field(default_factory=dict)

    def read(self, file: File) -> Published | None:
        if file not in self._read:
            self._read[file] = (self.clock(), self.source.read(file))
        return self._read[file][1]

    def editions(self) -> tuple[Edition, ...]:
        """Of the files that were read so far, each looked at again after a minute."""
        now = self.clock()
        for file in [each for each, (at, _) in self._read.items() if now - at >= AGE]:
            self._read[file] = (now, self.source.read(file))
        return self.known()

    def known(self) -> tuple[Edition, ...]:
        """The same, as they were last read."""
        return tuple((found.number, found.at) if found else None for _, found in self._read.values())
