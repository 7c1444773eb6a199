"""What clients and loggers put around a message on the same line: the failed command, types, codes and fields. Pure."""

import base64
import re
from pathlib import PurePosixPath
from typing import Final

from cronmend.diagnosis.matching import COMMAND_OF_REDIS

_CLASS: Final = re.compile(r"<class '(?:\w{1,60}\.){0,8}(?P<name>\w{1,60})'>")
_OUTER: Final = re.compile(
    r"^(?P<before>.{0,200}?)[.:;,]? *(?:\b\w{1,60}: )?\b(?:[Aa]n? )?(?:unexpected |unhandled )?"
    r"(?:[Ee]xception|[Ee]rror) (?:was )?(?:encountered|occurred|raised|caught)\b.{0,200}?"
    r"\b(?:Exception|Error|Reason|Cause|Caused by): (?P<said>\S.*)$"
)
"""A sentence that only says that there was an error, before the error."""
_OF_SEARCH: Final = re.compile(
    r"""\b(?P<type>\w{1,40}(?:Error|Exception))\((?P<code>\d{3}|'N/A'), u?(?P<q>['"])(?P<kind>\w{1,80})(?P=q), """
    r"""u?(?P<quote>['"])(?P<said>.+?)(?:(?P=quote)\W*|)$"""
)
"""An error of Elasticsearch or OpenSearch as its client for Python prints it."""
_LIST: Final = re.compile(r"\b(?P<word>[Cc]ommand) '?\['(?P<program>[^']{1,200})'(?:, '(?:[^'\\]|\\.)*'){0,60}\]'?")
"""A command as Python prints its words, with paths and options."""
_OF_MONGOOSE: Final = re.compile(
    r"\bCast to (?P<type>\w{1,40}) failed for value (?P<value>\"[^\"]{0,80}\") \(type \w{1,20}\)"
    r" at path \"[^\"]{1,80}\"(?: for model \"[^\"]{1,80}\")?"
)
"""One of the values that Mongoose couldn't cast; the path stands before it as well."""
_OF_DBD: Final = re.compile(r" ?\(DBD ERROR: .*$")
"""The place in the statement that Perl's driver adds to an error of Oracle."""
_FIELDS: Final = re.compile(r"(?:\s+[a-z_][\w.]{0,40}=(?:\"[^\"]*\"|\S*)){2,20}\s*$")
_TELLING: Final = re.compile(r"\b(?:err|error|reason|cause|status|code|signal|host|addr|table|column|path|file|url)=")
"""Fields that may say more than the message before them."""
_LEAST_WORDS: Final = 3
"""How many a message has at least, if its fields can be left out."""
_ENCODED: Final = re.compile(r": (?P<text>[A-Za-z0-9+/]{8,200}={0,2})$")
"""The last word of a server's answer, which SMTP may send in base64."""


def without(text: str) -> str:
    """The message alone."""
    text = _CLASS.sub(r"\g<name>", COMMAND_OF_REDIS.sub("", text))
    if found := _OUTER.match(text):
        text = ": ".join(filter(None, (found["before"].strip(), found["said"])))
    text = _LIST.sub(lambda found: f"{found['word']} {PurePosixPath(found['program']).name}", text)
    text = _OF_MONGOOSE.sub(r"\g<value> isn't a valid \g<type>", _OF_DBD.sub("", text))
    text = _OF_SEARCH.sub(r"\g<said> (\g<type> \g<code>)", text)
    return _without_encoded(_without_fields(text))


def _without_fields(text: str) -> str:
    found = _FIELDS.search(text)
    if found is None or _TELLING.search(found[0]) or len(text[: found.start()].split()) < _LEAST_WORDS:
        return text
    return text[: found.start()]


def _without_encoded(text: str) -> str:
    found = _ENCODED.search(text)
    return text[: found.start()] if found and _is_encoded(found["text"]) else text


def _is_encoded(text: str) -> bool:
    """Whether it is printable text in base64: words of a language hardly ever are."""
    try:
        return base64.b64decode(text, validate=True).decode("ascii").strip().isprintable()
    except ValueError:
        return False
