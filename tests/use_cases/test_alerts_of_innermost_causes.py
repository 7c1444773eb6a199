"""The innermost cause in an alert, from the log to the message: an incident stores no chain of causes."""

import pytest

from cronmend.adapters.ledger.items import deserialized, from_item, serialized, to_item
from cronmend.alerting import headlines
from cronmend.model.incident import Incident
from cronmend.model.report import MessageKind
from tests.use_cases.world import World

FETCH = """
ReportError: could not build report
    at build (file:///app/report.mjs:4:63) {
  [cause]: TypeError: fetch failed
      at node:internal/deps/undici/undici:13484:13
      at async file:///app/report.mjs:9:3 {
    [cause]: Error: bad port
        at makeNetworkError (node:internal/deps/undici/undici:9273:35)
  }
}
"""
CLICKHOUSE = """
Traceback (most recent call last):
  File "/app/driver.py", line 9, in query
    raise ServerError("Table web.visits does not exist")
driver.ServerError: Table web.visits does not exist

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/report.py", line 40, in <module>
    main()
driver.DatabaseError: HTTPDriver received ClickHouse error code 60
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [(FETCH, "TypeError: fetch failed: Error: bad port"), (CLICKHOUSE, "web.visits")],
)
def test_an_alert_names_the_innermost_cause_of_an_incident_as_it_is_stored(log: str, said: str) -> None:
    world = World()
    world.fails(log=tuple(log.strip("\n").split("\n")))
    stored = from_item(Incident, deserialized(serialized(to_item(world.incident))))
    assert stored.diagnosis.fatal_error is None
    assert said in headlines.of(stored, MessageKind.ALERT).long
