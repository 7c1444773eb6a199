"""Runtimes that print the error on one line, followed by its frames: Ruby, PHP, Elixir."""

from itertools import takewhile
from typing import Final

from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError, chain
from cronmend.model import FatalError
from cronmend.patterns import Pattern

MAX_MESSAGE: Final = 6
MAX_PHP_MESSAGE: Final = 25
"""How many lines a message of PHP may have, such as an answer that a client quotes."""
MAX_BLOCK: Final = 12
"""How many lines the class, the message and the place of an exception take."""
MAX_WARNING_DISTANCE: Final = 3
"""How many lines above an error of PHP a warning may stand that explains it: CLI and log may both print it."""

_RUBY = Pattern(r":\d+:in [`'][^']*'(?: ?\(.{0,60}\))?: (?P<message>.*)$")
_RUBY_TYPE = Pattern(r"^(?P<message>.*?)\s*\((?P<type>[A-Z][\w:]*)\)$")
_RUBY_SHORT = Pattern(r"^[\w./-]+\.rb: (?P<message>.*) \((?P<type>[A-Z]\w*(?:Error|Interrupt))\)$")
_RUBY_FRAME = Pattern(r"(?:^|\s)\S+:\d+:in [`'][^']*'$")
_RUBY_RECORD = Pattern(
    r"(?:^|\s)(?P<type>[A-Z]\w*(?:::[A-Z]\w*)+|[A-Z]\w*(?:Error|Exception|Timeout)): (?P<message>\S.*)$"
)
_NAMED = Pattern(r"^(?P<type>[A-Z]\w*(?:::\w+)*): (?P<message>.*)$")
_PHP = Pattern(
    r"(?:Fatal error:|Parse error:|^Next|^)\s+?(?:Uncaught )?(?:exception ')?(?P<type>\\?[A-Z][\w\\]*)"
    r"(?: exception)?(?:(?:: |' with message ')(?P<message>.*?))?'?(?: in \S+(?::| on line )\d+)?$"
)
_PHP_BARE = Pattern(
    r"^(?:PHP )?(?:exception ')?(?P<type>\\?[A-Z][\w\\]*)(?:' with message '|: )(?P<message>.*?)'? in \S+:\d+$"
)
_PHP_PLAIN = Pattern(r"(?:Fatal|Parse) error:\s+(?P<message>.*?)(?: in \S+ on line \d+)?$")
_PHP_END = ("Stack trace:", "  thrown in ")
_PHP_BLOCK = Pattern(r"^ +(?P<type>[A-Z]\w*(?:\\[A-Z]\w*)*) *$")
_PHP_PLACE = Pattern(r"^ +at \S+\.php:\d+$")
_PHP_WARNING = Pattern(
    r"(?:^|\bPHP )Warning:\s+(?P<message>[\w:\\]+\(.*?\): .*?"
    r"(?i:fail|denied|unable|refus|timed out|restrict|incorrect|could not|can't).*?)(?: in \S+ on line \d+)?$"
)
_ELIXIR = Pattern(r"^(?:\s*|.* failed to connect: )\*\* \((?P<type>[\w.: #<>]+)\) ?(?P<message>.*)$")
_ELIXIR_FRAME = Pattern(r"^ +(?:\(\w+ \d[\w.+-]*\) |\S+\.(?:exs?|[ehl]*eex|erl|leex):\d+: )")
_ELIXIR_EXIT = Pattern(r"^\s*\*\* \(EXIT from #PID<[\d.]+>\) :?(?:shutdown|normal)\s*$")
"""A process that ended because another one, which is linked to it, failed."""


