"""What people are sent about an alarm of the stack itself. Pure."""

from cronmend.alerting import advice, console_links, details, headlines
from cronmend.model import Category
from cronmend.model.alarms import AlarmChange, AlarmState
from cronmend.model.report import FactKey, Message, MessageKind, Report, Stage
from cronmend.wording import clock

JOB = "cronmend"
"""The name under which Cronmend reports itself, as in the canary's message."""


def message_of(change: AlarmChange) -> Message:
    """Its key is the alarm, its state and the state's time: the same event, delivered twice, is the same message."""
    return Message(change.name, JOB, f"{change.state.value.lower()}-{change.at.isoformat()}", report_of(change))


def report_of(change: AlarmChange) -> Report:
    what, _, remedy = change.description.partition(". ")
    what = what.rstrip(".") or f"Alarm {change.name}"
    over = change.state is not AlarmState.ALARM
    text = f"Over: {what}" if over else what
    headline = headlines.plain(text, text)
    state = "is no longer in alarm" if over else "is in alarm"
    return Report(
        kind=MessageKind.ALARM,
        job=JOB,
        headline=headline.long,
        category=Category.SUCCESS if over else Category.UNKNOWN,
        what_happens=f"The CloudWatch alarm {change.name} {state} since {clock(change.at)}.",
        facts=(details.fact(FactKey.REASON, change.reason),) if change.reason else (),
        advice=advice.NO_ACTION if over else remedy,
        severity="info" if over else "critical",
        status="over" if over else "in alarm",
        links=tuple((("Alarm", url),) if (url := console_links.alarm(change.arn)) else ()),
        stage=Stage.RECOVERED if over else Stage.FAILED,
        quiet=over,
        short_headline=headline.shortened,
        summary=headline.summary,
    )
