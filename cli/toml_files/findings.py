"""Print the mistakes of a file."""

from collections.abc import Iterable
from dataclasses import asdict

from rich.text import Text

from cli.console import as_sentence, err
from cli.toml_files.source import Finding


def mistakes(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep a file from being built, without the warnings."""
    return [finding for finding in findings if not finding.warning]


def print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        level, color = ("warning", "yellow") if finding.warning else ("mistake", "red")
        location = f"{finding.location.file}:{finding.location.line}"
        text = f" {finding.key}: {finding.problem}."
        err.print(Text.assemble((location, "bold"), " ", (level, color), text))
        err.print(f"    → {as_sentence(finding.remedy)}")


def document(finding: Finding) -> dict[str, object]:
    """A finding for ``--json``, with its file and line at the top."""
    fields = asdict(finding)
    return {**fields.pop("location"), **fields}


def summary(findings: list[Finding]) -> str:
    wrong = len(mistakes(findings))
    warned = len(findings) - wrong
    warnings = f", {count(warned, 'warning')}" if warned else ""
    return f"{count(wrong, 'mistake') if wrong else 'no mistakes'}{warnings}"


def count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
