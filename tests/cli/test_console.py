"""Text from data is printed exactly as it is: rich's styles and emoji are off on both consoles."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.columns import Columns
from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
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


OBEYED = "a\x1b[2J\x9b1m\x07\u202eb\u2066\u2028c\u200f\x7f\ud800d"


@pytest.mark.parametrize(
    "block",
    [
        OBEYED,
        Text.assemble("a", (OBEYED, "red")),
        table(OBEYED),
        Panel(Text(OBEYED), title=Text(OBEYED)),
        Padding(Columns([OBEYED, Text(OBEYED)])),
        Rule(Text(OBEYED)),
    ],
)
def test_what_a_terminal_obeys_is_shown_instead(block: RenderableType) -> None:
    output = printed(block)
    assert "a␛[2J" in output
    assert {c for c in OBEYED if not c.isprintable()} & set(output) == set()


def test_styles_stay_where_they_are() -> None:
    target = console.console()
    target.file, target._force_terminal, target.no_color = io.StringIO(), True, False
    target._color_system = ColorSystem.STANDARD
    target.print(Text.assemble("\x1b", ("red", "red"), "\x1b"))
    assert target.file.getvalue() == "␛\x1b[31mred\x1b[0m␛\n"


@given(st.text())
def test_a_document_keeps_its_meaning(text: str) -> None:
    document = console.escaped(console.json_text({text: [text]}))
    assert json.loads(document) == {text: [text]}
    assert console.visible(document) == document


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


def test_no_other_module_makes_a_console_reads_markup_or_writes_past_the_console() -> None:
    """So that cli/console.py is the only place that makes text safe."""
    others = [path for path in (ROOT / "cli").rglob("*.py") if path.name != "console.py"]
    signs = ("Console(", "from_markup", "rich.markup", "[/]", "typer.echo", " print(", "sys.stdout", "sys.stderr")
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


def test_a_log_line_on_a_terminal_shows_what_it_would_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    for name, value in {"_file": file, "_force_terminal": True}.items():
        monkeypatch.setattr(console.out, name, value)
    console.print_log("a\ttab, \x1b[31mred and [red]:boom: " + "x" * 200)
    assert file.getvalue() == "a\ttab, \u241b[31mred and [red]:boom: " + "x" * 200 + "\n"


def test_a_piped_log_line_is_as_it_was_written_but_for_half_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    for name, value in {"_file": file, "_force_terminal": False}.items():
        monkeypatch.setattr(console.out, name, value)
    console.print_log("a\ttab, \x1b[31mred \ud800")
    assert file.getvalue() == "a\ttab, \x1b[31mred ?\n"
