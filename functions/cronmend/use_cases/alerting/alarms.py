"""Make a message of an alarm's change of state; the ledger's stream then delivers it like any other message."""

from datetime import datetime

from msgspec import Struct

from cronmend.alerting import alarm_reports
from cronmend.model.alarms import AlarmChange
from cronmend.ports.notices import Notices


class RecordAlarm(Struct, frozen=True):
    notices: Notices

    def handle(self, change: AlarmChange, now: datetime) -> str:
        """The returned sentence is for the log.

        Raises:
            Retryable: the ledger didn't answer; a second call writes no second message.
        """
        if not change.is_news:
            return f"no message: {change.name} was {change.before.value} and is {change.state.value}"
        if not self.notices.add(alarm_reports.message_of(change), now):
            return f"{change.name} is on record since an earlier delivery of this event"
        return f"a message says that {change.name} is {change.state.value}"