def ruby(lines: Lines, first: int) -> list[StatedError]:
    """The error comes first, its frames after it, then its causes in the same form."""
    found: list[StatedError] = []
    for index, line in enumerate(lines.text[first:], first):
        error = _ruby_error(lines, index, line)
        if error is None:
            if index and ":in " in line and (logged := _ruby_record(lines, index)):
                found.append(logged)
            continue
        if found and _only_frames(lines, found[-1].last + 1, index):
            joined = [found[-1].error, *found[-1].error.causes, error]
            found[-1] = StatedError(
                chain([FatalError(e.type, e.message, e.line) for e in joined]), found[-1].first, index
            )
        else:
            found.append(StatedError(error, index, index, _place(line)))
    return found


def _ruby_record(lines: Lines, index: int) -> StatedError | None:
    """An error that a record names, with its frames below, as Ruby's loggers print it."""
    match = _RUBY_RECORD.search(lines.text[index - 1])
    if match is None or "aborted!" in lines.text[max(0, index - 2)]:
        return None
    end = index
    while end < len(lines) and _RUBY_FRAME.search(lines.text[end]):
        end += 1
    if end == index:
        return None
    error = FatalError(match["type"], match["message"], lines.origin[index - 1])
    return StatedError(error, index, end - 1, _place(lines.text[index]))


def _place(line: str) -> str:
    """The innermost frame: Ruby prints it before the message."""
    return line.partition(":in ")[0] if ":in " in line else ""


def _ruby_error(lines: Lines, index: int, line: str) -> FatalError | None:
    if line.startswith("\t") or line.lstrip().startswith("from "):
        return None
    if ":in " in line and (match := _RUBY.search(line)):
        return _typed(lines, index, match["message"])
    if match := _RUBY_SHORT.search(line) if ".rb: " in line else None:
        return FatalError(match["type"], match["message"], lines.origin[index])
    if (
        index
        and not line.startswith("Tasks: ")
        and lines.text[index - 1].strip() in ("rake aborted!", "rails aborted!", "Caused by:")
    ):
        return _named(lines, index, line)
    return None


def _typed(lines: Lines, index: int, message: str) -> FatalError:
    match = _RUBY_TYPE.search(message)
    more = _indented_or_detail(lines, index)
    if match:
        return FatalError(match["type"], "\n".join([match["message"], *more]), lines.origin[index])
    return FatalError("RuntimeError", "\n".join([message, *more]), lines.origin[index])


def _named(lines: Lines, index: int, line: str) -> FatalError:
    match = _NAMED.search(line)
    more = _indented_or_detail(lines, index)
    if match:
        return FatalError(match["type"], "\n".join([match["message"], *more]), lines.origin[index])
    return FatalError("StandardError", "\n".join([line, *more]), lines.origin[index])


def _indented_or_detail(lines: Lines, index: int) -> list[str]:
    more = []
    for line in lines.text[index + 1 : index + MAX_MESSAGE]:
        if line.startswith(("\tfrom ", "    from ")) or not line.startswith(
            ("\t", " ", "LINE ", "DETAIL:", "HINT:", "PG::")
        ):
            break
        more.append(line)
    return more


def _only_frames(lines: Lines, first: int, index: int) -> bool:
    """Whether only frames and the rest of a message are between an error and its cause."""
    between = [line for line in lines.text[first:index] if line.strip()]
    frames = sum(line.lstrip().startswith("from ") or ".rb:" in line or line == "Caused by:" for line in between)
    return bool(between) and len(between) - frames <= MAX_MESSAGE


def php(lines: Lines, first: int) -> list[StatedError]:
    """``Next`` wraps the error before it: the last one printed is the outermost."""
    found: list[StatedError] = []
    for index, line in enumerate(lines.text[first:], first):
        if "atal error: " in line or "Parse error: " in line:
            more = _php_message(lines, index)
            error = _with_warning(lines, index, _php_error(lines, index, line, more))
            found.append(StatedError(error, index, index + len(more)))
        elif line.startswith(" ") and (block := _php_block(lines, index, line)):
            found.append(block)
        elif _is_bare(lines, index) and (match := _PHP_BARE.search(line)):
            error = FatalError(match["type"], match["message"], lines.origin[index])
            found.append(StatedError(error, index, index))
        elif line.startswith("Next ") and found and (match := _PHP.search(line)):
            outer = FatalError(match["type"], match["message"] or "", lines.origin[index])
            causes = [FatalError(e.type, e.message, e.line) for e in (found[-1].error, *found[-1].error.causes)]
            found[-1] = StatedError(chain([outer, *causes]), found[-1].first, index)
    return found


