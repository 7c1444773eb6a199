"""Runtimes whose frames start with ``at``: Java and Kotlin, Node, .NET."""

from typing import Final

from msgspec import Struct, field

from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError, chain, flat
from cronmend.model import FatalError
from cronmend.patterns import Pattern, detector

SEARCH_ABOVE: Final = 16
"""Lines above the first frame that are searched for its error, since a message may have many lines."""
SEARCH_DATA_ABOVE: Final = 64
"""The same while the lines are indented or start with brackets, as in a message that contains data."""
MAX_MESSAGE: Final = 12
INNERMOST: Final = 4
"""How many frames are kept."""

# Groups of both: the type, a code in brackets, the message. Numbered, because re2 decodes all group names at each use.
_HEAD = Pattern(
    r"^\s*(?:Exception in thread \"[^\"]*\" |Unhandled exception\. |Unhandled Exception: |Uncaught "
    r"(?:exception: )?|[Cc]aused by: "
    r"|Wrapped by: |---> |\[cause\]: |cause: |\[errors\]: \[?|\(node:\d+\) \w+: |\[[\w-]+\] [\w ]+: )?"
    r"(?:\(Inner Exception #\d+\) )?"
    r"([A-Za-z_$][\w$.+`/]*)(?:\[[\w.+`,\[\]]+\])?(?: \[([\w.-]+)\]| \((?:0x[0-9A-Fa-f]+|\d+)\))?(?:[:;](?: "
    r"(.*))?|\s*)(?:<---)?$"
)
_IN_LINE = Pattern(
    r"((?:[a-z_][\w$]*\.){2,}[A-Z][\w$]*(?:Exception|Error)\w*|\b[A-Z]\w*(?:Error|Exception))(?: "
    r"\[([\w.-]+)\])?(?:: (.*))?$"
)
_is_frame = detector(r"^\s+at .*[)\w>\]:]")
_is_property = detector(
    r"^\s*(?:\[?(?:code|errno|sqlState|sqlMessage|codeName|errorCode|syscall|statusCode|status|"
    r"meta|routine|name|detail|sql|message|body|data|parent|original|driverError|nativeError|inner|reason|stderr)\]?: "
    r"|SqlState: |Number: |Error Number:|HResult|\[cause\]|ClientConnectionId)"
)
_PARAMETERS = Pattern(r"\((?:[\w.`\[\]<>&*]+ \w+(?:, )?)+\)")
"""The parameters of a .NET method with their names, which say nothing about the error."""
_is_bare_frame = detector(
    r"^at [\w.$/<>]+\.[\w$<>]+\((?:[\w$]+\.(?:java|kt|scala|groovy|clj):\d+|[\w$]+\.java|"
    r"Native Method|Unknown Source)\)"
)
"""A frame of the JVM whose indentation a collector took away."""
_STARTS = (" ", "\t", "at ")
_FILLING = ("... ", "--- End of", "Suppressed: ", "Exception data:")
_NAMES = (
    "Error",
    "Exception",
    "Throwable",
    "Fault",
    "Failure",
    "Rejection",
    "error",
    "Unavailable",
    "Timeout",
    "Interrupt",
)
_FIELDS = ("ErrorCode", "ErrorNumber", "ErrorType", "ErrorMessage", "ErrorDetails", "ErrorInfo", "ErrorId")
_GROUPS = ("AggregateException", "AggregateError", "CompositeException")


class _Block(Struct):
    """One printed error with its chain, while it is being read."""

    errors: list[FatalError]
    first: int
    last: int
    frames: list[str] = field(default_factory=list)
    braces: bool = False

    def add_text(self, text: str) -> None:
        if not self.errors:
            return
        error = self.errors[-1]
        self.errors[-1] = FatalError(error.type, f"{error.message}\n{text}", error.line)

    def stated(self) -> StatedError:
        group = self.errors[0].type.endswith(_GROUPS)
        return StatedError(chain(self.errors), self.first, self.last, "\n".join(self.frames), group)


def errors(lines: Lines, first: int) -> list[StatedError]:
    found: list[StatedError] = []
    floor = 0
    for index in [number for number, line in enumerate(lines.text[first:], first) if line.startswith(_STARTS)]:
        if index >= floor and _starts_frames(lines.text[index]):
            block = _read(lines, index, floor)
            floor = max(block.last, index) + 1
            if block.errors:
                _append(found, block.stated(), lines)
    return found


def _starts_frames(line: str) -> bool:
    if line.startswith("at "):
        return _is_bare_frame(line)
    return line.lstrip().startswith("at ") and _is_frame(line)


def _append(found: list[StatedError], stated: StatedError, lines: Lines) -> None:
    """Indented errors directly below each other are members of Node's ``[errors]`` list."""
    before = found[-1] if found else None
    if before and before.last + 1 == stated.first and lines.text[stated.first].startswith("    "):
        members = [FatalError(e.type, e.message, e.line) for e in (*flat(before.error), *flat(stated.error))]
        found[-1] = StatedError(chain(members), before.first, stated.last, before.frames, group=True)
    else:
        found.append(stated)


