"""A month of the invented jobs, the same each time: for the pictures and the tests of the report."""

from collections.abc import Iterator
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cli.board import sample
from cli.board.sample import NOW, incident_of
from cronmend.alerting import reports
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.alerting.routes import EVENTS
from cronmend.board.period import Past, Period
from cronmend.healing.messages import kind_of_alert
from cronmend.model import Category, Diagnosis
from cronmend.model.incident import Incident, IncidentState
from cronmend.model.report import Message

DAYS: Final = 30
_SCHEMA = (Category.DEPLOY_RACE, "sql.undefined-column", 'column "summary" does not exist', "")
_AWAY = (
    *(Category.DEPENDENCY_UNAVAILABLE, "net.refused"),
    *("ConnectionRefusedError: rates.example.com:443", "rates.example.com refuses connections"),
)
_BUG = (Category.APPLICATION_ERROR, "python.exception", "KeyError: 'vat_rate'", "KeyError: 'vat_rate'")
_MEMORY = (Category.OUT_OF_MEMORY, "ecs.memory", "OutOfMemoryError", "the container ran out of memory")
_SPOT = (Category.INFRASTRUCTURE, "ecs.spot", "SpotInterruption", "AWS reclaimed the Spot capacity")
_LOCK = (Category.DEPENDENCY_UNAVAILABLE, "db.locked", "database is locked", "the database is locked")


@dataclass(frozen=True)
class _Case:
    job: str
    ago: timedelta
    """Since its first failure."""
    cause: tuple[Category, str, str, str]
    """Category, rule, line and the rule's cause."""
    took: int = 0
    """Minutes; 0 if it is open."""
    reruns: int = 0
    healed: bool = False
    runs: int = 1
    alert: DeliveryState | None = None


def _ago(days: int, hour: int, minute: int) -> timedelta:
    return NOW - (NOW - timedelta(days=days)).replace(hour=hour, minute=minute, second=9)


_SENT, _JOINED = DeliveryState.SENT, DeliveryState.JOINED
_CASES: Final = (
    _Case("import-orders", _ago(0, 14, 3), _SCHEMA, 6, 1, healed=True),
    _Case("publish-scheduled", _ago(0, 14, 5), _SCHEMA, 4, 1, healed=True),
    _Case("export-bookings", _ago(0, 14, 6), _SCHEMA, 3, 1, healed=True),
    _Case("publish-scheduled", _ago(8, 10, 5), _SCHEMA, 21, 1, healed=True),
    _Case("import-orders", _ago(1, 19, 3), _AWAY, 12, 1, healed=True),
    _Case("fetch-rates", _ago(0, 7, 10), _AWAY, 7, 1, healed=True),
    _Case("fetch-rates", _ago(0, 8, 10), _AWAY, 60, 3, runs=4, alert=_SENT),
    _Case("fetch-rates", _ago(0, 14, 10), _AWAY, runs=3, alert=_SENT),
    _Case("charge-tickets", _ago(0, 15, 30), _BUG, runs=2, alert=_SENT),
    _Case("reconcile-payments", _ago(5, 5, 0), _BUG, 1440, runs=1, alert=_SENT),
    _Case("reconcile-payments", _ago(23, 5, 0), _SPOT, 6, 1, healed=True),
    _Case("rebuild-index", _ago(12, 15, 30), _MEMORY, 48, 1, healed=True),
    _Case("purge-revisions", _ago(14, 3, 30), _SPOT, 8, 1, healed=True),
    _Case("resize-images", _ago(2, 10, 20), _SPOT, 9, 1, healed=True),
    _Case("resize-images", _ago(3, 11, 40), _SPOT, 31, 2, healed=True, runs=2),
    _Case("send-newsletter", _ago(28, 17, 0), _SPOT, 14, 1, healed=True),
    _Case("refresh-calendar", _ago(4, 12, 20), _SPOT, 4, 1, healed=True),
    _Case("refresh-calendar", _ago(1, 15, 20), _LOCK, 10, 0, runs=2, alert=_JOINED),
    _Case("refresh-sitemap", _ago(20, 9, 40), _LOCK, 60, 2, runs=3, alert=_SENT),
)


def past() -> Past:
    incidents = [_incident(each, number) for number, each in enumerate(_CASES)]
    sent = zip(incidents, _CASES, strict=True)
    messages = {each.id: tuple(_messages(each, case.alert)) for each, case in sent if case.alert}
    return Past(sample.facts(), Period.latest(NOW, DAYS), incidents, messages)


def _incident(case: _Case, number: int) -> Incident:
    category, rule, line, cause = case.cause
    began = NOW - case.ago
    over = IncidentState.HEALED if case.healed else IncidentState.RECOVERED
    return replace(
        incident_of(case.job, began, Diagnosis(category, rule, line, line=line, cause=cause)),
        id=f"{case.job}-{number}",
        state=over if case.took else IncidentState.ALERTED,
        runs=case.runs,
        reruns=case.reruns,
        healed_by=case.reruns + 1 if case.healed else 0,
        ended_at=began + timedelta(minutes=case.took) if case.took else None,
    )


def _messages(incident: Incident, state: DeliveryState) -> Iterator[tuple[Message, dict[str, Delivery]]]:
    kind = kind_of_alert(incident)
    message = Message(incident.id, incident.job, kind.value, reports.of_incident(incident, kind))
    yield message, {"slack": Delivery(state, _soon(incident)), EVENTS: Delivery(DeliveryState.SENT, _soon(incident))}


def _soon(incident: Incident) -> datetime:
    return incident.began_at + timedelta(seconds=40)
