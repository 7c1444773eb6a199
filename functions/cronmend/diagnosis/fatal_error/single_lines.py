"""Errors on one line of a log, without frames: from shells, clients, Go's log.Fatal, one-line handlers."""

import re
from collections.abc import Set
from typing import Final

from msgspec import Struct, field

from cronmend.diagnosis.fatal_error import envelopes, go_rust, line_kinds, statements
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError, announces
from cronmend.diagnosis.fatal_error.statements import Says
from cronmend.model import FatalError
from cronmend.patterns import Pattern

SEARCH_BACK: Final = 30
"""How many lines at the end of the log may report the error on their own."""
CONTINUED_AFTER: Final = 4
"""This many ordinary records after an error show that the job continued."""

PLAIN_AFTER: Final = 2
"""More lines than these, which say nothing, show that a line is no error which only sounds like one."""

_TYPE = Pattern(
    r"(?:^|[\s(\[:>=\"'-])((?:[A-Za-z_][\w$]*(?:\.|::|\\))*[A-Za-z_][\w$]*(?:Error|Exception|"
    r"Timeout|Refused|Exit|NotFound|DoesNotExist))(?: \[[\w.]+\])?: (.*)$"
)
_OWN_WORDS = Pattern(r"^(ERROR|FATAL|Fatal): (\S+ \S+ \S+ \S.*)$")
"""A script's own last message, without a log format."""
_TOOL_WARNS = Pattern(r"^[a-z][\w.-]*: WARNING: ")
"""A command-line tool's last word, which it calls a warning; a logger puts the level or a time first."""
_COLUMN = Pattern(r"\s+[\w.]+:\d+\s*$")
"""The place of a log call, which rich prints at the right margin."""
_SQL_FIELD = Pattern(
    r"^(?:LINE|ZEILE|LIGNE|LÍNEA|RIGA|LINHA|СТРОКА) \d+: |^(?:QUERY|ANFRAGE|pg_\w+: \w+: [Qq]uery was): "
)
_CATEGORY = Pattern(r"^(?:fail|crit): [\w.`+]+\[\d+\]\s*$")
"""What .NET's logger prints above the message: the class that logs, whose name states nothing."""
_EMPTY_FIELD = re.compile(r"^\s+(?:\[?\w+\]?: (?:undefined|null|true|false|-?\d+|\[\w+\])|severity: '\w+'),?$")
"""A field of an object that Node.js prints, with a value that states nothing, or only the name of its class."""
_PART = (
    "  File ",
    "\t",
    "    at ",
    "    from ",
    "goroutine ",
    "created by ",
    "   at ",
    *(f"#{digit}" for digit in range(10)),
    *("CallStack (from", "  error, called at ", "stack traceback:", "Thread 0x", "Current thread 0x"),
    "note: ",
    "= note: ",
    "hint: ",
    "[ERROR]  ",
    *("ORA-06512: ", "Help: https://docs.oracle.com/"),
    *("[command]", "##[section]", "##[command]", "##[group]", "##[endgroup]", "##[debug]", "##[warning]"),
    *("::group", "::endgroup", "::debug", "::warning", "::notice", "+ ", "++ ", "$ ", "== "),
)
"""The starts of lines that state nothing of their own: frames, continued messages, a compiler's notes, commands."""


class Loose(Struct, frozen=True):
    """The lines that may report what ended the run, last first."""

    near: tuple[StatedError, ...] = ()
    """At the end of the log."""
    above: tuple[StatedError, ...] = ()
    """Above: if the end of the log says nothing, or only that something failed."""
    is_summed_up: bool = False
    """Whether the end of the log says that something failed, so that ``above`` may be why."""
    is_specific: bool = False
    """Whether a line at the end says more than that."""


