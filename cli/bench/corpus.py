"""``cronmend bench corpus``: how often the diagnosis is right on labeled samples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.bench.score import Score, document, score
from cli.console import fail, out, plain_table, print_json, print_table, progress
from cli.diagnosis.labeled import ScoredAnswer, answers_in, count_in
from cli.diagnosis.rules import loaded
from cli.diagnosis.samples import BadSample
from cli.on_call.options import AsJson


def corpus(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Labeled samples: one JSON object per line, with expect.")
    ],
    as_json: AsJson = False,
) -> None:
    """Compare the diagnosis with labels: every miss with its rule, each category, confusions, dangerous errors."""
    result = score(_answers(files))
    if as_json:
        print_json(document([str(file) for file in files], result))
        return
    for miss in result.misses:
        out.print(Text.assemble(("dangerous " if miss.dangerous else "", "bold red"), miss.miss))
        out.print(Text(f"    {miss.line[:160]}", style="dim"))
    print_table(_categories(result))
    print_table(_confusion(result))
    for line in _totals(result):
        out.print(line)


def _answers(files: list[Path]) -> list[ScoredAnswer]:
    rules = loaded(None)
    try:
        with progress("samples diagnosed", count_in(files)) as done:
            return answers_in(files, rules, done=lambda number: done(completed=number))
    except BadSample as error:
        raise fail(str(error), 2) from error


def _categories(result: Score) -> Table:
    table = _table("category", "cases", "right", "precision", "recall")
    for each in result.categories:
        shares = (_percent(each.precision), _percent(each.recall))
        table.add_row(each.category, str(each.cases), str(each.right), *shares)
    return table


def _confusion(result: Score) -> Table:
    """A row for each expected category, and a column with its number for each answered one: eleven fit into 80
    characters."""
    words = [each.category for each in result.categories]
    table = _table("expected \\ answered", *(str(number) for number in range(1, len(words) + 1)))
    for number, expected in enumerate(words, 1):
        counts = [result.confusion.get((expected, answered), 0) for answered in words]
        table.add_row(f"{number:>2} {expected}", *(str(count) if count else "·" for count in counts))
    return table


def _table(first: str, *numbers: str) -> Table:
    table = plain_table(())
    table.add_column(first, no_wrap=True)
    for column in numbers:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _totals(result: Score) -> Iterator[str]:
    yield (
        f"{result.cases} samples: category {result.category_right:.1%}, action {result.action_right:.1%}, "
        f"macro-F1 {result.macro_f1:.3f}, dangerous {result.dangerous}"
    )
    if result.defaults:
        rules = ", ".join(f"{rule} {count}" for rule, count in result.defaults.most_common())
        yield f"{result.default_share:.1%} decided by a default without knowledge: {rules}"
    if result.tries:
        labels = ", ".join(f"{count} labeled {action}" for action, count in sorted(result.tries.items()))
        yield f"{result.tries.total()} run once more after the deploy, which may explain them: {labels}"
    yield (
        f"{result.contested} contested, not counted above: category {result.contested_category_right:.1%}, "
        f"action {result.contested_action_right:.1%}"
    )