def _php_block(lines: Lines, index: int, line: str) -> StatedError | None:
    """An exception as Laravel's console prints it: its class, its message if it has one, then the place."""
    if (match := _PHP_BLOCK.search(line)) is None:
        return None
    end = min(index + MAX_BLOCK, len(lines.text))
    place = next((at for at in range(index + 1, end) if _PHP_PLACE.search(lines.text[at])), None)
    if place is None:
        return None
    message = "\n".join(text.strip() for text in lines.text[index + 1 : place] if text.strip())
    return StatedError(FatalError(match["type"], message, lines.origin[index]), index, place)


def _is_bare(lines: Lines, index: int) -> bool:
    """Whether a trace follows: an exception as a handler or a log prints it."""
    return lines.text[index + 1 : index + 2] == ["Stack trace:"] and not lines.text[index].startswith("Next ")


def _with_warning(lines: Lines, index: int, error: FatalError) -> FatalError:
    """PHP's functions warn and return false: the error is then what the code did with it, and the warning its cause."""
    for above in range(index - 1, max(index - 1 - MAX_WARNING_DISTANCE, -1), -1):
        if match := _PHP_WARNING.search(lines.text[above]) if "Warning: " in lines.text[above] else None:
            return chain([error, FatalError("Warning", match["message"], lines.origin[above])])
    return error


def _php_message(lines: Lines, index: int) -> list[str]:
    """The rest of a message: up to the trace or the place that PHP prints below it, or what is indented by a tab."""
    below = lines.text[index + 1 : index + 1 + MAX_PHP_MESSAGE]
    if "Uncaught " in lines.text[index]:
        end = next((number for number, text in enumerate(below) if text.startswith(_PHP_END)), 0)
        if not any("atal error: " in text for text in below[:end]):
            return below[:end]
    return list(takewhile(lambda text: text.startswith("\t"), below[:2]))


def _php_error(lines: Lines, index: int, line: str, more: list[str]) -> FatalError:
    match = _PHP.search(line) if "Uncaught " in line else None
    if match:
        return FatalError(match["type"], "\n".join([match["message"] or "", *more]), lines.origin[index])
    plain = _PHP_PLAIN.search(line)
    return FatalError("Fatal error", plain["message"] if plain else line, lines.origin[index])


def elixir(lines: Lines, first: int) -> list[StatedError]:
    """``** (Type) message``; an indented error below it is its cause. An exit that only follows is left out."""
    found: list[StatedError] = []
    for index, line in enumerate(lines.text[first:], first):
        if "** (" not in line or not (match := _ELIXIR.search(line)) or (found and _ELIXIR_EXIT.search(line)):
            continue
        below = [
            text for text in lines.text[index + 1 : index + MAX_MESSAGE] if text.startswith("  ") and "** (" not in text
        ]
        frames = [text for text in below if _ELIXIR_FRAME.search(text)]
        more = [text.strip() for text in below if text not in frames]
        error = FatalError(match["type"], "\n".join([match["message"], *more]), lines.origin[index])
        if found and line.startswith(" ") and index - found[-1].last <= MAX_MESSAGE:
            errors = [FatalError(e.type, e.message, e.line) for e in (found[-1].error, *found[-1].error.causes)]
            found[-1] = StatedError(chain([*errors, error]), found[-1].first, index, found[-1].frames)
        else:
            found.append(StatedError(error, index, index, "\n".join(frames)))
    return found
