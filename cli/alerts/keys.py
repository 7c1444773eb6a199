"""Every key of alerts.toml, once: checks, JSON Schema and the reference in docs/alerts.md come from these tables."""

from datetime import timedelta

from cli.alerts.kinds import DAY, JOB, MENTION, Channel, Clock, Items, OrNever, TableOf, Zone
from cli.jobs.keys import Key
from cli.toml_files.kinds import Choice, Duration, Text
from cronmend.alerting.routes import CHANNELS, Healed
from cronmend.model import Category
from cronmend.model.categories import SEVERITIES

NAME = Text(high=64, pattern=r"[A-Za-z0-9_-]+", shape='a route\'s name, e.g. "oncall"')
CATEGORIES = tuple(category.value for category in Category if category is not Category.SUCCESS)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)

QUIET_KEYS = (
    Key("start", Clock(), "when they begin, by the clocks of the zone"),
    Key("end", Clock(midnight=True), "when they end; on the next day where that is earlier than start"),
    Key("timezone", Zone(), "IANA name; the route's where it is left out"),
    Key("days", Items(DAY, '["MON-FRI"]'), "the days on which they begin", ["MON-SUN"]),
)
ROUTE_KEYS = (
    Key(
        "channels",
        Items(Channel(), '["slack", "sns"]'),
        "who is told: those of them that the stack has; slack:C0123ABCD is that Slack channel (needs a bot token)",
        list(CHANNELS),
    ),
    Key("fallback", Items(Channel(), '["sns"]'), "told where a channel of the route refuses for good or stays away"),
    Key("least", Choice(SEVERITIES), "what is less severe is recorded, not sent", "info"),
    Key(
        "quiet",
        TableOf({key.name: key.kind for key in QUIET_KEYS}),
        "quiet hours: alerts wait for their end",
    ),
    Key("urgent", Choice(SEVERITIES), "from this severity on an alert does not wait", "critical"),
    Key("healed", Choice(tuple(Healed)), "how a healed or recovered job is told", "quiet"),
    Key("digest_at", Clock(), 'when the daily digest is sent, where healed is "digest"', "09:00"),
    Key("timezone", Zone(), "of digest_at, and of quiet where that has none; an IANA name", "UTC"),
    Key(
        "remind_after",
        OrNever(Duration(5 * _MINUTE, 30 * _DAY)),
        'told again after this time for as long as the job stays broken; "never" for once only',
        "24h",
    ),
    Key("escalate_to", NAME, "the route that is told, too, where nobody acknowledged"),
    Key("escalate_after", Duration(_MINUTE, 7 * _DAY), "how long somebody has to acknowledge", "30m"),
    Key("mention", MENTION, "Slack ids that are called by an alert, e.g. <!subteam^S0123ABCD>"),
)
RULE_KEYS = (
    Key("jobs", Items(JOB, '["*/publish-*"]'), "patterns for <group>/<name>: * is any text, ? one character"),
    Key("categories", Items(Choice(CATEGORIES), '["deploy_race"]'), "what ended the run"),
    Key("severities", Items(Choice(SEVERITIES), '["critical"]'), "how loud the job's alerts are (jobs.toml)"),
    Key("route", NAME, "where the alert then goes"),
)
OTHER_NAMES = {
    "channel": "channels", "slack": "channels", "sns": "channels", "quiet_hours": "quiet", "min_severity": "least",
    "severity": "severities", "category": "categories", "job": "jobs", "escalate": "escalate_to", "tz": "timezone",
    "remind": "remind_after", "mentions": "mention", "digest": "healed", "from": "start", "to": "end",
}  # fmt: skip
"""What one may write instead."""
