"""Which lines of a log people see: the deciding one, the job's own frames, and both ends of a chain. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct, field

from cronmend import escapes
from cronmend.diagnosis import continuations, excerpt_parts, frames
from cronmend.diagnosis.fatal_error import statements
from cronmend.diagnosis.fatal_error.stated_error import flat
from cronmend.model import FatalError, Log

BEFORE: Final = 9
"""The most lines before the deciding one."""
AFTER: Final = 2
AFTER_IN_BOX: Final = 10
"""Terraform prints one message into a box, and Zod a list in JSON."""
REACH: Final = 60
"""Lines before the deciding one among which those to show are chosen; half as many after it."""
FAR: Final = 240
"""Lines on both sides in which the job's own frames are looked for if none is near."""
OWN: Final = 4
"""The most lines of frames that are shown from there, with their code."""
SEARCHED: Final = 400
"""The last lines of a log in which a line is looked for whose place isn't known."""
MAX_NEEDLE: Final = 80
CLOSE: Final = 12
"""Lines below an error, past the state of a program, in which its own frames may begin."""
GAP: Final = "…"
_PLACE: Final = re.compile(r"^\s*In \S+\.php line \d+:\s*$")
"""A line that only says where: the message follows it."""
_BELOW: Final = re.compile(r"^\s+(?:(?:code|errno|severity|sqlState): \S+$|\^)")
"""What is printed below a message: a field of an error of Node.js, or PostgreSQL's pointer into the statement."""
_HEADING: Final = re.compile(r"(?:^|\s|\[)(?:[A-Z]\w*)?(?:[eE]rror|ERROR)(?:\])?: \s*\S")
_POINTER: Final = re.compile(r"^\s*[~^][~^\s]*$")
"""A line that only points into the line above."""
_LINK: Final = re.compile(r"^\s*For (?:further|more) (?:information|details),? (?:visit|see)[: ]+https?://\S+$")
"""A line that only links to documentation."""
_FRAMED: Final = ("╔", "║", "╚", "┌", "│", "└", "╭", "╰")
"""How the lines of a box start."""
_LISTING: Final = re.compile(
    r"\bvalidation errors? for \S+$|(?i:\b(?:did you mean|one of (?:these|the following))\b[^?:]*[?:]$)"
)
"""A line that the next ones complete: with fields, or with suggestions."""


class Layout(Struct, frozen=True):
    lines: tuple[str, ...]
    deciding: int | None
    """The index of the line that decided; None if it isn't a line of the log, or is an ordinary message at its end."""
    continued: tuple[str, ...] = ()
    """What follows the colon of the deciding line on later lines, such as the names of missing variables."""


class _Kept(Struct):
    """The indexes of lines to show, and whose frames were among the lines."""

    lines: list[int] = field(default_factory=list)
    own: bool = False
    foreign: bool = False


def laid_out(log: Log, line: str, error: FatalError | None) -> Layout:
    """The lines to show. ``line`` is the diagnosis's, as the error's type and message, or a line of the log."""
    if not log:
        return Layout((), None)
    at, needle = _place(log, line, error)
    return _near(log, at, needle, error, REACH) or _near(log, at, needle, error, FAR) or Layout((), None)


