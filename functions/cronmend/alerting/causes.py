"""What ended a run, as a clause for headlines that follows a colon. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from cronmend.alerting import named, schema_objects
from cronmend.alerting.plain_words import IN_JSON, in_words, shorter
from cronmend.alerting.schema_objects import Absent
from cronmend.diagnosis.marks import MARK, marked
from cronmend.model import Category, Diagnosis
from cronmend.model.incident import Incident

_DETAIL: Final = ": {line}"
"""The end of a cause that says more in a long headline."""
_MOST_OF_A_DETAIL: Final = 70
_LEAST_OF_A_DETAIL: Final = 55
"""Characters of the line's start, and of its innermost part's."""
_BELOW: Final = 3
"""Lines from the marked one on that may name the object; blank ones don't count."""
_CODE: Final = re.compile(r"\W*(?:code|errno|sqlState)\W{1,4}\w{1,40}\W{0,3}")
"""A field of an error that a runtime or a JSON line printed."""
_OF_JSON: Final = re.compile(r"\s*\"[\w-]{1,40}\":\s.{0,400}")
"""A line of a JSON record that was printed over several."""
_SAYING: Final = re.compile(r"\s*\"(?:message|detail|error_?description|errorMessage|title|reason)\":\s*\"\S+ .*")
"""One of its lines that says what happened, in words."""
_NEAR: Final = 4
"""Lines of the same record, on both sides."""
_HEADING: Final = re.compile(
    r"^(?:[\d:.T-]+ +)?\s*(?:\w{1,12} \(\w{1,12}\): )?(?P<said>[A-Z]\w*(?: \w{1,20}){0,3} [Ee]rror):$"
)
"""The kind of an error on a line of its own above it, such as ``SQL compilation error:``."""
_OF_FILE: Final = re.compile(
    r"\b(?:Database|Runtime|Compilation|Parsing) Error in (?P<said>\w{1,20} \S{1,80}) \([^)]+\)$"
)
"""dbt's heading: the model that an error is in."""
_ORACLE: Final = "ORA-"
_PASSED: Final = "ORA-06512:"
_OF_ERROR: Final = re.compile(r"(?i)^.{0,60}\b(?:error|fatal|critical)\b")
_FRAME: Final = 2
"""Lines of a frame of Python: its place and its code."""
_OF_SYNTAX: Final = ("SyntaxError", "IndentationError", "TabError")
_PLACE: Final = re.compile(r"^\s*File \"(?P<file>[^\"]{1,200})\", line (?P<line>\d{1,6})")
_LONG_NAME: Final = 40
"""Characters of a table and its column, beyond which a short headline names the column alone."""
_LONG_HOST: Final = re.compile(r"\b(?P<name>[a-zA-Z][\w-]{1,60})(?:\.[\w-]{1,60}){3,8}(?::\d{1,5})?(?=\s|$)")
"""A host whose whole name would push the verdict out of a short headline."""
_LOWERED: Final = frozenset({"A", "An", "Cause", "It", "Its", "No", "Nothing", "Something", "The", "This"})


def of(incident: Incident) -> tuple[str, ...]:
    """What ended the run, the longest form first; if none fits, the last one is cut."""
    diagnosis, traits = incident.diagnosis, incident.category.traits
    if found := missing(incident):
        short = found.short if len(found.name) > _LONG_NAME else found
        return f"the database has no {found}", f"no {short}"
    if lacking := schema_objects.enum_value(_texts(diagnosis)):
        return (f'enum {lacking[0]} has no value "{lacking[1]}"',)
    said = _said(diagnosis)
    if incident.category is Category.UNKNOWN:
        return _unknown(incident, said)
    if diagnosis.cause:
        return _detailed(incident, said)
    if not said:
        return (_lowered(diagnosis.sentence.strip().removesuffix(".")) or traits.cause,)
    return _stated(incident.category, said)


def _said(diagnosis: Diagnosis) -> str:
    """The deciding line in words; if it is only an error's code, the marked line, which has the message."""
    deciding = marked(diagnosis.excerpt)
    if deciding is not None and _CODE.fullmatch(diagnosis.line):
        return in_words(diagnosis.excerpt[deciding].removeprefix(MARK))
    if deciding is not None and _OF_JSON.fullmatch(diagnosis.line) and not _SAYING.fullmatch(diagnosis.line):
        near = diagnosis.excerpt[max(0, deciding - _NEAR) : deciding + 1 + _NEAR]
        if said := next((line for line in near if _SAYING.fullmatch(line)), ""):
            return in_words(said)
    said = _placed(in_words(_of_oracle(diagnosis)), diagnosis)
    return f"{said}: {why}" if deciding and (why := _repeated(diagnosis.excerpt[:deciding])) not in said else said


def _of_oracle(diagnosis: Diagnosis) -> str:
    """The line or, if it only says where in PL/SQL an error passed, the nearest error of Oracle above it."""
    above = diagnosis.excerpt[: marked(diagnosis.excerpt)] if diagnosis.line.startswith(_PASSED) else ()
    errors = (line for line in reversed(above) if line.startswith(_ORACLE) and not line.startswith(_PASSED))
    return next(errors, diagnosis.line)


