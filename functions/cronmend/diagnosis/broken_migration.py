"""Whether a migration broke, rather than that one is missing: a deploy explains only the second."""

from bisect import bisect_left
from typing import Final

from cronmend.diagnosis.fatal_error import StatedError, line_kinds
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.ruleset import Rule, Rules
from cronmend.model import FatalError

ABOVE: Final = 8
"""How many lines above an error may name the migration that was running."""
BELOW: Final = 2
"""How many lines below an error without frames may be the rest of it."""


def instead_of(found: Rule, error: FatalError, lines: Lines, rules: Rules, ended: StatedError | None) -> Rule | None:
    """The terminal rule that matches this error, or a line from just before it to the log's end.

    None if no deploy explains ``found`` anyway. A tool that compares migrations says so in its error: what it was doing
    at the time proves nothing.
    """
    if not found.deploy_explains:
        return None
    text = f"{error.type}: {error.message}"
    first = bisect_left(lines.origin, error.line)
    if line_kinds.is_of_migrations(text):
        below = [] if ended else lines.text[first + 1 : first + 1 + BELOW]
        return rules.terminal([*text.split("\n"), *below])
    first = min(first, ended.first) if ended else first
    return rules.terminal(lines.text[max(0, first - ABOVE) :])
