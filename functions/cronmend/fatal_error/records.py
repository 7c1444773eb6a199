"""What a line of a log is: the level it was written with, whether telemetry wrote it, whether it was survived."""

from enum import Enum
from typing import Final

import re2

HEAD: Final = 140
"""Characters of a line in which its level stands."""


class Level(Enum):
    """How bad the writer thought it was. ``NONE``: the line has no level."""

    NONE = 0
    BELOW_WARNING = 1
    WARNING = 2
    ERROR = 3


_LEVEL = re2.compile(
    r"(?:^|[\s\[|(<:./-])(?P<upper>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|EMERGENCY|ALERT|PANIC|DPANIC)"
    r"(?:[\s\]|:)>/,*-]|$)"
    r"|(?i:\b(?:level|levelname|severity|lvl|@l)[\"']?\s?[=:]\s?[\"']?)(?P<key>[A-Za-z]+|\d+)"
    r"|[\[<](?P<bracket>trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|panic)[\]>]"
    r"|^(?P<dotnet>trce|dbug|info|warn|fail|crit): "
    r"|^(?P<letter>[DIWEFC])(?:, \[|\d{4} )"
)
_BELOW = frozenset(("trace", "debug", "info", "notice", "information", "trce", "dbug", "d", "i", "10", "20", "30", "verbose"))
_WARNING = frozenset(("warn", "warning", "w", "40"))

TELEMETRY: Final = re2.compile(
    r"(?i)sentry|opentelemetry|\botel|otlp|datadog|ddtrace|dogstatsd|statsd|new_?relic|rollbar|bugsnag|honeybadger|airbrake|appsignal"
    r"|elastic-?apm|elasticapm|x-?ray|pushgateway|prometheus_client|honeycomb|logstash|fluent|loki|splunk|segment\.(?:io|com)|posthog"
    r"|scout_apm|raygun|jaeger|zipkin|lightstep|cloudwatch metric|healthchecks\.io|hc-ping"
)
"""Software that reports about the job: its own trouble never ended it."""

SENDING: Final = re2.compile(
    r"(?i)/api/\d+/(?:envelope|store)/|/v1/(?:traces|metrics|logs)\b|/v0\.\d/traces|\.sentry\.io|agent_listener/invoke_raw_method"
    r"|(?:sentry_sdk|opentelemetry|ddtrace|newrelic|elasticapm)[\w.]*(?:errors|export\w*|transport|internal\w*)\b.{0,20}\n"
    r"|Internal error in sentry_sdk|sentry_sdk/(?:transport|worker|client)|opentelemetry/(?:exporter|sdk)|ddtrace/internal|newrelic/(?:core|api)|raven/transport"
    r"|rollbar/|bugsnag/(?:delivery|client)|elasticapm/transport|prometheus_client/exposition|logging_loki|watchtower/"
    r"|io\.(?:sentry|opentelemetry)\.(?:transport|exporter|sdk)|@sentry/|@opentelemetry/|dd-trace|datadog/"
)
"""Frames, loggers and addresses of telemetry that was sending; its wrappers around the job's own calls are not meant."""

SURVIVED: Final = re2.compile(
    r"(?i)\b(?:re-?try(?:ing)?\b|will retry|attempt \d+|falling back|fall ?back|using (?:the )?cache|continuing|skipp(?:ed|ing)\b|ignor(?:ed|ing)\b"
    r"|placeholder|non-?fatal|best[- ]effort|degraded|backing off|reconnect)"
)
"""Words of a line whose writer went on after the trouble."""

TELLING: Final = re2.compile(
    r"(?i)\b(?:could not|cannot|can't|failed to|unable to|error|exception)\b.{0,40}\b(?:notif\w+|alert\w*|slack|pager\w*|opsgenie|webhook|teams|telegram"
    r"|mattermost|heartbeat|metrics?|telemetry|status (?:page|report)|report(?:ing)? (?:the )?(?:error|failure)|clean ?up|release lock)"
)
"""A notifier that failed in turn, after the job had."""


def level(line: str) -> Level:
    """The level that the line was written with."""
    match = _LEVEL.search(line[:HEAD])
    if not match:
        return Level.NONE
    word = next(group for group in match.groups() if group).lower()
    if word in _BELOW:
        return Level.BELOW_WARNING
    return Level.WARNING if word in _WARNING else Level.ERROR


def is_telemetry(line: str) -> bool:
    return bool(TELEMETRY.search(line))


def was_survived(line: str) -> bool:
    return bool(SURVIVED.search(line)) or bool(TELLING.search(line))