def _near(log: Log, at: int, needle: str, error: FatalError | None, reach: int) -> Layout | None:
    """The lines to show of those within reach; None if the job's own frames have to be looked for farther away."""
    start = max(0, at - reach)
    parts, events = excerpt_parts.of(log[start : max(at + reach // 2, _innermost(at, error) + 1)], start)
    of_event = excerpt_parts.of_event(events, at)
    named = [number for number in of_event if needle and needle in parts[number]]
    stated = (named or of_event)[-1]
    deciding = _message(parts, stated)
    around = _around(parts, deciding, is_last=reach == FAR)
    if around is None:
        return None
    ends = _ends(parts, events, error) if error and (error.causes or error.line != at) else ()
    chosen = sorted({deciding, *around, *ends})
    lines, place = _between(parts, chosen, _plain([parts[number] for number in chosen]), deciding)
    continued = continuations.of(parts, stated) if named else ()
    return Layout(tuple(lines), place if error or (named and not statements.informs(needle)) else None, continued)


def _innermost(at: int, error: FatalError | None) -> int:
    """The line of the innermost cause, which may stand below many frames; 0 if it is too far away."""
    line = flat(error)[-1].line if error else 0
    return line if line <= at + FAR else 0


def _plain(lines: list[str]) -> list[str]:
    """The lines without escape sequences, of which most logs have none."""
    return [escapes.without(line) for line in lines] if escapes.may_be_in("\n".join(lines)) else lines


def _message(parts: Sequence[str], deciding: int) -> int:
    """The line that says what happened, if the deciding one only says where, or stands below it."""
    if _PLACE.match(parts[deciding]):
        below = range(deciding + 1, min(len(parts), deciding + 1 + AFTER))
        return next((number for number in below if parts[number].strip()), deciding)
    if _BELOW.match(parts[deciding]):
        above = range(deciding - 1, max(-1, deciding - REACH), -1)
        return next((number for number in above if _HEADING.search(parts[number])), deciding)
    return deciding


def _place(log: Log, line: str, error: FatalError | None) -> tuple[int, str]:
    """The log's line that decided, and a part of it."""
    for each in flat(error) if error else ():
        if line and each.text.startswith(line[:MAX_NEEDLE]):
            return _within(log, each.line), (each.message.split("\n", 1)[0] or each.type)[:MAX_NEEDLE]
    needle = line.strip()[:MAX_NEEDLE]
    last = _within(log, error.line) if error else len(log) - 1
    least = last - (REACH if error else SEARCHED)
    found = (number for number in range(last, max(-1, least), -1) if needle and needle in log[number])
    return next(found, last), needle


def _within(log: Log, number: int) -> int:
    return min(max(0, number), len(log) - 1)


def _around(parts: Sequence[str], deciding: int, *, is_last: bool) -> Iterable[int] | None:
    """Lines around the deciding one without the frameworks' frames, unless no frame is the job's own.

    None if all frames are a framework's, and more lines can be looked at.
    """
    bare = frames.without_streams(parts)
    before = _before(bare, deciding, max(0, deciding - REACH), BEFORE)
    most = AFTER_IN_BOX if _is_completed(parts, deciding) else AFTER
    after = _after(bare, deciding, most)
    if before.own or after.own:
        return (*before.lines, *after.lines)
    if not (before.foreign or after.foreign):
        near = bare[: deciding + 1 + CLOSE]
        return (*before.lines, *after.lines, *_with_code(near, _own_frames(near, range(deciding + 1, len(near)))))
    above = _own_frames(bare, range(deciding - 1, -1, -1))
    if nearest := above or _own_frames(bare, range(deciding + 1, len(bare))):
        return (*before.lines, *after.lines, *_with_code(bare, nearest))
    return range(max(0, deciding - BEFORE), min(len(parts), deciding + most + 1)) if is_last else None


def _before(parts: Sequence[str], deciding: int, start: int, most: int) -> _Kept:
    """Python shows the code below its frame, so a frame decides about the lines after it."""
    kept, code = _Kept(), list[int]()
    for number in range(deciding - 1, start - 1, -1):
        part = parts[number]
        if part.startswith(frames.STARTS):
            if not frames.is_frame(part):
                code += () if part.endswith(("^", "~")) and _POINTER.match(part) else (number,)
                continue
            foreign = frames.is_foreign(part)
            kept.own, kept.foreign = kept.own or not foreign, kept.foreign or foreign
            if foreign:
                code = []
                continue
        kept.lines += (*code, number)
        code = []
        if len(kept.lines) >= most:
            return kept
    kept.lines += code
    return kept


def _after(parts: Sequence[str], deciding: int, most: int) -> _Kept:
    """Blank lines don't count towards ``most``."""
    kept = _Kept()
    for number in range(deciding + 1, min(len(parts), deciding + REACH // 2)):
        part = parts[number]
        if _POINTER.match(part) or _LINK.match(part):
            continue
        most += not part.strip()
        is_frame = frames.is_frame(part)
        foreign = is_frame and frames.is_foreign(part)
        kept.own, kept.foreign = kept.own or (is_frame and not foreign), kept.foreign or foreign
        kept.lines += [] if foreign else [number]
        if len(kept.lines) >= most:
            break
    return kept


def _own_frames(parts: Sequence[str], numbers: Iterable[int]) -> Sequence[int]:
    """The first of these lines that are the job's own frames."""
    own = (number for number in numbers if frames.is_frame(parts[number]) and not frames.is_foreign(parts[number]))
    return tuple(islice(own, OWN // 2))


def _with_code(parts: Sequence[str], numbers: Sequence[int]) -> Sequence[int]:
    """These frames, each with the next line if that is its code, as Python prints it."""
    code = [number + 1 for number in numbers if number + 1 < len(parts) and parts[number].lstrip().startswith("File ")]
    return [*numbers, *code]


def _is_completed(parts: Sequence[str], deciding: int) -> bool:
    """Whether the lines below belong to this one: in a box, in a list in JSON, or as fields or suggestions."""
    line, below = parts[deciding].rstrip(), parts[deciding + 1 : deciding + 2]
    in_box = line.startswith("│") or any(part.lstrip().startswith(_FRAMED) for part in below)
    return in_box or line.endswith(": [") or _LISTING.search(line) is not None


def _ends(parts: Sequence[str], events: Sequence[int], error: FatalError) -> Iterator[int]:
    """The outermost error and its innermost cause, as far as they are near."""
    for each in {error, flat(error)[-1]}:
        of_event = excerpt_parts.of_event(events, each.line)
        said = (each.message or each.type).split("\n", 1)[0][:MAX_NEEDLE]
        yield from [number for number in of_event if said in parts[number]][-1:] or of_event[-1:]


def _between(parts: Sequence[str], chosen: Sequence[int], texts: Sequence[str], deciding: int) -> tuple[list[str], int]:
    """The chosen lines, with a mark for left-out ones between them that aren't links, and the deciding line's place."""
    if chosen[-1] - chosen[0] < len(chosen):
        return list(texts), chosen.index(deciding)
    lines: list[str] = []
    place = 0
    before = chosen[0]
    for number, text in zip(chosen, texts, strict=True):
        if number > before + 1 and not all(_LINK.match(part) for part in parts[before + 1 : number]):
            lines.append(GAP)
        if number == deciding:
            place = len(lines)
        lines.append(text)
        before = number
    return lines, place
