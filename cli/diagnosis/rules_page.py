"""``python -m cli.diagnosis.rules_page``: the page of all shipped rules, which `make docs` adds to the site."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from cli.console import write
from cronmend.diagnosis.rule_files import load
from cronmend.diagnosis.ruleset import Rule

_HEAD: Final = """\
# Shipped rules

The rules of each file, in the order in which they are tried. `cronmend rules list` prints them with your own.
[Rules](rules.md) explains them.
"""
_COLUMNS: Final = "| rule | looks at | category | weight |\n| --- | --- | --- | --- |"


def text() -> str:
    files = groupby(load().rows, key=lambda row: row.file)
    return "\n".join((_HEAD, *(line for file, rows in files for line in _section(file, rows))))


def _section(file: str, rows: Iterator[Rule]) -> Iterator[str]:
    yield from (f"## {file}", "", _COLUMNS)
    for row in rows:
        yield f"| `{row.id}` | {row.where.value} | `{row.category.value}` | {row.weight.value} |"
    yield ""


if __name__ == "__main__":
    write(text())
