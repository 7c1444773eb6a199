"""The rule that decides among lines without frames, each with the rules that match it."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from cronmend.diagnosis.fatal_error import StatedError, statements
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.statements import Says
from cronmend.diagnosis.matching import rules_of
from cronmend.diagnosis.ruleset import Rule, Rules, Weight
from cronmend.model import FatalError

WEAK: Final = (Weight.HINTS, Weight.INSISTS, Weight.TERMINAL)
NEAR: Final = 8
"""How many of the last single lines with a matching rule are compared with each other."""


class LogVerdict(Struct, frozen=True):
    """A rule, the error it matched, and the whole error, with causes, that contains this one."""

    rule: Rule
    matched: FatalError
    error: FatalError
    why: str = "it is the strongest rule that matches the error that ended the run"
    unmatched_before: tuple[StatedError, ...] = ()
    """The lines before an error from sending a notification, last first, if no specific rule matches them."""

    @property
    def text(self) -> str:
        return self.matched.text


def of_lines(lines: Iterable[StatedError], rules: Rules) -> LogVerdict | None:
    """The last line that a strong rule matches; among the nearest, one that a re-run can't heal goes first.

    A line that only sums up counts if there is no other: a tool's name in it may match a rule.
    """
    found: list[LogVerdict] = []
    for stated in lines:
        if rows := rules_of(stated.error, False, "", rules):
            found.append(LogVerdict(_of_line(rows), stated.error, stated.error))
        if len(found) == NEAR:
            break
    found = [one for one in found if not statements.sums_up(one.matched.message)] or found
    decisive = [finding for finding in found if finding.rule.weight is Weight.DECIDES]
    alarming = [finding for finding in decisive if not finding.rule.category.traits.heals]
    chosen = next(iter(alarming), None) or next(iter(decisive), None)
    weak = next((one for one in found if one.rule.weight in WEAK), None)
    telling = (one for one in found if not statements.is_vague(one.matched.message))
    chosen = _own_last_words(found, chosen or weak) or chosen or weak
    return chosen or next(telling, None) or next(iter(found), None)


def _of_line(rows: Sequence[Rule]) -> Rule:
    """The rule for one line: a strong one before a weak one; if a re-run follows from it, one that insists on a bug."""
    strong = (row for row in rows if row.weight is Weight.DECIDES)
    found = next(strong, None) or first_of_weak(rows)
    insisting = (row for row in rows if row.weight is Weight.INSISTS)
    return next(insisting, found) if found.category.traits.heals else found


def first_of_weak(rows: Sequence[Rule]) -> Rule:
    """The first weak rule for one error, or the first of all; if a re-run follows from it, one that needs a person."""
    weak = [row for row in rows if row.weight in WEAK] or [rows[0]]
    persons = (row for row in weak if row.category.traits.needs_person)
    return next(persons, weak[0]) if weak[0].category.traits.heals else weak[0]


def _own_last_words(found: list[LogVerdict], chosen: LogVerdict | None) -> LogVerdict | None:
    """A later line with a reason of its own: the job survived the error before it, or it was none."""
    if chosen is None or not (chosen.rule.category.traits.heals or _is_only_hinted(chosen)):
        return None
    later = found[: found.index(chosen)]
    return next((one for one in later if _has_own_reason(one)), None)


def _is_only_hinted(line: LogVerdict) -> bool:
    return line.rule.weight is Weight.HINTS and statements.says(line.text, Level.NONE) < Says.STATES


def _has_own_reason(line: LogVerdict) -> bool:
    if line.rule.weight is Weight.WRAPS:
        return not statements.is_vague(line.matched.message)
    return line.rule.weight is Weight.INSISTS
