"""A line of a log in the words of a headline: without time, level, packages, retries and JSON around it. Pure."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from cronmend.alerting import wrappers

MAX_READ: Final = 500
"""Characters. A diagnosis keeps no longer line."""
_TIME: Final = r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?:Z|UTC|-->| ?[+-]\d\d:?\d\d)?"
_TIME_OF_DAY: Final = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_MOST_NOISE: Final = 4
"""How often something may stand before a message."""
_LEVEL: Final = r"(?i:error|fatal|critical|crit|severe|exception|panic|warn(?:ing)?|info|err)"
_BEFORE: Final = re.compile(
    rf"^(?:\s*[\[(]?{_TIME}[\])]?[\s:|,>-]*)?"
    rf"(?:[\[(]?{_LEVEL}[\])]?(?:\s*[:|!-]+\s*|\s+(?=\S{{1,60}} - )|$)|[\[(]{_LEVEL}[\])]\s*)*"
)
"""A time and a level at the start of a line."""
_HEAD: Final = re.compile(rf"^\[{_TIME}[^\]]{{1,60}}\] ")
"""A time, a level and a logger in one pair of brackets."""
_LOGGER: Final = re.compile(r"^[\w.\[\]-]{1,60} - (?=\S)")
_NOISE: Final = re.compile(
    "|".join(
        f"^(?:{each})\\s*"
        for each in (
            rf"\[?{_TIME_OF_DAY}\]?\s+(?=\S)",
            r"\[?[A-Z][a-z]{2} (?:[A-Z][a-z]{2} )?\d{1,2} [\d:]{8}[^\]\[]{0,40}?(?:\]|\[\d+\]:)",
            r"[EFIW]\d{4} [\d:.]{8,15}\s+\d+ \S+\]",
            r"(?:INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL|DEBUG|PANIC|SEVERE)(?: \[[\w.-]{1,60}\])? (?=[^\d\s(=:])",
            r"[│┃|❯✖✗×]+(?=\s)",
            r"[\[<]\s*(?i:error|fatal|critical|warn(?:ing)?|info)\s*[\]>]:?",
            r"\[(?:\d{1,5}|[\w./-]+:\d+)\](?:: ?|(?= [A-Za-z]))",
            r"(?:\[[\w.:-]{1,40}\] ?){0,2}\[(?i:crit|critical|error|fatal|err)\]:?",
            r"[a-z][\w.-]{0,30} (?:ERROR|FATAL|CRITICAL) (?=[A-Za-z'\"])",
            r"FAILED:(?=\s)",
            r"[^\x00-\x7f\s]{1,20}[:：]\s*(?:Error: )?(?=[A-Z]\w*(?:Error|Exception|\.\w+): |Error: )",
            r"psql:\S+:\d+:(?: (?:ERROR|FATAL):)?",
            r"In \S+\.php line \d+:(?=.)",
            r"[a-z][\w-]{0,30}\.(?:ERROR|CRITICAL|ALERT|EMERGENCY|WARNING):",
            r"Caused by:(?: (?:Error|panic):)?",
            r"Uncaught(?: \(in promise\))? |Unhandled exception\. |Exception in thread \"[^\"]{1,80}\" ",
        )
    )
)
"""What stands before a message: where and when it was logged, or that no one caught it."""
_LOGFMT: Final = re.compile(
    r"^\s*(?:time|ts|t|level|lvl)=.*?\b(?:msg|message)=(?:\"(?P<msg>(?:[^\"\\]|\\.)*)\"|(?P<word>\S+))"
    r"(?:.*?\b(?:err|error)=(?:\"(?P<err>(?:[^\"\\]|\\.)*)\"?|(?P<one>\S+)))?"
)
_OF_CPP: Final = re.compile(
    r"^terminate called after throwing an instance of '(?P<type>[^']+)'(?:: what\(\):\s*(?P<said>.*))?$"
)
_OF_OPENSSL: Final = re.compile(r"^[0-9A-F]{8,16}:error:[0-9A-F]{8}:(?P<part>[^:]*):[^:]*:(?P<said>[^:]+):.*$")
_OF_REJECTION: Final = re.compile(r"^.*promise rejected with the reason [\"“](?P<said>.+?)[\"”]\.?.*$")
_OF_POSTGRESQL: Final = re.compile(
    r"(?:connection failed: )?connection to server (?:at|on socket) \"[^\"]+\"(?: \([^)]*\))?(?:, port \d+)? failed: "
    r"FATAL:\s+"
)
_END: Final = re.compile(r"; SQL statement:?\s*$")
_PACKAGES: Final = re.compile(
    r"^(?:[a-z_][\w$]{0,60}\.){1,12}(?=[A-Z])|^(?:System|Microsoft)\.(?:\w{1,60}\.){0,12}(?=[A-Z])"
)
_NAMESPACES: Final = re.compile(r"^\\?(?:\w{1,60}\\){1,12}(?=[A-Z])")
_OF_AWS: Final = re.compile(
    r"^(?:fatal error: |\w{1,80}: )?"
    r"An error occurred \((?P<code>\w{1,80})\) when calling the (?P<call>\w{1,80}) operation"
    r"(?: \([^()]{1,60}\))?:\s*(?P<said>.*)$"
)
_OF_GO_SDK: Final = re.compile(
    r"\boperation error (?P<service>[\w ]{1,40}): (?P<call>\w{1,80}), .*?\bapi error (?P<code>\w{1,80}): (?P<said>.*)$"
)
"""An error of AWS as its SDK for Go prints it."""
_OF_REQUESTS: Final = re.compile(
    r"HTTPS?ConnectionPool\(host='(?P<host>[^']{1,200})', port=\d+\): Max retries exceeded with url: \S+ "
    r"\(Caused by (?P<said>.*)\)$"
)
_OF_ECS: Final = re.compile(
    r"^\w{1,60}(?:Error|Exception)?: (?:[\w ]{1,60} )?has been retried \d{1,4} times?\(?s?\)?: "
)
_SAYING: Final = r"(?:message|error_?message|error_?description|detail|title|errors|reason|error(?=\W{3,5}\w+ ))"
"""Keys of an answer that say what happened; ``error`` only if it is more than one word."""
_DICT: Final = re.compile(
    rf"""(?i)\s*\{{.{{0,200}}?(?:['"](?:{_SAYING}|(?:external|user|display)_?message)['"]|\bmessage): ?\[?"""
    r"""(?P<quote>['"])(?P<said>(?:\\.|(?!(?P=quote))[^\\]){1,300}).*$"""
)
"""A client's answer in the words of the service, or a struct as Rust prints it, at the end of a line."""
_FIELD: Final = re.compile(rf"""(?i)^\s*['"]?{_SAYING}['"]?: (?P<quote>['"])(?P<said>.{{3,}}?)(?P=quote)?[,\s]*$""")
"""One line of an answer that was printed over several."""
_OF_MONOLOG: Final = re.compile(r"\s*\{\"(?:exception|userId)\":.*$")
_MOST_BEFORE_AN_ANSWER: Final = 60
"""Characters before a service's answer that are kept; of a longer text, its type."""
_ERROR_CODE: Final = re.compile(r"""\s*\{[^{}]*['"](?:error|code)['"]: ?['"](?P<said>[\w.-]{3,60})['"].*$""")
_REST_OF_JSON: Final = re.compile(r"""(?<=\S)\s*[\[{]+\s*(?P<quote>['"])[\w.@-]+(?P=quote)\s*:.*$""")
"""Fields after a message that say nothing that is known."""
_CODED: Final = re.compile(r"""\((?P<code>\d{3,5}), b?(?P<quote>['"])(?P<said>.+?)(?P=quote)(?:, (?:b?['"].*)?)?\)$""")
"""A code and a message as Python prints the arguments of an error."""
_CLOCKS: Final = re.compile(r": current time \S+ is (?:after|before) \S+")
"""What Go adds to an invalid certificate."""
_STATEMENT: Final = re.compile(
    r"""(?: (?:with|for|in|query|statement))?:? (?P<quote>["'`])(?:\\[nt]|\s)*"""
    r"""(?i:select|insert|update|delete|with|merge|create|alter)"""
    r"""\b(?:(?!(?P=quote)).){8,400}(?P=quote)(?=: \S)"""
)
"""SQL in the middle of a message: what went wrong follows it."""
_CHOICES: Final = re.compile(
    r"[,;.]? ?\(?(?:(?:valid|possible|available|allowed) (?:choices|values|options|commands)(?: are)?|choose from)\b.*$"
)
"""What could have been said instead, at the end of a message about wrong usage."""
_SENTENCE: Final = re.compile(r"[.!] (?=[A-Z])")
_LEAST_WORDS: Final = 4
"""How many a part of a message has at least, if it is to stand for the whole."""
_REST: Final = " .:;,!│{["
"""What is left at the end of a message when what follows it is taken away."""
IN_JSON: Final = "an error in JSON"
"""What stands for a JSON line that says nothing."""
MAX_FIELD: Final = 60
"""Characters of a field that is shown."""
_MOST_FIELDS: Final = 5
"""Fields of a JSON line without a message that are shown instead."""
_OF_LOGGER: Final = re.compile(
    r"(?i).*(?:time|date|host|pid|level|severity|logger|caller|version|uuid|trace|span|thread).*|[@v]?ts?|v|.*id|@.*"
)
"""Keys of a JSON line that don't say what happened."""
_MESSAGES: Final = ("message", "msg", "error", "err", "exception", "detail", "reason", "event", "log")
"""Keys of a JSON line that say what happened, best first."""
_MESSAGE: Final = re.compile(r'"(?:message|msg|error|err)"\s*:\s*"((?:[^"\\]|\\.){1,300})')


def in_words(line: str) -> str:
    """The line as a clause; ``""`` if it says nothing that people can read."""
    text = _of_runtime(" ".join(_of_logfmt(_of_json(line[:MAX_READ])).split()))
    text = _without_noise(_LOGGER.sub("", _BEFORE.sub("", _BEFORE.sub("", _HEAD.sub("", text)))))
    text = _PACKAGES.sub("", _NAMESPACES.sub("", _OF_ECS.sub("", wrappers.without(text))))
    if found := _OF_AWS.match(text):
        text = (
            f"{found['said'].rstrip('. ')} ({found['code']})"
            if found["said"]
            else f"{found['code']} by {found['call']}"
        )
    text = _answered(_DICT, _OF_MONOLOG.sub("", _FIELD.sub(r"\g<said>", text)))
    text = _REST_OF_JSON.sub("", _answered(_ERROR_CODE, text))
    text = _CLOCKS.sub("", _CODED.sub(r"\g<said> (\g<code>)", text))
    text = _OF_REQUESTS.sub(r"\g<host>: \g<said>", _OF_GO_SDK.sub(r"\g<service> \g<call>: \g<said> (\g<code>)", text))
    text = _CHOICES.sub("", _STATEMENT.sub("", text))
    return _once(text.replace(": ERROR: ", ": ")).rstrip(_REST)


def shorter(words: str) -> Iterator[str]:
    """The words; without what follows the first sentence; and without what wraps it before a colon, bit by bit."""
    yield words
    rest = _SENTENCE.split(words, maxsplit=1)[0]
    while len(rest.split()) >= _LEAST_WORDS:
        if rest != words:
            yield rest
        rest = rest.partition(": ")[2]


def _answered(answer: re.Pattern[str], text: str) -> str:
    """What a service said at the end of a text, after what precedes it."""
    found = answer.search(text)
    if not found:
        return text
    before, said = text[: found.start()].rstrip("[ "), found["said"].replace('\\"', '"')
    said = next((each.strip() for each in reversed(said.split("\\n")) if each.strip()), said)
    if len(before) > _MOST_BEFORE_AN_ANSWER:
        before = before.partition(": ")[0]
    return f"{before}{'' if not before else ' ' if before.endswith((':', '-')) else ': '}{said}"


def _without_noise(text: str) -> str:
    for _ in range(_MOST_NOISE):
        shorter = _NOISE.sub("", text)
        if shorter in ("", text):
            break
        text = shorter
    return _OF_POSTGRESQL.sub("", _END.sub("", text))


def _of_runtime(text: str) -> str:
    """The message in the forms in which C++, OpenSSL and Node.js print one."""
    if found := _OF_CPP.match(text):
        return f"uncaught {found['type']}" + (f": {found['said']}" if found["said"] else "")
    text = _OF_OPENSSL.sub(r"\g<said> (\g<part>)", text)
    return _OF_REJECTION.sub(r"unhandled rejection: \g<said>", text)


def _of_logfmt(line: str) -> str:
    """The message and the error of a record of key-value pairs; any other line as it is."""
    found = _LOGFMT.match(line)
    if not found:
        return line
    parts = (found["msg"] or found["word"], found["err"] or found["one"])
    return ": ".join(part.replace('\\"', '"') for part in parts if part)


def _once(text: str) -> str:
    """An error without a message repeats its type."""
    kind, colon, message = text.partition(": ")
    return kind if colon and message == kind else text


def _of_json(line: str) -> str:
    """What a JSON line says happened; any other line as it is."""
    if not line.lstrip().startswith(("{", "[{")):
        return line
    try:
        record = json.loads(line)
        said = _said(record) or _fields(record)
    except (ValueError, RecursionError):
        found = _MESSAGE.findall(line)
        said = found[-1] if found else ""
    return said or IN_JSON


def _fields(record: Any) -> str:
    """The short fields of a record without a message, such as ``status: rejected``."""
    said = (
        f"{key}: {str(value).lower() if isinstance(value, bool) else value}"
        for key, value in (record.items() if isinstance(record, dict) else ())
        if isinstance(value, str | int | float) and len(str(value)) <= MAX_FIELD and not _OF_LOGGER.fullmatch(key)
    )
    return ", ".join(islice(said, _MOST_FIELDS))


def _said(value: Any) -> str:
    """The innermost error's message, with the outer one before it."""
    if isinstance(value, list):
        return _said(value[0]) if value else ""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    parts = [_said(value[key]) for key in _MESSAGES if key in value]
    return ": ".join(dict.fromkeys(filter(None, parts[:2])))
