"""Text from data is printed exactly as it is: rich's styles and emoji are off on both consoles."""

import io
from pathlib import Path

import pytest
from rich.color import ColorSystem
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


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hcleared", "cleared"),
        ("\x1b]0;a title\x07text", "]0;a titletext"),
        ("\x1b]8;;https://a.test\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\0b\x07c\x1bd\x9be", "abcde"),
        ("\u202ereversed\u2066", "reversed"),
        ("tab\tand é 日本", "tab\tand é 日本"),
    ],
)
def test_data_does_not_control_the_terminal(data: str, shown: str) -> None:
    blocks: list[RenderableType] = [data, Text(data, "red"), Panel(Text(data)), table(data)]
    found = [printed(block) for block in blocks]
    assert all(not set("\x1b\0\x07\x9b\u202e") & set(text) for text in found)
    assert [shown.expandtabs() in text.expandtabs() for text in found] == [True] * len(blocks)


def test_a_style_is_still_printed_on_a_terminal() -> None:
    target = console.console()
    target.file, target._force_terminal, target._color_system = io.StringIO(), True, ColorSystem.STANDARD
    target.print(Text("\x1b[2Jred", "red"))
    assert target.file.getvalue() == "\x1b[31mred\x1b[0m\n"


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
