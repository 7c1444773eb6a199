"""Findings: ``FINDINGS``, each by its key; and when all sources were examined last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, key, to_item
from cronmend.adapters.ledger.message_items import new_item
from cronmend.adapters.ledger.rows import rows
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.model.findings import Finding, KnownFinding, KnownFindings
from cronmend.model.report import Message

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_FINDINGS: Final = "FINDINGS"
_LOOKED: Final = "#"
"""No job's ID starts with it."""


class DynamoFindings(Table):
    permissions = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        """``life``: how long messages are kept."""
        super().__init__(table, client)
        self._life = life

    def read(self) -> KnownFindings:
        found = rows(self._client, self._table, _FINDINGS, "list the findings")
        known = tuple(from_item(KnownFinding, each["finding"]) for each in found if each["sk"] != _LOOKED)
        if looked := next((each for each in found if each["sk"] == _LOOKED), None):
            return KnownFindings(known, datetime.fromisoformat(looked["at"]), tuple(looked.get("unanswered", ())))
        return KnownFindings(known)

    def put(self, known: KnownFinding) -> None:
        with our_errors(f"store a finding about {known.finding.job} in the ledger"):
            self._client.put_item(TableName=self._table, Item=_item(known))

    def tell(self, known: Sequence[KnownFinding], message: Message, now: datetime) -> None:
        news = {"Item": new_item(message, now, self._life), "ConditionExpression": "attribute_not_exists(pk)"}
        puts: list[Any] = [news, *({"Item": _item(each)} for each in known)]
        writes = [{"Put": {**put, "TableName": self._table}} for put in puts]
        with conditional(self._client, f"write the message about {message.job}'s finding to the ledger"):
            self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type] # as above

    def remove(self, finding: Finding) -> None:
        with our_errors(f"remove a finding about {finding.job} from the ledger"):
            self._client.delete_item(TableName=self._table, Key=key(_FINDINGS, finding.key))

    def looked(self, now: datetime, unanswered: Sequence[str] = ()) -> None:
        item: dict[str, Any] = {"pk": _FINDINGS, "sk": _LOOKED, "kind": "looked", "at": now.isoformat()}
        item |= {"unanswered": list(unanswered)} if unanswered else {}
        with our_errors("store in the ledger when findings were looked for"):
            self._client.put_item(TableName=self._table, Item=stored_form.written(item))


def _item(known: KnownFinding) -> dict[str, Any]:
    sk = known.finding.key
    return stored_form.written({"pk": _FINDINGS, "sk": sk, "kind": "finding", "finding": to_item(known)})
