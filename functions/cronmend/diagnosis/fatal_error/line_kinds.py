"""Classify the lines of a log: their level, and whether they may report the error that ended the run."""

from enum import Enum
from typing import Final

from cronmend.patterns import Pattern, detector, indexer

HEAD: Final = 140
"""Characters of a line that are searched for its level."""


class Level(Enum):
    """The level that the program logged; ``NONE`` if the line has none."""

    NONE = 0
    BELOW_WARNING = 1
    WARNING = 2
    ERROR = 3


_BELOW: Final = (
    *("trace", "debug", "info", "notice", "information", "verbose"),
    *("trce", "dbug", "fine", "finer", "finest"),
)
_WARNING: Final = ("warn", "warning")
_ERROR: Final = ("error", "err", "fatal", "critical", "crit", "severe", "emergency", "alert", "panic", "dpanic", "fail")
_WORDS: Final = {
    **dict.fromkeys(_BELOW, Level.BELOW_WARNING),
    **dict.fromkeys(_WARNING, Level.WARNING),
    **dict.fromkeys(_ERROR, Level.ERROR),
}
_SHOUTED: Final = {word.upper(): meaning for word, meaning in _WORDS.items() if word not in ("fine", "fail")}
"""In capitals, a level may be anywhere in the head; in lowercase, only where the log format has one."""
_BRACKETED: Final = tuple(
    (f"{left}{word}{right}", meaning) for word, meaning in _WORDS.items() for left, right in ("[]", "<>")
)
_DOTNET: Final = {f"{word}:": _WORDS[word] for word in ("trce", "dbug", "info", "warn", "fail", "crit")}
_LETTERS: Final = {
    "D": Level.BELOW_WARNING,
    "I": Level.BELOW_WARNING,
    "W": Level.WARNING,
    "E": Level.ERROR,
    "F": Level.ERROR,
    "C": Level.ERROR,
}
_KEYS: Final = frozenset(("level", "levelname", "severity", "lvl", "@l", "Level", "log_level", "level_name"))
_NUMBERED: Final = 50
"""The level number of an error in pino and bunyan."""
_WORD_ENDS: Final = "[]|()<>:,./=\"'-!*{}"
_SPACES: Final = bytes(ord(" ") if chr(code) in _WORD_ENDS else code for code in range(256))
_LEVELED: Final = frozenset((*_SHOUTED, *_KEYS))
"""A word that is one of these shows a level, or the word after it does."""

is_notifier: Final = detector(
    r"(?i)hooks\.slack|slack\.com|slack[_-]?(?:alert|message|msg|client|hook|post)|(?:send|"
    r"post)[_-]?(?:to[_-]?)?(?:slack|teams)|"
    r"notif(?:y|ier|ication)|webhook|pagerduty|opsgenie|alertmanager|"
    r"sentry|telegram|discord"
    r"|statuspage|healthchecks|smtplib|nodemailer|mail_admins|send_alert|report_(?:error|failure)|on_(?:error|"
    r"failure)|error_handler"
)
"""Software that notifies people of failures: its own failure always follows another one."""

_TELEMETRY: Final = (
    r"sentry|opentelemetry|\botel|otlp|datadog|ddtrace|dogstatsd|statsd|new_?relic|rollbar|bugsnag|"
    r"honeybadger|airbrake|appsignal"
    r"|elastic-?apm|elasticapm|x-?ray|pushgateway|prometheus_client|honeycomb|logstash|\bfluent|"
    r"\bloki|splunk|segment\.(?:io|com)|posthog"
    r"|\b(?:traces|metrics|logs|spans?) (?:export|exporter)\b|(?:failed to|cannot|could not) (?:export|upload|flush) "
    r"(?:traces|metrics|logs|spans)\b|span ?processor"
    r"|scout_apm|raygun|jaeger|zipkin|lightstep|cloudwatch metric|healthchecks\.io|hc-ping"
)
"""Software that reports on the job: its own errors never end the job."""

