"""Render a message for a terminal: Slack's blocks, or a phone's bubble."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.style import Style as TerminalStyle
from rich.table import Table
from rich.text import Text

from cli.console import visible
from local.messages.mrkdwn import Piece, Style, pieces

_STYLES = {Style.BOLD: "bold", Style.CODE: "cyan", Style.FENCE: "default", Style.MENTION: "bold yellow"}
_BUBBLE = 40


def blocks(raw: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    for block in raw:
        match block["type"]:
            case "header":
                yield Padding(Text(block["text"]["text"], style="bold"), (1, 0))
            case "section" if "fields" in block:
                yield Padding(_fields(block["fields"]), (0, 0, 1, 0))
            case "section":
                yield _section(block["text"])
            case "context":
                yield Text(" ").join(_text(each) for each in block["elements"])
            case "actions":
                yield Text("  ".join(f"[ {each['text']['text']} ]" for each in block["elements"]), style="reverse")


def bubble(text: str) -> RenderableType:
    return Panel(Text(text), width=_BUBBLE, title="Cronmend", title_align="left")


def _section(text: dict[str, str]) -> RenderableType:
    found = list(pieces(text))
    if len(found) == 1 and found[0].style is Style.FENCE:
        return Panel(Text(found[0].text), border_style="dim")
    return Padding(_text(text), (0, 0, 1, 0))


def _fields(fields: Sequence[dict[str, str]]) -> Table:
    """Two columns, read row by row, as in Slack."""
    grid = Table.grid(padding=(0, 3), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    for start in range(0, len(fields), 2):
        grid.add_row(*(_text(field) for field in fields[start : start + 2]))
    return grid


def _text(text: dict[str, str]) -> Text:
    rendered = Text()
    for piece in pieces(text):
        rendered.append(piece.text, style=_style(piece))
    return rendered


def _style(piece: Piece) -> TerminalStyle | str:
    """An address goes into an escape sequence of the terminal, so it must not end that."""
    if piece.style is Style.LINK:
        return TerminalStyle(color="blue", underline=True, link=visible(piece.url))
    return _STYLES.get(piece.style, "")
