"""A line of a log in the words of a headline: without time, level, packages, retries and JSON around it. Pure."""

import json
import re
from typing import Any, Final

MAX_READ: Final = 500
"""Characters. A diagnosis keeps no longer line."""
_TIME: Final = r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?:Z|UTC|-->| ?[+-]\d\d:?\d\d)?"
_LEVEL: Final = r"(?i:error|fatal|critical|crit|severe|exception|panic|warn(?:ing)?|info|err)"
_BEFORE: Final = re.compile(
    rf"^(?:\s*[\[(]?{_TIME}[\])]?[\s:|,>-]*)?"
    rf"(?:[\[(]?{_LEVEL}[\])]?(?:\s*[:|!-]+\s*|\s+(?=\S{{1,60}} - )|$)|[\[(]{_LEVEL}[\])]\s*)*"
)
"""A time and a level at the start of a line."""
_HEAD: Final = re.compile(rf"^\[{_TIME}[^\]]{{1,60}}\] ")
"""A time, a level and a logger in one pair of brackets."""
_LOGGER: Final = re.compile(r"^[\w.\[\]-]{1,60} - (?=\S)")
_PACKAGES: Final = re.compile(
    r"^(?:[a-z_][\w$]{0,60}\.){1,12}(?=[A-Z])|^(?:System|Microsoft)\.(?:\w{1,60}\.){0,12}(?=[A-Z])"
)
_NAMESPACES: Final = re.compile(r"^\\?(?:\w{1,60}\\){1,12}(?=[A-Z])")
_OF_AWS: Final = re.compile(
    r"^(?:\w{1,80}: )?An error occurred \((?P<code>\w{1,80})\) when calling the (?P<call>\w{1,80}) operation"
    r"(?: \([^()]{1,60}\))?:\s*(?P<said>.*)$"
)
_OF_ECS: Final = re.compile(
    r"^\w{1,60}(?:Error|Exception)?: (?:[\w ]{1,60} )?has been retried \d{1,4} times?\(?s?\)?: "
)
_DICT: Final = re.compile(r"""\{.{0,200}?['"]message['"]: ?(?P<quote>['"])(?P<said>.{1,200}?)(?P=quote).*$""")
"""A client's answer in the words of the service, at the end of a line."""
_MESSAGES: Final = ("message", "msg", "error", "err", "exception", "detail", "reason", "event")
"""Keys of a JSON line that say what happened, best first."""
_MESSAGE: Final = re.compile(r'"(?:message|msg|error|err)"\s*:\s*"((?:[^"\\]|\\.){1,300})')


def in_words(line: str) -> str:
    """The line as a clause; ``""`` if it says nothing that people can read."""
    text = " ".join(_of_json(line[:MAX_READ]).split())
    text = _LOGGER.sub("", _BEFORE.sub("", _BEFORE.sub("", _HEAD.sub("", text))), count=1)
    text = _PACKAGES.sub("", _NAMESPACES.sub("", _OF_ECS.sub("", text)))
    if found := _OF_AWS.match(text):
        text = (
            f"{found['said'].rstrip('. ')} ({found['code']})"
            if found["said"]
            else f"{found['code']} by {found['call']}"
        )
    return _once(_DICT.sub(r"\g<said>", text).replace(": ERROR: ", ": ")).rstrip(" .:;,!")


def _once(text: str) -> str:
    """An error without a message repeats its type."""
    kind, colon, message = text.partition(": ")
    return kind if colon and message == kind else text


def _of_json(line: str) -> str:
    """What a JSON line says happened; any other line as it is."""
    if not line.lstrip().startswith(("{", "[{")):
        return line
    try:
        said = _said(json.loads(line))
    except (ValueError, RecursionError):
        found = _MESSAGE.findall(line)
        said = found[-1] if found else ""
    return said or "an error in JSON"


def _said(value: Any) -> str:
    """The innermost error's message, with the outer one before it."""
    if isinstance(value, list):
        return _said(value[0]) if value else ""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    parts = [_said(value[key]) for key in _MESSAGES if key in value]
    return ": ".join(dict.fromkeys(filter(None, parts[:2])))
