"""The names that a rule's cause has placeholders for, taken from the run and from what its end says. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from cronmend.patterns import Pattern

_OF_DATABASE: Final = Pattern(r"(?i)\b(?:5432|3306|1433|1521)\b|psycopg|postgres|mysql|mariadb|OperationalError|\bpq\b")
"""Database drivers and ports, for a line that doesn't name its service."""
_HOST: Final = r"[\"'`]?(?P<name>[a-zA-Z0-9][\w-]{0,60}(?:\.[\w-]{1,60}){0,8})[\"'`]?"
_HOSTS: Final = (
    Pattern(r"->(?P<name>(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}|\[[\da-f:]{2,45}\]:\d{1,5})"),
    Pattern(r"\bhttps?://(?:[^/\s'\"@]{1,100}@)?(?P<name>[\w.-]{1,100}(?::\d{1,5})?)"),
    Pattern(r"(?i)\b(?:server (?:at|on)|host=|host) ?[\"'](?P<name>[\w.-]{1,100})[\"']"),
    Pattern(
        r"(?:^|[^\w./-])(?P<name>(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}|[a-z][\w-]{0,60}(?:\.[a-z][\w-]{0,60}){1,6}:\d{2,5})\b"
    ),
    Pattern(rf"(?i)\bconnect(?:ing)? to (?:host |server )?{_HOST},? (?:port \d|\([\d.:]{{7,45}}\))"),
)
"""Where a line about a connection names the other end."""
_CLIENTS: Final = Pattern(
    r"(?i)\b(?P<name>stripe|shopify|hubspot|twilio|sendgrid|openai|anthropic|slack|slack_sdk|google|octokit|gitlab|zendesk|"
    r"botocore|boto3|redis|pymongo|mongo|elasticsearch|opensearchpy|kafka|pika)(?:\.|::|\\)[\w.:\\]*(?:error|exception)"
)
"""A client's name before its error."""
_OWNERS: Final = {
    "hubspot": "HubSpot",
    "sendgrid": "SendGrid",
    "openai": "OpenAI",
    "slack_sdk": "Slack",
    "octokit": "GitHub",
    "gitlab": "GitLab",
    "botocore": "AWS",
    "boto3": "AWS",
    "pymongo": "MongoDB",
    "mongo": "MongoDB",
    "opensearchpy": "OpenSearch",
    "pika": "RabbitMQ",
}
"""The services of clients that aren't called like their service."""
_NO_HOST: Final = Pattern(
    r"\bsee:? https?://\S+|https?://\S*(?:sqlalche\.me|\bdocs?\b|/help|/errors?/|/troubleshoot|rfc-editor)\S*"
    r"|[\w/.-]+\.(?:go|py|rb|js|ts|java|php|rs|ex|kt|cs|scala|sql):\d+"
)
"""Links to documentation, and places in source code."""
_LOOKUPS: Final = (
    Pattern(rf"(?i)\b(?:resolve|translate) (?:the )?host(?: ?name)?:? {_HOST}"),
    Pattern(rf"\b(?:lookup|EAI_AGAIN|ENOTFOUND|UnknownHostException:) {_HOST}"),
    *_HOSTS[:2],
    _HOSTS[3],
)
_ACTIONS: Final = (
    Pattern(r"perform:? (?P<name>[a-z][a-z0-9-]{1,40}:\w{1,60})"),
    Pattern(r"when calling the (?P<name>\w{1,60}) operation"),
)
_IMAGES: Final = (
    Pattern(
        r"(?:resolve ref|pull (?:the )?image|manifest for|repository|image) [\"']?(?:[\w.-]+(?::\d+)?/)*"
        r"(?P<name>[\w.-]+:[\w.-]+)(?:[\"':, ]|$)"
    ),
)
_PARAMETERS: Final = (Pattern(r"(?:invalid (?:ssm )?parameters: |:parameter)(?P<name>/?[\w./-]+\w)"),)
_SECRETS: Final = (Pattern(r":secret:(?P<name>[\w/+=.@-]{1,200}?)(?:-\w{6})?(?:[\s:\"',]|$)"),)
_COMMANDS: Final = (
    Pattern(r"exec: \"(?P<name>[^\"]{1,100})\": (?:executable file not found|stat [^:]+: no such file)"),
)
_HOLDERS: Final = (
    Pattern(r"(?i)\b(?:locked|held|owned|in use|used)(?: \w{1,20})? by (?P<name>PID \d{1,9} on [\w.-]{1,80})"),
    Pattern(r"\((?P<name>PID \d{1,9})\)"),
    Pattern(r"\bWho:\s{1,20}(?P<name>[\w.-]{1,60}@[\w.-]{1,80})"),
)
_MIGRATIONS: Final = (
    Pattern(
        r"(?i)\b(?:(?:identified by|(?:of|for) version|not resolved locally:|are missing:|migration file|migrations?) "
        r"|versionmissing\()[\"'`]?(?P<name>\w[\w.]*\d\w*|\d\w*)[\"'`]?(?:[\s,;:.)]|$)"
    ),
    Pattern(r"(?P<name>[\w./-]+::[\w.-]+)::\S+ was: "),
)
_KEYS: Final = (Pattern(r"json key (?P<name>[\w.-]{1,100})"),)
_TOPICS: Final = (Pattern(r"(?i)\btopics?:? [\"'\[]{0,2}(?P<name>[\w.-]{1,120})[\"'\]]"),)
_INDEXES: Final = (Pattern(r"(?i)\bindex:? [\"'`\[](?P<name>[\w.*-]{1,120})[\"'`\]]"),)
_OVERLOADS: Final = (
    Pattern(
        r"(?i)\b(?:service|server|engine|system|model|api|node) is (?:currently |too )?(?P<name>busy|overloaded)\b"
    ),
    Pattern(r"(?i)(?:\b|_)(?P<name>overloaded)(?:\b|_)"),
)
_ENCRYPTING: Final = (Pattern(r"(?i)\b(?P<name>encrypt)ion (?:has )?failed"),)
_DECRYPTING: Final = (Pattern(r"(?i)(?P<name>decrypt)"),)
_VOLUMES: Final = (Pattern(r"\b(?P<name>fs-[0-9a-f]{8,17})\b"),)
_DOWNLOADS: Final = (Pattern(r"(?i)\bdownload (?P<name>env(?:ironment)? files?)\b"),)
_FILES: Final = (
    Pattern(r"/(?:containerd-mount|rootfs)\d*(?P<name>/[\w./-]{1,100}): no such file"),
    Pattern(r"(?i)\bunable to find (?P<name>(?:user|group) [\w.-]{1,60})"),
)
_MAIL: Final = Pattern(r"(?i)\bsmtp|\b5\d\d[ -]5\.\d\.\d{1,3}\b|\bInvalid login: 5\d\d\b")
"""What an answer of a mail server looks like."""
_BUCKETS: Final = (
    Pattern(r"(?i)\bbucket(?:_?name)?[\"']?\s{0,2}[=:(]\s{0,2}[\"'](?P<name>[a-z0-9][a-z0-9.-]{2,62})[\"']"),
    Pattern(r"\bs3[an]?://(?P<name>[a-z0-9][a-z0-9.-]{2,62})\b"),
)
_CALLS: Final[Mapping[str, tuple[Pattern, ...]]] = {
    name: (Pattern(rf"""\b(?:{parameters})[\"']?\s{{0,2}}[=:]\s{{0,2}}[\"'](?P<name>[\w./:-]{{1,120}})[\"']"""),)
    for name, parameters in {
        "dynamo": "TableName",
        "function": "FunctionName",
        "queue": "QueueName|QueueUrl",
        "secret_id": "SecretId",
        "stream": "StreamName",
    }.items()
}
"""The parameters of a call of AWS that name its object, as a job's code writes them."""
_SETTINGS: Final = (
    Pattern(r"""\bos\.(?:environ(?:\.get)?|getenv)[\[(][\"'](?P<name>\w{1,60})[\"']"""),
    Pattern(r"\bprocess\.env\.(?P<name>[A-Z]\w{1,60})"),
    Pattern(r"""\bENV(?:\.fetch)?[\[(][\"'](?P<name>\w{1,60})[\"']"""),
)
_REFUSED: Final = (Pattern(r"(?i)(?:\b|econn|connection)(?P<name>refused)(?:\b|error|exception)"),)
_FOUND: Final[Mapping[str, tuple[Pattern, ...]]] = {
    "action": _ACTIONS,
    "bucket": _BUCKETS,
    "command": _COMMANDS,
    "decrypt": _DECRYPTING,
    "download": _DOWNLOADS,
    "encrypt": _ENCRYPTING,
    "file": _FILES,
    "holder": _HOLDERS,
    "host": _LOOKUPS,
    "image": _IMAGES,
    "index": _INDEXES,
    "key": _KEYS,
    "migration": _MIGRATIONS,
    "overloaded": _OVERLOADS,
    "parameter": _PARAMETERS,
    "refused": _REFUSED,
    "secret": _SECRETS,
    "setting": _SETTINGS,
    "topic": _TOPICS,
    "volume": _VOLUMES,
    **_CALLS,
}
_OF_ONE_FAILURE: Final = frozenset({"action", "bucket", "holder", "setting", *_CALLS})
"""Names that a message says once and a summary below it leaves out; a host or a file near an error may be another."""
_WORDS: Final = {"bucket": "bucket"}
"""What an error has to mention if its object is named near it alone."""
_UNKNOWN: Final = {"action": "access", "service": "a service"}
"""What stands for a name that isn't known, where the cause has no other words for that."""
_CHOICE: Final = re.compile(r"\[([^\[\]]{1,300}\|[^\[\]]{1,300})\]")
_PLACEHOLDER: Final = re.compile(r"\{(?P<name>\w{1,20})\}")


