"""What a report reads of the ledger: the incidents and messages of the jobs that failed in its days."""

from datetime import timedelta

from cronmend.adapters.ledger.activity import DynamoActivity
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.board import activity
from cronmend.board.period import Past, Period
from cronmend.model.timetables import Timetable
from tests.adapters.ledger.test_ledger import alert_change, race_change, success_change, table
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB

MINUTE = timedelta(minutes=1)


def past(days: int = 30) -> Past:
    return DynamoActivity("ledger", "here", [CLUSTER]).read(Period.latest(NOW, days), NOW)


def scheduled() -> None:
    row = Timetable(JOB, JOB, "1", CLUSTER, "rate(1 hour)", "UTC", enabled=True, since=NOW, checked_until=NOW)
    DynamoTimetables("ledger").put(row)


def test_an_incident_that_is_over_is_found_with_its_end(aws: None) -> None:
    ledger = table()
    scheduled()
    ledger.commit(race_change(), NOW)
    ledger.commit(success_change(ledger, 9), NOW)
    (incident,) = past().incidents
    assert (incident.id, incident.ended_at) == ("a1", later(9))
    (case,) = activity.of(past()).cases
    assert (case.is_spared, case.took) == (True, later(9) - incident.began_at)
    assert ledger.read(JOB).incident == incident.in_brief


def test_an_open_incident_is_found_with_its_alert(aws: None) -> None:
    change = alert_change()
    table().commit(change, NOW)
    (message,) = change.messages
    DynamoOutbox("ledger").note(message, {"slack": Delivery(DeliveryState.SENT, NOW)})
    found = past()
    assert [each.is_open for each in found.incidents] == [True]
    assert activity.of(found).sent == 1


def test_jobs_without_a_failure_in_the_days_are_not_asked_for(aws: None) -> None:
    ledger = table()
    scheduled()
    ledger.commit(success_change(ledger), NOW)
    found = past()
    assert (found.incidents, found.messages) == ([], {})
    assert activity.of(found).runs == 1