SENDING: Final = (
    r"(?i)/api/\d+/(?:envelope|store)/|/v1/(?:traces|metrics|logs)\b|/v0\.\d/traces|\.sentry\.io|"
    r"agent_listener/invoke_raw_method"
    r"|(?:sentry_sdk|opentelemetry|ddtrace|newrelic|elasticapm)[\w.]*(?:errors|export\w*|transport|"
    r"internal\w*)\b.{0,20}\n"
    r"|Internal error in sentry_sdk|sentry_sdk/(?:transport|worker|client)|opentelemetry/(?:exporter|"
    r"sdk)|ddtrace/internal|newrelic/(?:core|api)|raven/transport"
    r"|rollbar/|bugsnag/(?:delivery|client)|elasticapm/transport|prometheus_client/exposition|logging_loki|"
    r"watchtower/"
    r"|otlp\w*error|\b(?:localhost|[\w.-]+):431[78]\b|io\.(?:sentry|opentelemetry)\.(?:transport|exporter|sdk)|@sentry/|@opentelemetry/|dd-trace|datadog/"
)
"""Frames, loggers and addresses of telemetry while it sends data, not its wrappers around the job's calls."""
is_sending: Final = detector(SENDING)
_CLIENTS: Final = (
    *("urllib3.", "requests.", "httpx.", "httpcore.", "aiohttp.", "grpc.", "http.client."),
    *("ConnectionRefusedError: ", "ConnectionResetError: ", "NewConnectionError: ", "MaxRetryError: "),
    "BrokenPipeError: ",
)
"""The starts of an HTTP client's error."""

_RETRIED: Final = r"\b(?:re-?try(?:ing)?\b|will retry|attempt \d+|backing off|reconnect)"
_WENT_ON: Final = (
    r"\b(?:falling back|fall ?back|using (?:the |a )?(?:cache|local copy|last known|previous)|"
    r"continuing|skipp(?:ed|ing)\b|ignor(?:ed|ing)(?:$|[^ \w]| [^u])"
    r"|using (?:a |the )?placeholder|non-?fatal|best[- ]effort|degraded)"
)
"""Words in a line which show that the program continued after the error."""
skips: Final = detector(r"(?i)\bskipp(?:ed|ing)\b")
"""Whether the program left one item out and continued with the next."""

_NOTIFIER_FAILED: Final = (
    r"\b(?:notif\w+|alert\w*|slack|pager\w*|opsgenie|webhook|telegram|mattermost)(?: \w+)? (?:failed|was not sent|"
    r"could not be sent)"
    r"|\b(?:could not|cannot|can't|failed to|unable to|(?:error|exception)[^\w\n]+(?:while|when|during|in|"
    r"sending|posting))\b.{0,40}"
    r"\b(?:notif\w+|alert\w*|slack|pager\w*|opsgenie|webhook|teams|telegram|mattermost|heartbeat|metrics?|telemetry|"
    r"status (?:page|report)|report(?:ing)? (?:the )?(?:error|failure)|clean ?up|release lock)\b"
)
"""A notifier that failed after the job had failed."""

_PATH = Pattern(r"(https?://[^\s/?#\"'`<>()\[\]]+)[/?#][^\s\"'`<>()]*[\w/=&%-]")
_BARE_PATH = Pattern(r"(url: /)[^\s\"'`<>()]*[\w/=&%-]")

_GAVE_UP: Final = (
    r"gave up|giving up|give up|exhausted|no more (?:re)?tries|out of (?:re)?tries|(?:after|"
    r"in) \d+ (?:re)?(?:attempts|tries)|re-?try[ -](?:\w+ later|later|shortly|soon|after|your|the|txn)|"
    r"please re-?try|try again"
    r"|re-?try (?:quota|limit|budget|count)s?\b.{0,20}(?:exceed|reach|hit)"
    r"|(?:safe to|must) re-?try|(?:can|could|should|must|may) be re-?tried|restart transaction"
    r"|should (?:re)?solve|too many (?:\w+ ){0,2}(?:failures|errors|exceptions|retries|attempts|tries)"
)
"""The last retry, or a request to retry later: the program did not continue after it."""

_TEARDOWN: Final = (
    r"\b(?:shut(?:ting)? ?down|stopping|stopped|closing|closed|clean(?:ing|ed)?[- ]?up|cleaning|removing|removed|"
    r"exiting|flush\w*|releas(?:ing|ed)|disconnect\w*|teardown|tearing down|uploading|uploaded|deregister\w*|"
    r"bye|notif\w+|posting)\b|\bwaiting for \S+ to (?:die|exit|stop)\b"
)
"""What a program does when its work has ended, well or not."""

_ADVICE: Final = (
    r"^error: (?:skipping|ignoring) \S+ because\b|\b(?:should|may|might|could|can) (?:re)?(?:solve|help|fix|succeed)"
    r"|\b(?:will|would|does) not help|\bplease re-?try|\btry (?:again|\w+ing)\b"
    r"|\b(?:modify|change|check|fix|correct|enable|disable|reduce|increase|raise|lower|update|verify|split|shorten|remove|"
    r"add|adjust|upgrade|resolve)\b.{0,150}\b(?:and|then|before) re-?try(?:ing)?\b"
)
"""What an error advises people to do about it, or what a tool refused to work on: the program itself did not retry."""