def errors(lines: Lines, after: int, skipped: Set[int]) -> Loose:
    """The lines after ``after`` that may report what ended the run; ``skipped`` are those of survived errors."""
    scan = _Scan(lines, skipped)
    end = scan.read(len(lines) - 1, max(after, len(lines) - 1 - SEARCH_BACK))
    if scan.is_specific or end <= after or not statements.may_state_errors("\n".join(lines.text[after + 1 : end + 1])):
        return Loose(tuple(scan.found), (), scan.is_summed_up, scan.is_specific)
    deep = _Scan(
        lines, skipped, scan.is_summed_up, scan.gave_up, scan.counts, Says.DENIES if scan.is_summed_up else Says.STATES
    )
    deep.search(end, after)
    return Loose(tuple(scan.found), tuple(deep.found), scan.is_summed_up)


def above(lines: Lines, first: int) -> list[StatedError]:
    """The lines before ``first`` that may report the cause of the error there, last first.

    Warnings count as well: a consequence may follow from an error that the job survived at first.
    """
    scan = _Scan(lines, frozenset(), warnings=True)
    scan.read(first - 1, first - 1 - SEARCH_BACK)
    return scan.found


class _Scan(Struct):
    """A way up through the lines."""

    lines: Lines
    skipped: Set[int]
    warnings: bool = False
    gave_up: bool = False
    """Whether the program gave up after retries: each failed try is then a cause."""
    counts: bool = False
    """Whether the end of the log counts failures: each item that was skipped with an error is then a cause."""
    least: Says = Says.NOTHING
    found: list[StatedError] = field(default_factory=list)
    is_specific: bool = False
    is_summed_up: bool = False
    ordinary: int = 0
    plain: int = 0

    def read(self, last: int, after: int) -> int:
        """Collect what the lines from ``last`` up to ``after`` say; the index of the first line that was not read."""
        for index in range(last, max(after, -1), -1):
            self._take(index)
            if self.ordinary == CONTINUED_AFTER:
                return index - 1
        return max(after, -1)

    def search(self, last: int, after: int) -> None:
        """Like ``read``, but past records of an ordinary level, and only until enough is found."""
        for index in range(last, after, -1):
            self._take(index)
            self.plain = 0
            if len(self.found) == SEARCH_BACK:
                return

    def _take(self, index: int) -> None:
        line = envelopes.without_time(self.lines.text[index])
        if not line.strip(" |+-=*_") or index in self.skipped or line.startswith(_PART) or _is_no_statement(line):
            return
        if go_rust.is_frame(self.lines.text, index) or _is_of_telemetry(self.lines.text, index):
            return
        level = level_of(self.lines, index)
        if level is Level.BELOW_WARNING and not self._explains(line):
            self._pass(line)
        elif self._may_end(line, level):
            self._judge(index, line, statements.says(line, level))
        elif not self.found and line_kinds.gave_up(line):
            self.is_summed_up = self.gave_up = True

    def _pass(self, line: str) -> None:
        """A record of an ordinary level: it may say that the program gave up, but never why."""
        tears_down, gave_up, counts = line_kinds.ends(line)
        self.ordinary += not tears_down
        if self.ordinary <= 1 and (gave_up or counts):
            self._sum_up(gave_up, counts)

    def _sum_up(self, gave_up: bool, counts: bool) -> None:
        self.is_summed_up, self.gave_up, self.counts = True, self.gave_up or gave_up, self.counts or counts

    def _explains(self, line: str) -> bool:
        """Whether an ordinary record states an error of a program that gave up: supervisors log all of them so."""
        return self.gave_up and not self.is_specific and statements.says(line, Level.NONE) >= Says.DENIES

    def _may_end(self, line: str, level: Level) -> bool:
        if level is Level.WARNING and not (self.warnings or self._is_unexplained or _TOOL_WARNS.search(line)):
            return False
        gave_up = self.gave_up or (self._is_unexplained and not self.ordinary)
        skips = self.counts and not self.is_specific and level is not Level.WARNING and line_kinds.skips(line)
        return skips or (self.warnings and level is Level.WARNING) or line_kinds.may_end_a_run(line, gave_up)

    @property
    def _is_unexplained(self) -> bool:
        return self.is_summed_up and not self.is_specific

    def _judge(self, index: int, line: str, says: Says) -> None:
        if says < self.least:
            return
        if (Says.HINTS <= says <= Says.DENIES and self.plain > PLAIN_AFTER) or (
            says is Says.NOTHING and not self._is_last(line)
        ):
            self.plain += _is_plain(line)
            return
        self.plain = int(says is Says.NOTHING and _is_plain(line))
        if says is Says.SUMS_UP:
            self._sum_up(*line_kinds.ends(line)[1:])
        self.is_specific = self.is_specific or says > Says.HINTS
        self.found.append(_stated(self.lines, index, line, is_whole=says <= Says.HINTS))

    def _is_last(self, line: str) -> bool:
        """Whether this line, which says nothing that is known, ends the log; it may be in another language."""
        return not (self.found or self.plain or self.ordinary or statements.informs(line))


