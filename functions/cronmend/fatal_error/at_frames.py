"""Runtimes whose frames begin with ``at``: Java and Kotlin, Node, .NET."""

from dataclasses import dataclass, field
from typing import Final

import re2

from cronmend.fatal_error.lines import Lines
from cronmend.fatal_error.stated import Stated, chain, flat
from cronmend.model import FatalError

LOOK_UP: Final = 16
"""Lines above the first frame in which its error is looked for: a message may have many lines."""
MAX_MESSAGE: Final = 12

_HEAD = re2.compile(
    r"^\s*(?:Exception in thread \"[^\"]*\" |Unhandled exception\. |Unhandled Exception: |Uncaught (?:exception: )?|[Cc]aused by: "
    r"|Wrapped by: |---> |\[cause\]: |cause: |\[errors\]: \[?|\(node:\d+\) \w+: |\[[\w-]+\] [\w ]+: )?"
    r"(?:\(Inner Exception #\d+\) )?"
    r"(?P<type>[A-Za-z_$][\w$.+`/]*)(?: \[(?P<code>[\w.-]+)\]| \((?:0x[0-9A-Fa-f]+|\d+)\))?(?::(?: (?P<message>.*))?|\s*)(?:<---)?$"
)
_IN_LINE = re2.compile(
    r"(?P<type>(?:[a-z_][\w$]*\.){2,}[A-Z][\w$]*(?:Exception|Error)\w*|\b[A-Z]\w*(?:Error|Exception))(?: \[(?P<code>[\w.-]+)\])?(?:: (?P<message>.*))?$"
)
_FRAME = re2.compile(r"^\s+at .*[)\w>\]:]")
_PROPERTY = re2.compile(
    r"^\s*(?:\[?(?:code|errno|sqlState|sqlMessage|codeName|errorCode|syscall|statusCode|status|meta|routine|name|detail|sql)\]?: "
    r"|SqlState: |Number: |Error Number:|HResult|\[cause\]|ClientConnectionId)"
)
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
_GROUPS = ("AggregateException", "AggregateError", "CompositeException")


@dataclass(slots=True)
class _Block:
    """One printed error with its chain, as it is being read."""

    errors: list[FatalError]
    first: int
    last: int
    frames: list[str] = field(default_factory=list)
    braces: bool = False
    suppressed: bool = False

    def add_text(self, text: str) -> None:
        if not self.errors:
            return
        error = self.errors[-1]
        self.errors[-1] = FatalError(error.type, f"{error.message}\n{text}", error.line)

    def stated(self) -> Stated:
        group = self.errors[0].type.endswith(_GROUPS)
        return Stated(chain(self.errors), self.first, self.last, "\n".join(self.frames[:4]), group)


def may_be_in(text: str) -> bool:
    return "\tat " in text or "   at " in text or "  at " in text


def errors(lines: Lines) -> list[Stated]:
    found: list[Stated] = []
    floor = 0
    for index, line in enumerate(lines.text):
        if index >= floor and line.startswith((" ", "\t")) and line.lstrip().startswith("at ") and _FRAME.search(line):
            block = _read(lines, index, floor)
            floor = max(block.last, index) + 1
            if block.errors:
                _append(found, block.stated(), lines)
    return found


def _append(found: list[Stated], stated: Stated, lines: Lines) -> None:
    """Errors indented one below the other are members of Node's ``[errors]`` list."""
    before = found[-1] if found else None
    if before and before.last + 1 == stated.first and lines.text[stated.first].startswith("    "):
        members = [FatalError(e.type, e.message, e.line) for e in (*flat(before.error), *flat(stated.error))]
        found[-1] = Stated(chain(members), before.first, stated.last, before.frames, group=True)
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
    """The block that begins above this first frame; without errors where nothing there states one."""
    errors: list[FatalError] = []
    end = index
    for above in range(index - 1, max(floor, index - LOOK_UP) - 1, -1):
        if error := _head(lines, above, end):
            errors.insert(0, error)
            end = above
            if not lines.text[above].lstrip().startswith("---> "):
                return _Block(errors, above, index)
    return _Block(errors, end, index)


def _head(lines: Lines, above: int, end: int) -> FatalError | None:
    line = lines.text[above]
    match = _HEAD.search(line)
    if not match or not _is_type(match["type"]):
        match = _IN_LINE.search(line)
    if not match:
        return None
    rest = [text.strip() for text in lines.text[above + 1 : end]]
    code = match["code"] or ""
    message = "\n".join([(match["message"] or ""), *rest, *([f"code: '{code}'"] if code else [])]).strip()
    return FatalError(match["type"], message, lines.origin[above])


def _is_type(name: str) -> bool:
    return any(part in name for part in _NAMES) or name.count(".") >= 2


def _take(block: _Block, lines: Lines, index: int, line: str) -> int:
    """How many lines from here belong to the block; 0 where it has ended."""
    bare = line.strip()
    if bare.startswith("at ") and line[:1] in (" ", "\t"):
        block.braces = block.braces or line.endswith("{")
        if len(block.frames) < 4:
            block.frames.append(bare)
        return 1
    if bare.startswith(("... ", "--- End of", "#")) and bare:
        return 1
    if bare.startswith("Suppressed: "):
        return 1
    if used := _next_error(block, lines, index, line, bare):
        return used
    if _PROPERTY.search(line):
        block.add_text(bare)
        return 1
    inside = block.braces and (line.startswith(" ") or not bare)
    if line.rstrip() == "}" and block.braces:
        block.braces = False
        return 1
    return 1 if inside or bare == "Exception data:" else 0


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
    if not block.braces or not line.startswith("    ") or not (match := _HEAD.search(line)) or not match["message"]:
        return 0
    if not _is_type(match["type"]) or match["type"] == "error":
        return 0
    block.errors.append(FatalError(match["type"], match["message"], lines.origin[index]))
    return 1


def _frames_from(lines: Lines, index: int) -> int:
    """Where the frames of an error stated just above begin; right here where none follow soon."""
    for number in range(index, min(index + MAX_MESSAGE, len(lines))):
        bare = lines.text[number].strip()
        if bare.startswith(("at ", "... ", "Caused by: ", "caused by: ", "---> ", "--- End")):
            return number
        if bare in ("}", "{") or _PROPERTY.search(bare):
            return number
    return index