_COUNTED: Final = r"\b[1-9]\d* (?:\w+ )?(?:failed|failures?|errors?)\b|\b(?:failed|failures|errors)['\"]?[=:] ?[1-9]"
"""An ordinary record that counts failures: it sums the run up."""

_KINDS: Final = (_TELEMETRY, _NOTIFIER_FAILED, SENDING, _RETRIED, _WENT_ON, _GAVE_UP, _TEARDOWN, _ADVICE, _COUNTED)
_kinds: Final = indexer([f"(?i){pattern}" for pattern in _KINDS])
_RETRIES, _GOES_ON, _GIVES_UP, _ENDS, _ADVISES, _COUNTS = 3, 4, 5, 6, 7, 8
_REPORTS: Final = frozenset((0, 1, 2))


is_of_migrations: Final = detector(r"(?i)migrat|change ?set|revision|schema version|evolution")
"""Whether an error is about the migrations themselves, not about what one of them does."""


def level(line: str) -> Level:
    """The level of a line. Uses no patterns, since it is called for most lines of a log."""
    head = line[:HEAD]
    if found := _DOTNET.get(head[:5]) or _by_letter(head):
        return found
    if ".py:" in head and "Warning: " in head:
        return Level.WARNING
    words = _words(head)
    for word in filter(_LEVELED.__contains__, words):
        if found := _SHOUTED.get(word):
            return found
        if (number := words.index(word) + 1) < len(words):
            return _of_word(words[number], word)
    if "[" in head or head.startswith("<"):
        return next((meaning for text, meaning in _BRACKETED if text in head), Level.NONE)
    return Level.NONE


def _words(head: str) -> list[str]:
    """Split as bytes, which is several times faster; levels are ASCII."""
    return head.encode("ascii", "replace").translate(_SPACES).decode("ascii").split()


def _by_letter(head: str) -> Level | None:
    """Ruby's ``E, [2026-…`` and glog's ``E1123 07:…``."""
    if head[1:4] == ", [" or (head[1:5].isdigit() and head[5:6] == " "):
        return _LETTERS.get(head[:1])
    return None


def _of_word(word: str, key: str) -> Level:
    """A number counts for loggers only: what is called its severity, or Level in SQL Server, is a database's."""
    if not word.isdigit():
        return _WORDS.get(word.lower(), Level.NONE)
    if key in ("severity", "Level"):
        return Level.NONE
    return Level.ERROR if int(word[:4]) >= _NUMBERED else Level.BELOW_WARNING


def without_paths(text: str) -> str:
    """Cut addresses after the host: numbers and words in a path or query aren't part of the error."""
    if "://" in text:
        text = _PATH.sub(r"\1", text)
    return _BARE_PATH.sub(r"\1", text) if "url: /" in text else text


def is_of_client(line: str) -> bool:
    """Whether a line is the error of an HTTP client: below a warning of telemetry, it is the rest of that warning."""
    name, colon, _ = line.partition(": ") if line.startswith(_CLIENTS) else ("", "", "")
    return colon != "" and name.replace(".", "_").isidentifier()


def job_continued(line: str) -> bool:
    """Whether the line shows that the program continued after an error."""
    return _continued(line, _kinds(line))


def _continued(line: str, kinds: tuple[int, ...]) -> bool:
    if _GIVES_UP in kinds or _ADVISES in kinds or not (_RETRIES in kinds or _GOES_ON in kinds):
        return False
    return "://" not in line or any(kind in (_RETRIES, _GOES_ON) for kind in _kinds(without_paths(line)))


def gave_up(line: str) -> bool:
    """Whether the line says that the program made its last try."""
    return _GIVES_UP in _kinds(line)


def tears_down(line: str) -> bool:
    """Whether an ordinary record is one of the end: it doesn't show that the job continued after an error."""
    return _ENDS in _kinds(line)


def ends(line: str) -> tuple[bool, bool, bool]:
    """Whether an ordinary record is one of the end, says that the program made its last try, and counts failures."""
    kinds = _kinds(line)
    return _ENDS in kinds, _GIVES_UP in kinds, _COUNTS in kinds


def may_end_a_run(line: str, after_retries: bool = False) -> bool:
    """Whether the line may report what ended the run: not telemetry, not survived, and not a notifier's own error.

    ``after_retries``: the program gave up after retries, so that a try that failed may have ended it.
    """
    kinds = _kinds(line)
    if not _REPORTS.isdisjoint(kinds):
        return False
    return not _continued(line, kinds) or (after_retries and _RETRIES in kinds and _GOES_ON not in kinds)
