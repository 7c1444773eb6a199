"""Text from data is printed exactly as it is: rich's styles and emoji are off on both consoles."""

import io
from pathlib import Path

import pytest
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli import console
from tests import ROOT

MARKUP = "[bold]x[/] [link=https://a.test]y :secret: :warning: [/nothing]"


def printed(block: RenderableType) -> str:
    target = console.console()
    target.file, target.width = io.StringIO(), 200
    target.print(block)
    return target.file.getvalue()


def table(cell: str) -> Table:
    found = console.plain_table((cell,))
    found.add_row(cell)
    found.title = cell
    return found


@pytest.mark.parametrize("block", [MARKUP, table(MARKUP), Panel(Text(MARKUP), title=Text(MARKUP)), Text(MARKUP, "red")])
def test_markup_in_data_is_printed_as_it_is(block: RenderableType) -> None:
    assert MARKUP in printed(block)


def test_the_name_of_a_spinner_and_of_a_bar_is_not_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    target = console.console()
    target.file, target.width = io.StringIO(), 200
    target._force_terminal = target.is_interactive = True
    monkeypatch.setattr(console, "err", target)
    with console.spinner(MARKUP):
        pass
    with console.progress(MARKUP, 2) as done:
        done(completed=1, description=MARKUP)
    assert target.file.getvalue().count(":secret:") >= 2


def test_no_other_module_makes_a_console_or_reads_markup() -> None:
    """So that the switch in cli/console.py is the only one that is needed."""
    others = [path for path in (ROOT / "cli").rglob("*.py") if path.name != "console.py"]
    signs = ("Console(", "from_markup", "rich.markup", "[/]")
    assert [f"{path.name}: {sign}" for path in others for sign in signs if sign in Path(path).read_text("utf-8")] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("read the ledger: Throttling", "Read the ledger: Throttling."),
        ("jobs.json: version 1, expected 2", "jobs.json: version 1, expected 2."),
        ("did you mean a/b?", "Did you mean a/b?"),
        ("Ends here.", "Ends here."),
    ],
)
def test_an_error_of_the_library_becomes_a_sentence(text: str, sentence: str) -> None:
    assert console.as_sentence(text) == sentence