def _is_no_statement(line: str) -> bool:
    return statements.only_notes(line) or (line[:1] == " " and _EMPTY_FIELD.match(line) is not None)


def _is_of_telemetry(text: list[str], index: int) -> bool:
    """Whether this is the client's error below a warning that telemetry could not send its data."""
    above = text[index - 1] if index and line_kinds.is_of_client(text[index]) else ""
    return above != "" and line_kinds.level(above) is Level.WARNING and line_kinds.is_sending(above)


def _is_plain(line: str) -> bool:
    """Whether a line stands for itself: the rest of a message is indented or a list."""
    return not (line.startswith((" ", "\t", "- ", "* ")) or statements.informs(line))


def level_of(lines: Lines, index: int) -> Level:
    """The level of a line; of a line without one, that of the record whose field it is."""
    level = line_kinds.level(lines.text[index])
    if level is not Level.NONE or not index or lines.origin[index - 1] != lines.origin[index]:
        return level
    while index and lines.origin[index - 1] == lines.origin[index]:
        index -= 1
    return line_kinds.level(lines.text[index])


def last_sign_of_life(text: list[str], end: int) -> int:
    """The last line before ``end`` from which on the log shows that the job continued; -1 if none does."""
    below = 0
    for index in range(end - 1, -1, -1):
        line = text[index]
        below += line_kinds.level(line) is Level.BELOW_WARNING and not line_kinds.tears_down(line)
        if below >= CONTINUED_AFTER or (line_kinds.job_continued(line) and not line.startswith(_PART)):
            return index
    return -1


def _rest(lines: Lines, index: int, is_whole: bool) -> list[str]:
    """The fields that PostgreSQL prints below its message; else the announced or indented rest, then the whole on one
    line: rich wraps lines and adds a column."""
    rest = [text for text in lines.text[index + 1 : index + 4] if _SQL_FIELD.search(text)]
    if rest:
        return rest
    announced = index + (0 if is_whole else announces(lines.text[index]))
    for number, text in enumerate(lines.text[index + 1 : index + 6], start=index + 1):
        continues = number <= announced or text.startswith(("\t", " " * 4))
        if not continues or text.lstrip().startswith(("at ", "File ", "from ")):
            break
        rest.append(text.strip())
    return [*rest, " ".join([_COLUMN.sub("", lines.text[index]).strip(), *rest])] if rest else []


def _stated(lines: Lines, index: int, line: str, is_whole: bool) -> StatedError:
    """``is_whole``: the line states no error, so that a colon at its end announces none."""
    more = _rest(lines, index, is_whole)
    if more and _CATEGORY.search(line):
        line, more = more[0], more[1:-1]
    match = (_TYPE.search(line) or _OWN_WORDS.search(line)) if ": " in line else None
    kind, message = (match[1], match[2]) if match else ("", line.strip())
    if match and not more and statements.states_itself(line[: match.start() + 1]):
        more = [line.strip()]
    return StatedError(FatalError(kind, "\n".join([message, *more]), lines.origin[index]), index, index)
