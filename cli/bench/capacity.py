"""The capacity units of a call of the ledger's table, counted as DynamoDB counts them.

A write costs a unit for each KB of the item before or after it, whichever is larger, twice that in a transaction; a
consistent read one for each 4 KB, any other read half of that. A change to what an index shows of an item is a write of
its own.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Item = Mapping[str, Any]
type Key = Mapping[str, Any]

_READ: Final = 4096
_WRITE: Final = 1024
_OF_ELEMENT: Final = 1
"""Bytes that each element of a list or map adds, besides the three of the list or map itself."""
_OF_LIST: Final = 3


@dataclass(frozen=True, slots=True)
class Units:
    writes: int = 0
    reads: float = 0

    def __add__(self, other: "Units") -> "Units":
        return Units(self.writes + other.writes, self.reads + other.reads)


@dataclass(frozen=True, slots=True)
class Watched:
    """The items of a call before it."""

    table: "DynamoDBClient"
    operation: str
    params: Mapping[str, Any]
    before: Sequence[Item]

    @classmethod
    def of(cls, table: "DynamoDBClient", operation: str, params: Mapping[str, Any]) -> "Watched":
        return cls(table, operation, params, [_item(table, *each) for each in _written(operation, params)])

    def units(self, answer: Mapping[str, Any]) -> Units:
        reads = sum(_units(size, _READ) for size in _reads(self.operation, self.params, answer))
        after = [_item(self.table, *each) for each in _written(self.operation, self.params)]
        writes = sum(_of_write(*pair) for pair in zip(self.before, after, strict=True))
        factor = 2 if self.operation == "TransactWriteItems" else 1
        index = sum(_of_index(*pair) for pair in zip(self.before, after, strict=True))
        return Units(writes * factor + index, reads if _is_newest(self.params) else reads / 2)


def _written(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, Key]]:
    """The table and the key of each item that a call writes."""
    for body in _bodies(operation, params):
        key = body.get("Key") or body["Item"]
        yield body["TableName"], {name: key[name] for name in ("pk", "sk")}


def _bodies(operation: str, params: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [params]
        case "TransactWriteItems":
            return [body for each in params["TransactItems"] for body in each.values()]
        case _:
            return []


def _reads(operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[int]:
    """The bytes of each read; one that finds nothing has none."""
    match operation:
        case "GetItem":
            yield _size(answer.get("Item", {}))
        case "Query" | "Scan":
            yield sum(map(_size, answer["Items"]))
        case "BatchGetItem":
            wanted = sum(len(each["Keys"]) for each in params["RequestItems"].values())
            found = [item for items in answer["Responses"].values() for item in items]
            yield from (*map(_size, found), *[0] * (wanted - len(found)))


def _is_newest(params: Mapping[str, Any]) -> bool:
    """Whether a read asks for consistency. BatchGetItem asks for each table."""
    return all(each.get("ConsistentRead", False) for each in params.get("RequestItems", {"": params}).values())


def _item(table: "DynamoDBClient", name: str, key: Key) -> Item:
    return table.get_item(TableName=name, Key=dict(key)).get("Item", {})


def _of_write(before: Item, after: Item) -> int:
    return _units(max(_size(before), _size(after)), _WRITE)


def _of_index(before: Item, after: Item) -> int:
    """A changed key of an item in the index is a deletion and a new entry."""
    old, new = (tuple(str(each.get(name)) for name in ("promise", "due")) for each in (before, after))
    return 0 if old == new else ("promise" in before) + ("promise" in after)


def _units(size: int, unit: int) -> int:
    return max(1, ceil(size / unit))


def _size(item: Item) -> int:
    return sum(len(name.encode()) + _of_value(value) for name, value in item.items())


def _of_value(typed: Mapping[str, Any]) -> int:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return len(Decimal(value).as_tuple().digits) // 2 + 2
        case "B":
            return len(value if isinstance(value, bytes) else base64.b64decode(value))
        case "M":
            return _OF_LIST + _size(value) + _OF_ELEMENT * len(value)
        case "L":
            return _OF_LIST + sum(_of_value(each) + _OF_ELEMENT for each in value)
        case _:
            return 1
