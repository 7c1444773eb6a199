"""Exit codes that have one meaning for one tool: the text of rules with ``tool_exit``, and their verdict. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from copy import replace
from pathlib import PurePosixPath
from typing import Final

from cronmend.diagnosis.case import Case, Verdict, of_rule
from cronmend.diagnosis.fatal_error import envelopes
from cronmend.diagnosis.ruleset import Where
from cronmend.patterns import Pattern

SEARCH_BACK: Final = 12
"""Lines at the end of a log in which a tool may name itself."""

OF_ANY_SCRIPT: Final = 1
"""The exit code of a script whose tool failed: it says nothing about the tool that the log names."""

_PREFIX: Final = Pattern(r"^(?:\S+ \S+ )?([a-z][\w.+-]+)(?:\[\d+\])?: ")
_CURL: Final = Pattern(r"\bcurl: \((\d+)\)")
_RSYNC: Final = Pattern(r"^rsync (?:error|warning): .*\(code (\d+)\)")
_RUNNER: Final = Pattern(
    r"(?i)command ['\"`(\[]*['\"]?(?:\S*/)?([\w.+-]+)[^\n]* (?:returned|exited|failed|died|finished)"
    r"[^\n]*?(?:status|code|with)[ :=]+(\d+)"
)
_SHELLS: Final = ("sh", "bash", "ash", "dash", "zsh", "ksh")
_BEFORE: Final = (
    "exec",
    "env",
    "sudo",
    "nice",
    "ionice",
    "time",
    "timeout",
    "tini",
    "dumb-init",
    "flock",
    "xargs",
    "--",
)
_STEPS: Final = Pattern(r"[^;&|\n]+")


def suggested_by_tool(case: Case) -> Verdict | None:
    """The meaning of a tool's exit code, if nothing that the tool said is known."""
    command = next((o.command for o in case.evidence.task.overrides if case.job and o.name == case.job.name), ())
    found = case.rules.matching(Where.TOOL_EXIT, exits(case.reading.lines.text, command, case.exit_code))
    return replace(of_rule(found[0], case.telling_line), line=case.telling_line) if found else None


def exits(log: Sequence[str], command: Sequence[str], exit_code: int | None) -> str:
    """One line ``tool code`` for each tool whose exit code is known, without repetition."""
    lines = [envelopes.without_time(line) for line in log[-SEARCH_BACK:] if line.strip()]
    found = [pair for line in reversed(lines) for pair in _stated(line)]
    stated = {tool for tool, _ in found}
    if exit_code:
        found += [(tool, str(exit_code)) for tool in _of_command(command) if tool not in stated]
    if exit_code and exit_code != OF_ANY_SCRIPT:
        named = [match[1] for line in reversed(lines) if ": " in line and (match := _PREFIX.search(line))]
        found += [(tool, str(exit_code)) for tool in named if tool not in stated]
    return "\n".join(dict.fromkeys(f"{tool} {code}" for tool, code in found))


def _stated(line: str) -> Iterator[tuple[str, str]]:
    """The codes that a line states: the tool's own, or a runner's of its command."""
    if "curl: (" in line and (match := _CURL.search(line)):
        yield "curl", match[1]
    if line.startswith("rsync ") and (match := _RSYNC.search(line)):
        yield "rsync", match[1]
    if "ommand " in line and (match := _RUNNER.search(line)):
        yield match[1], match[2]


def _of_command(command: Sequence[str]) -> list[str]:
    """The tool that a command runs; of a shell's command line, the last one, whose exit code is the shell's."""
    words = list(command)
    if words and PurePosixPath(words[0]).name in _SHELLS and len(words) > 1:
        steps = [match[0] for match in _STEPS.finditer(words[-1])]
        words = steps[-1].split() if steps else []
    names = (PurePosixPath(word).name for word in words if "=" not in word and not word.startswith("-"))
    return list(_first(name for name in names if name not in _BEFORE))


def _first(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not name[:1].isdigit():
            yield name
            return
