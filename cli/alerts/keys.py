"""Every key of alerts.toml: the checks, the JSON Schema and the reference in docs/alerts.md come from these tables."""

from datetime import timedelta

from cli.alerts.kinds import DAY, JOB, MENTION, ChannelName, Clock, Items, OrNever, TableOf, Zone
from cli.toml_files.keys import Key
from cli.toml_files.kinds import Choice, Duration, Flag, Text
from cronmend.alerting.routes import CHANNELS, Healed
from cronmend.model import Category
from cronmend.model.categories import SEVERITIES

NAME = Text(high=64, pattern=r"[A-Za-z0-9_-]+", shape='a route\'s name, such as "oncall"')
CATEGORIES = tuple(category.value for category in Category if category is not Category.SUCCESS)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)

QUIET_KEYS = (
    Key("start", Clock(), "when they start, in the time zone"),
    Key("end", Clock(midnight=True), "when they end; on the next day if this is earlier than start"),
    Key("timezone", Zone(), "IANA name; without it, the route's"),
    Key("days", Items(DAY, '["MON-FRI"]'), "the days on which they start", ["MON-SUN"]),
)
ROUTE_KEYS = (
    Key(
        "channels",
        Items(ChannelName(), '["slack", "sns"]'),
        "where alerts go, if the stack has the channel; slack:C0123ABCD is that Slack channel (needs a bot token)",
        list(CHANNELS),
    ),
    Key(
        "fallback",
        Items(ChannelName(), '["sns"]'),
        "used if a channel of the route rejects the message or stays unavailable",
    ),
    Key("least", Choice(SEVERITIES), "least severity that is sent; less severe alerts are only recorded", "info"),
    Key(
        "quiet",
        TableOf({key.name: key.kind for key in QUIET_KEYS}),
        "quiet hours: alerts wait until they end",
    ),
    Key("urgent", Choice(SEVERITIES), "alerts of this severity or above don't wait", "critical"),
    Key("healed", Choice(tuple(Healed)), "how healed and recovered jobs are reported", "quiet"),
    Key("digest_at", Clock(), 'when the daily digest is sent, if healed is "digest", and the monthly report', "09:00"),
    Key("timezone", Zone(), "IANA name, for digest_at, and for quiet if that has none", "UTC"),
    Key("monthly_report", Flag(), "send on the first of each month what happened in the month before", False),
    Key(
        "remind_after",
        OrNever(Duration(5 * _MINUTE, 30 * _DAY)),
        'send a reminder after this time while the job stays broken; "never" for none',
        "24h",
    ),
    Key("escalate_to", NAME, "the route that also gets the alert if no one acknowledges it"),
    Key("escalate_after", Duration(_MINUTE, 7 * _DAY), "how long to wait for someone to acknowledge", "30m"),
    Key("mention", MENTION, "Slack users or groups that an alert mentions, such as <!subteam^S0123ABCD>"),
)
RULE_KEYS = (
    Key("jobs", Items(JOB, '["*/publish-*"]'), "patterns for <group>/<name>: * matches any text, ? one character"),
    Key("categories", Items(Choice(CATEGORIES), '["deploy_race"]'), "categories of the alert"),
    Key("severities", Items(Choice(SEVERITIES), '["critical"]'), "severities of the job's alerts (set in jobs.toml)"),
    Key("route", NAME, "the route that the alert then uses"),
)
OTHER_NAMES = {
    "channel": "channels", "slack": "channels", "sns": "channels", "quiet_hours": "quiet", "min_severity": "least",
    "severity": "severities", "category": "categories", "job": "jobs", "escalate": "escalate_to", "tz": "timezone",
    "remind": "remind_after", "mentions": "mention", "digest": "healed", "from": "start", "to": "end",
}  # fmt: skip
"""Another name for a key → the key."""
