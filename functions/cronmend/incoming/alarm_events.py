"""CloudWatch's events about alarms, from JSON.

Shape: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html.
"""

from cronmend.errors import refusing
from cronmend.incoming.envelope import Json, aware, bad_detail, detail_of, text
from cronmend.model.alarms import AlarmChange, AlarmState

STATE_CHANGE = "CloudWatch Alarm State Change"


def is_alarm(event: Json) -> bool:
    return isinstance(event, dict) and event.get("detail-type") == STATE_CHANGE


def alarm_change(event: Json) -> AlarmChange:
    """
    Raises:
        BadEvent: it is not in the form that CloudWatch documents.
    """
    detail = detail_of(event, STATE_CHANGE)
    with refusing(bad_detail(event)):
        state = detail["state"]
        return AlarmChange(
            arn=text({"resource": event["resources"][0]}, "resource"),
            name=text(detail, "alarmName"),
            state=AlarmState(text(state, "value")),
            before=AlarmState(text(detail.get("previousState", {"value": AlarmState.INSUFFICIENT_DATA}), "value")),
            at=aware(text(state, "timestamp")),
            description=str(detail.get("configuration", {}).get("description", "")),
            reason=str(state.get("reason", "")),
        )
