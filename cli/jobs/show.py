"""What the `jobs` commands print."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from cli.toml_files.source import Finding

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)


def findings(found: Iterable[Finding]) -> None:
    for finding in found:
        colour = "yellow" if finding.warning else "red"
        place = f"{finding.place.file}:{finding.place.line}"
        level = "warning" if finding.warning else "mistake"
        err.print(f"[bold]{escape(place)}[/] [{colour}]{level}[/] {escape(finding.key)}: {escape(finding.problem)}")
        err.print(f"    → {escape(finding.remedy)}")


def summary(found: list[Finding]) -> str:
    wrong = sum(1 for finding in found if not finding.warning)
    warned = len(found) - wrong
    warnings = f", {count(warned, 'warning')}" if warned else ""
    return f"{count(wrong, 'mistake') if wrong else 'no mistake'}{warnings}"


def count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