def _repeated(above: Sequence[str]) -> str:
    """An error that a pool or a client logged again and again right above; ``""`` if none was."""
    if len(above) < _FRAME or not all(map(_OF_ERROR.search, above[-_FRAME:])):
        return ""
    first, last = map(in_words, above[-_FRAME:])
    return last if first == last else ""


def _placed(said: str, diagnosis: Diagnosis) -> str:
    """With what is printed above an error: a heading, the file of a syntax error, the code of one without a message."""
    deciding = marked(diagnosis.excerpt)
    above = diagnosis.excerpt[:deciding][::-1] if deciding is not None else ()
    if diagnosis.line.endswith(": ") and len(above) >= _FRAME and _PLACE.match(above[1]):
        return f"{said}: {above[0].strip()}"
    if above and (heading := _HEADING.match(above[0])) and heading["said"] not in said:
        return f"{heading['said']}: {said}"
    if above and (of_file := _OF_FILE.search(above[0])) and of_file["said"] not in said:
        return f"{said} (in {of_file['said']})"
    places = above if said.startswith(_OF_SYNTAX) else ()
    place = next((found for line in places if (found := _PLACE.match(line))), None)
    return f"{said} ({place['file']}, line {place['line']})" if place else said


def _unknown(incident: Incident, said: str) -> tuple[str, ...]:
    """The log's line goes last, so that a headline that has to be cut still says what is unknown."""
    known, _, quoted = (incident.diagnosis.cause or incident.category.traits.cause).partition("; ")
    if not said:
        return (_filled(incident, known),)
    quoted = quoted or 'the log says "{line}"'
    return _filled(incident, f"{known}; {quoted}"), _filled(incident, f"cause unknown; {quoted}")


def _stated(category: Category, said: str) -> tuple[str, ...]:
    """The category in words before the error; an error that a person has to fix stands alone."""
    if category.traits.needs_person:
        return *shorter(said), said
    if category.traits.shows_deploy:
        return f"{Category.SCHEMA_MISMATCH.traits.cause}: {said}", f"schema mismatch: {said}"
    return f"{category.traits.cause}: {said}", said


def missing(incident: Incident) -> Absent | None:
    """What is missing in the database, unless something else has to be fixed first, such as a migration that failed."""
    diagnosis = incident.diagnosis
    decides = incident.category.traits.shows_deploy and (diagnosis.deploy_explains or not diagnosis.cause)
    found = schema_objects.absent(_texts(diagnosis)) if decides else None
    return found.of_table(diagnosis.excerpt) if found else None


def _texts(diagnosis: Diagnosis) -> Iterator[str]:
    """Where the object may be named, the surest first: the line holds the innermost cause as well."""
    yield diagnosis.line
    if (deciding := marked(diagnosis.excerpt)) is not None:
        yield from islice(filter(str.strip, diagnosis.excerpt[deciding:]), _BELOW)


def _detailed(incident: Incident, said: str) -> tuple[str, ...]:
    """If the cause ends with the log's line: with the line, shorter forms of it, its start, and without it."""
    cause, said = incident.diagnosis.cause, _detail(incident, said)
    if cause == "{line}" and said:
        return *shorter(said), said
    short = _filled(incident, cause.removesuffix(_DETAIL))
    brief = _LONG_HOST.sub(r"\g<name>…", short)
    if short == cause or not cause.endswith(_DETAIL) or not said:
        return tuple(dict.fromkeys((short, brief)))
    forms = list(shorter(said))
    starts = (_start(said, _MOST_OF_A_DETAIL), _start(forms[-1], _LEAST_OF_A_DETAIL))
    return tuple(dict.fromkeys((*(f"{short}: {each}" for each in (*forms, *starts)), short, brief)))


def _start(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1]}…"


def _detail(incident: Incident, said: str) -> str:
    """What is missing, if that is why a migration failed; else the line, if it says anything."""
    found = schema_objects.absent(_texts(incident.diagnosis)) if incident.category.traits.shows_deploy else None
    if found:
        return f"the database has no {found}"
    return "" if said == IN_JSON else said


def _filled(incident: Incident, cause: str = "") -> str:
    """The rule's cause with its placeholders filled in from the run."""
    diagnosis = incident.diagnosis
    known = {
        "image": incident.image.rsplit("/", 1)[-1].partition("@")[0],
        "line": _said(diagnosis),
        "object": str(schema_objects.absent(_texts(diagnosis)) or ""),
    }
    text = named.filled(cause or diagnosis.cause, known, tuple(_texts(diagnosis)), diagnosis.excerpt)
    return " ".join(text.split()).rstrip(" .") or incident.category.traits.cause


def _lowered(text: str) -> str:
    first, space, rest = text.partition(" ")
    return f"{first.lower() if first in _LOWERED else first}{space}{rest}"
