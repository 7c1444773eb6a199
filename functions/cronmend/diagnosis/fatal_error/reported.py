"""A program's own error report that no rule matches, in the forms that programs use for errors without frames."""

from collections.abc import Iterable

from cronmend.diagnosis.fatal_error import envelopes, single_lines, statements
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError
from cronmend.diagnosis.fatal_error.statements import Says
from cronmend.patterns import Pattern, detector

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


def report(lines: Lines, loose: Iterable[StatedError]) -> StatedError | None:
    """The first of these lines in which the program describes the error in its own words; pass the last line first."""
    return next((stated for stated in loose if _is_report(lines, stated)), None)


def _is_report(lines: Lines, stated: StatedError) -> bool:
    line = envelopes.without_time(lines.text[stated.first])
    if statements.sums_up(line):
        return False
    if stated.error.type and not stated.error.type.isalpha():
        return True
    if match := _TYPED.search(line) or _LABEL.search(line) or _LOGRUS.search(line):
        return is_specific(match[1])
    if (match := _GO_LOG.search(line)) and _is_chain(match[1]):
        return is_specific(match[1])
    if single_lines.level_of(lines, stated.first) is Level.ERROR:
        return statements.is_specific_record(f"{line}\n{stated.error.message}")
    return statements.says(line, Level.NONE) >= Says.DENIES


def is_specific(message: str) -> bool:
    """Whether a message says more than that something failed."""
    return not statements.sums_up(message) and statements.is_specific(message, statements.LABELED)