def filled(cause: str, known: Mapping[str, str], texts: Sequence[str], around: Sequence[str] = ()) -> str:
    """The cause with its placeholders filled in.

    ``[host {name}|a host]`` stands for the first of its parts whose names are all known, or for the last one.

    Args:
        known: the names that don't have to be searched for.
        texts: where the others may be found, the surest first.
        around: lines near the error, where some of them may be found as well.
    """
    name = cache(lambda wanted: known.get(wanted) or _found(wanted, texts) or _nearby(wanted, texts, around))
    chosen = _CHOICE.sub(lambda found: next(_usable(found[1].split("|"), name)), cause)
    return _PLACEHOLDER.sub(lambda found: name(found["name"]) or _UNKNOWN.get(found["name"], ""), chosen)


def _usable(parts: Sequence[str], name: Callable[[str], str]) -> Iterator[str]:
    yield from (part for part in parts if all(map(name, _PLACEHOLDER.findall(part))))
    yield parts[-1]


def _found(wanted: str, texts: Sequence[str]) -> str:
    if wanted == "service":
        return _service(texts)
    found = _first(_FOUND.get(wanted, ()), texts)
    return found.lower() if wanted == "refused" else found


def _nearby(wanted: str, texts: Sequence[str], around: Sequence[str]) -> str:
    mentioned = wanted not in _WORDS or any(_WORDS[wanted] in text.lower() for text in texts[:1])
    return _first(_FOUND[wanted], around[::-1]) if mentioned and wanted in _OF_ONE_FAILURE else ""


def _service(texts: Sequence[str]) -> str:
    """The service by its host or, if no text has one, by the client that reports it."""
    host = _first(_HOSTS, [_NO_HOST.sub("", text) for text in texts])
    if any(map(_OF_DATABASE.search, texts[:1])):
        return f"the database {host}".rstrip()
    if not host and any(map(_MAIL.search, texts[:1])):
        return "the mail server"
    client = _first((_CLIENTS,), texts[:1]).lower()
    return host or _OWNERS.get(client, client.capitalize())


def _first(patterns: Sequence[Pattern], texts: Sequence[str]) -> str:
    return next((found["name"] for text in texts for pattern in patterns if (found := pattern.search(text))), "")