def _read(lines: Lines, index: int, floor: int) -> _Block:
    block = _headed(lines, index, floor)
    while index < len(lines):
        used = _take(block, lines, index, lines.text[index])
        if not used:
            break
        index += used
        block.last = index - 1
    return block


def _headed(lines: Lines, index: int, floor: int) -> _Block:
    """The block that starts above this first frame; it has no errors if none is reported there."""
    errors: list[FatalError] = []
    end = index
    for above in range(index - 1, max(floor, index - SEARCH_DATA_ABOVE) - 1, -1):
        if error := _head(lines, above, end):
            errors.insert(0, error)
            end = above
            if not lines.text[above].lstrip().startswith("---> "):
                return _Block(errors, above, index)
        elif above <= index - SEARCH_ABOVE and not lines.text[above].startswith((" ", "[", "]", "{", "}")):
            break
    return _Block(errors, end, index)


def _head(lines: Lines, above: int, end: int) -> FatalError | None:
    line = lines.text[above]
    match = _HEAD.search(line)
    if not match or not _is_type(match[1]):
        match = _IN_LINE.search(line)
    if not match:
        return None
    rest = [text.strip() for text in lines.text[above + 1 : end]]
    code = match[2] or ""
    message = "\n".join([(match[3] or ""), *rest, *([f"code: '{code}'"] if code else [])]).strip()
    return FatalError(match[1], message, lines.origin[above])


def _is_type(name: str) -> bool:
    """Not the name of a field such as ``ErrorCode``, which .NET's clients print below the message."""
    return (any(part in name for part in _NAMES) or name.count(".") >= 2) and not name.endswith(_FIELDS)


def _is_field(name: str) -> bool:
    """Such as ``driverAdapterError``: a class starts with a capital letter, or is in a package."""
    return name[:1].islower() and "." not in name


def _take(block: _Block, lines: Lines, index: int, line: str) -> int:
    """The number of lines from here that belong to the block; 0 if it has ended."""
    bare = line.strip()
    if bare.startswith("at ") and (line[:1] in (" ", "\t") or _is_bare_frame(line)):
        block.braces = block.braces or line.endswith("{")
        block.frames += [_PARAMETERS.sub("()", bare)] if len(block.frames) < INNERMOST else []
        return 1
    if bare.startswith(_FILLING):
        return 1
    return _next_error(block, lines, index, line, bare) or _take_property(block, line, bare)


def _take_property(block: _Block, line: str, bare: str) -> int:
    """The fields of an error, which Node and .NET print below its frames."""
    if _is_property(line):
        block.add_text(bare)
        return 1
    inside = block.braces and (line.startswith(" ") or not bare or bare == "}")
    if line.rstrip() == "}":
        block.braces = False
    return int(inside)


def _next_error(block: _Block, lines: Lines, index: int, line: str, bare: str) -> int:
    if not bare.startswith(
        ("Caused by: ", "caused by: ", "Wrapped by: ", "---> ", "[cause]: ", "cause: ", "[errors]: [")
    ) or line.startswith("\t"):
        return _sibling(block, lines, index, line)
    end = _frames_from(lines, index + 1)
    error = _head(lines, index, end)
    if error is None:
        return 0 if not bare.startswith("cause") else 1
    block.braces = block.braces or error.message.endswith("{")
    block.errors.insert(0 if bare.startswith("Wrapped by") else len(block.errors), error)
    return end - index


def _sibling(block: _Block, lines: Lines, index: int, line: str) -> int:
    """A member of Node's ``[errors]`` list: an error of its own inside the braces."""
    if not block.braces or not line.startswith("    ") or not (match := _HEAD.search(line)) or not match[3]:
        return 0
    if not _is_type(match[1]) or match[1] == "error" or _is_field(match[1]):
        return 0
    block.errors.append(FatalError(match[1], match[3], lines.origin[index]))
    return 1


def _frames_from(lines: Lines, index: int) -> int:
    """The index of the first frame of the error just above; ``index`` if no frame follows soon.

    A brace on a line of its own starts a service's answer, which the JVM prints as part of the message.
    """
    if index < len(lines) and lines.text[index] == "{":
        below = range(index, min(index + SEARCH_DATA_ABOVE, len(lines)))
        return next((number for number in below if lines.text[number].startswith(("\tat ", "    at "))), index)
    for number in range(index, min(index + MAX_MESSAGE, len(lines))):
        bare = lines.text[number].strip()
        if bare.startswith(("at ", "... ", "Caused by: ", "caused by: ", "---> ", "--- End")):
            return number
        if bare in ("}", "{") or _is_property(bare):
            return number
    return index
