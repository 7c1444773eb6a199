"""A program's own error report that no rule matches, in the forms that programs use for errors without frames."""

from collections.abc import Iterable
from typing import Final

from cronmend.diagnosis.fatal_error import line_kinds
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError
from cronmend.patterns import Pattern, detector

LABELED: Final = 2
"""The number of specific words that a message needs after a label such as ``error:``."""
LOGGED: Final = 3
"""The number of specific words that a record of level ERROR needs: its logger's name may be one."""

_LABEL = Pattern(
    r"(?i)(?:^|[\s\])>*✖✗×❌])(?:error|fatal|fatal error|exception|abort(?:ed)?|panic|critical|failed|failure)"
    r"(?: in \S+| \([^)]*\)|\[\w+\])? ?: +(.*)"
)
_LOGRUS = Pattern(r"^(?:FATA|ERRO|PANI)\[\d+\] +(.*)")
_TYPED = Pattern(
    r"^(?:Exception in thread \"[^\"]*\" |\[object\] \()?"
    r"(?:(?:[A-Za-z_][\w$]*(?:\.|::|\\))+[A-Z]\w+|(?:[A-Z][a-z]+){2,})"
    r"(?:\(code: \d+\))?: (.*)"
)
_GO_LOG = Pattern(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:\S+\.go:\d+: )?(.*)")
_is_chain = detector(
    r"(?i)^[^:]+: [^:]+: \S|not found|mismatch|cannot|can't|invalid|unsupported|missing|unknown|no such|duplicate"
    r"|exceed|denied|refus|illegal|out of (?:range|balance|sync|order)|must (?:not )?be|unexpected|failed|error"
)
"""A message of Go's log that is an error: wrapped errors are separated by colons, the innermost denies something."""
_HEAD = Pattern(r"^.*?\b(?i:error|err|fatal|critical|crit|severe|emergency|alert|panic|dpanic|fail)\b[\])|>:]*")
_WORD = Pattern(r"[^\W\d_][\w'.-]*[\w]")
_is_wrapper = detector(
    r"^(?:npm |yarn |pnpm |make(?:\[\d+\])?: |error Command failed| ?ELIFECYCLE)"
    r"|(?i:exit (?:status|code)|command failed)"
)
"""A runner's message that its command has failed."""
_VAGUE_WORDS: Final = """
a an and any app application are as at batch been by check code command complete completed could
cron details did do done due during ended error errors exception execution exit exited exiting fail
failed failing failure fatal finish finished for from had happened has have in information internal
is it its job jobs log logger logs main message more not now occurred of on oops or output please
problem process processing root run runner running script see sorry status step stopped stopping
successfully task tasks terminated the there this to traceback trouble unexpected unhandled unknown
unsuccessful was went while with worker wrong above abort aborted aborting critical giving up
"""
_VAGUE: Final = frozenset(_VAGUE_WORDS.split())


def report(lines: Lines, loose: Iterable[StatedError]) -> StatedError | None:
    """The first of these lines in which the program describes the error in its own words; pass the last line first."""
    return next((stated for stated in loose if _is_report(lines, stated)), None)


def _is_report(lines: Lines, stated: StatedError) -> bool:
    line = lines.text[stated.first]
    if _is_wrapper(line):
        return False
    if stated.error.type and not stated.error.type.isalpha():
        return True
    if match := _TYPED.search(line) or _LABEL.search(line) or _LOGRUS.search(line):
        return _is_specific(match[1], LABELED)
    if (match := _GO_LOG.search(line)) and _is_chain(match[1]):
        return _is_specific(match[1], LABELED)
    return _is_logged(lines, stated) and _is_specific(_HEAD.sub("", f"{line}\n{stated.error.message}"), LOGGED)


def _is_logged(lines: Lines, stated: StatedError) -> bool:
    """A record of level ERROR, or a field of one."""
    index = stated.first
    while index and lines.origin[index - 1] == stated.error.line:
        index -= 1
    return line_kinds.level(lines.text[index]) is Level.ERROR


def is_specific(message: str) -> bool:
    """Whether a message says more than that something failed."""
    return _is_specific(message, LABELED)


def _is_specific(message: str, least: int) -> bool:
    words = (match[0].lower() for match in _WORD.finditer(message))
    return len({word for word in words if word not in _VAGUE}) >= least
