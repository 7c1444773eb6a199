"""Python's tracebacks: chained, grouped, drawn in boxes, or cut at their start."""

from typing import Final

from cronmend.diagnosis.fatal_error import line_kinds
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import MAX_CAUSES, StatedError, announces, chain, flat
from cronmend.model import FatalError
from cronmend.patterns import Pattern

CAUSE: Final = "The above exception was the direct cause of the following exception:"
CONTEXT: Final = "During handling of the above exception, another exception occurred:"
MAX_MESSAGE: Final = 25
INNERMOST: Final = 6
"""How many lines of the last frames are kept: three frames with their source lines."""

_CONTINUES = (
    " ",
    "\t",
    "DETAIL:",
    "LINE ",
    "HINT:",
    "CONTEXT:",
    "[SQL",
    "[parameters",
    "(Background",
    "[Errno",
    "[SSL",
    "- ",
    "ERRORS:",
)
_MANY_LINES = ("validation error", "System check identified", "Multiple connection attempts", "AnalysisException: ")
_PLANNED_LINE = Pattern(r"^\w+\.\d{4}_\w+$|^ {4}\S")
_BOX = ("+--", "+-+")
"""The edges of the box around an exception group; a query plan has other lines that start with a plus sign."""
_BY_THREAD: Final = ("Exception in thread ", "Process ")
"""How the line above the traceback of a thread or of a child process starts."""
_WAITED: Final = frozenset(("StopIteration", "StopAsyncIteration", "queue.Empty", "_queue.Empty", "EOFError"))
"""What the main thread raises if nothing more comes from the one that it waits for."""
_PLANNED: Final = "Planned operations:"
"""How Django's ``migrate --check`` starts the list of the migrations that a database lacks."""
_GROUPS = ("ExceptionGroup", "BaseExceptionGroup")


def errors(lines: Lines, first: int) -> list[StatedError]:
    """The error at the end of each traceback, in order. Its causes are its direct causes and group members."""
    boxed = ("|" in lines.whole and "| " in lines.whole) or (">" in lines.whole and "> File " in lines.whole)
    text = [_unboxed(line) for line in lines.text] if boxed else lines.text
    found: list[StatedError] = []
    behind = 0
    for frame in [index for index, line in enumerate(text[first:], first) if line.startswith(('  File "', "╰─"))]:
        if frame < behind:
            continue
        behind = _end_of_frames(text, frame)
        if stated := _stated(text, lines, frame, behind):
            behind = stated.last + 1
            _append(found, stated, text)
    return [*found, *_planned(lines)]


def _planned(lines: Lines) -> list[StatedError]:
    """The migrations that Django's check lists, if the log ends with the list."""
    first = len(lines.text) - 1
    while first >= 0 and _PLANNED_LINE.search(lines.text[first]):
        first -= 1
    if first < 0 or first > len(lines.text) - 3 or lines.text[first] != _PLANNED:
        return []
    error = FatalError("", f"{_PLANNED} {lines.text[first + 1]}", lines.origin[first + 1])
    return [StatedError(error, first, len(lines.text) - 1)]


def _append(found: list[StatedError], stated: StatedError, text: list[str]) -> None:
    """Merge an error into the one before it if the log shows how the two are related."""
    before = found[-1] if found else None
    if before and (_between(text, before.last, stated.first, CAUSE) or _waited_for(text, before, stated)):
        found[-1] = _joined(stated, [stated.error, *flat(before.error)], before)
    elif (
        before and (before.group or before.error.type.endswith(_GROUPS)) and _in_group(text, before.last, stated.first)
    ):
        found[-1] = _joined(stated, [before.error, *before.error.causes, *flat(stated.error)], before, group=True)
    elif before and _between(text, before.last, stated.first, CONTEXT):
        context = (*flat(before.error), *before.context)[:MAX_CAUSES]
        found.append(StatedError(stated.error, stated.first, stated.last, stated.frames, context=context))
    else:
        found.append(stated)


def _joined(stated: StatedError, errors: list[FatalError], before: StatedError, group: bool = False) -> StatedError:
    own = [FatalError(error.type, error.message, error.line) for error in errors]
    unique = list(dict.fromkeys(own))
    return StatedError(chain(unique), before.first, stated.last, stated.frames, group, before.context)


def _between(text: list[str], last: int, first: int, sentence: str) -> bool:
    return any(line.strip() == sentence for line in text[last + 1 : first])


def _waited_for(text: list[str], before: StatedError, stated: StatedError) -> bool:
    """Whether a thread or child process failed directly above, and this error says only that nothing came from it."""
    error = stated.error
    return (
        error.type in _WAITED
        and not error.message.strip()
        and before.first > 0
        and text[before.first - 1].startswith(_BY_THREAD)
        and not any(line.strip() for line in text[before.last + 1 : stated.first])
    )


def _in_group(text: list[str], last: int, first: int) -> bool:
    return any("---- " in line for line in text[last + 1 : first])


def _unboxed(line: str) -> str:
    """Remove the box that an exception group or loguru draws around a traceback."""
    start = line.lstrip()
    if start.startswith("| "):
        return start[2:]
    if start.startswith("> File "):
        return "  " + start[2:]
    return line


def _end_of_frames(text: list[str], index: int) -> int:
    """The index of the first line after the frames that start here."""
    while index < len(text) and (text[index].startswith((" ", "╰", "[Previous line")) or not text[index].strip()):
        index += 1
    return index


def _stated(text: list[str], lines: Lines, first: int, index: int) -> StatedError | None:
    kind, _, stated = text[index].partition(": ") if index < len(text) else ("", "", "")
    kind = kind.rstrip(": ")
    if not kind.replace(".", "_").isidentifier():
        return None
    last = _end_of_message(text, index)
    message = "\n".join([stated, *text[index + 1 : last + 1]]).rstrip()
    error = FatalError(kind, message, lines.origin[index])
    return StatedError(error, _with_head(text, first), last, _frames(text, first, index))


def _frames(text: list[str], first: int, end: int) -> str:
    """The innermost frames, and those of outer frames that are in a notifier library."""
    inner = max(first, end - INNERMOST)
    notifying = [line for line in text[first:inner] if "/lib/python" in line and line_kinds.is_notifier(line)]
    return "\n".join([*notifying, *text[inner:end]])


def _with_head(text: list[str], first: int) -> int:
    return first - 1 if first and "Traceback (most recent call last)" in text[first - 1] else first


def _end_of_message(text: list[str], index: int) -> int:
    """The index of a message's last line; only known forms have several lines, or one that ends with a colon."""
    many = any(words in text[index] for words in _MANY_LINES)
    announced = index + announces(text[index])
    last = index
    for number in range(index + 1, min(index + MAX_MESSAGE, len(text))):
        line = text[number]
        if not line.strip():
            continue
        if line.lstrip().startswith(_BOX):
            break
        continues = line.startswith(_CONTINUES) or number <= announced or (many and not line[:1].isdigit())
        if not continues or line in (CAUSE, CONTEXT):
            break
        if line.startswith(('  File "', "Traceback")) or (many and line_kinds.level(line) is not Level.NONE):
            break
        last = number
    return last
