"""A change of state of one of the stack's own CloudWatch alarms."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class AlarmState(StrEnum):
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation"""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class AlarmChange(Struct, frozen=True):
    arn: str
    name: str
    state: AlarmState
    before: AlarmState
    at: datetime
    description: str = ""
    """What the alarm means, and then what to do: the template's text. ``""`` if the event has none."""
    reason: str = ""
    """The values that changed the state, in CloudWatch's words."""

    @property
    def is_news(self) -> bool:
        """A stack that is created reports each of its alarms as OK, which no one needs to read."""
        return self.state is AlarmState.ALARM or (self.state is AlarmState.OK and self.before is AlarmState.ALARM)
