"""Print to the terminal, with text from data exactly as it is.

rich reads ``[x]`` as a style and ``:secret:`` as an emoji, and data may hold both: a log line, a job's name, an error
from AWS. So both consoles have markup and emoji off, and a style is given as a :class:`~rich.text.Text`. They replace
characters that a terminal would obey instead of showing. Documents for programs are written with :func:`write`.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.highlighter import JSONHighlighter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.segment import Segment
from rich.status import Status
from rich.table import Table
from rich.text import Text

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, marks of direction, line separators, and halves of characters, which can't be encoded."""
_PICTURES: Final = 0x2400
"""Unicode's pictures of the first 32 control characters start here: U+241B is the one of ESC."""


def visible(text: str) -> str:
    """The text for a terminal: each character that a terminal would obey is one that only shows it."""
    return _UNSAFE.sub(lambda match: _sign(ord(match[0])), text)


def escaped(document: str) -> str:
    """A document in JSON or TOML, with those characters as escapes. They can only be inside its strings."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", document)


def _sign(code: int) -> str:
    return chr(_PICTURES + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"


class VisibleConsole(Console):
    """Shows text as :func:`visible` gives it, at any depth of a table, a panel or a spinner."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Each character becomes exactly one, so that styles stay where they are."""
        if isinstance(renderable, Text) and (shown := visible(renderable.plain)) != renderable.plain:
            renderable = renderable.copy()
            renderable.plain = shown
        return super().render(renderable, options)


def console(*, stderr: bool = False) -> Console:
    """A line that is wider than the terminal is not broken, so that a copied command stays whole."""
    return VisibleConsole(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


out, err = console(), console(stderr=True)
_WORD = re.compile(r"[a-z']+[ :,]")
"""A first word that is not a name, such as jobs.toml or cronmend-rerun."""


def fail(message: str, code: int = 1) -> typer.Exit:
    """Print an error; the caller raises the result."""
    err.print(Text(message, style="red"))
    return typer.Exit(code)


def reason_of(error: Exception) -> str:
    """Why a file can't be used: an OSError's own text repeats the file's name."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def as_sentence(text: str) -> str:
    """An error of the library, which is lowercase because it also stands inside other sentences."""
    text = text.strip()
    ended = text if text.endswith((".", "!", "?", "…", "\n")) else f"{text}."
    return f"{ended[:1].upper()}{ended[1:]}" if _WORD.match(ended) else ended


def write(document: str) -> None:
    """Write a document for a program to standard output, in JSON or TOML and with its last line break."""
    sys.stdout.write(escaped(document))


def print_log(line: str) -> None:
    """A line of a log byte for byte, with its tabs, escapes and colors; on a terminal, what it would obey only shows.

    Half of a character can't be written in any form.
    """
    shown = visible(line) if out.is_terminal else line.encode(errors="replace").decode()
    out.file.write(f"{shown}\n")
    out.file.flush()


def json_text(document: Any, *, indent: int | None = 2) -> str:
    return json.dumps(document, ensure_ascii=False, indent=indent, default=_plain)


def print_json(document: Any) -> None:
    """Colored on a terminal."""
    out.print(JSONHighlighter()(escaped(json_text(document))))


def print_table(table: Table) -> None:
    """Cells wrap at the terminal's width, other than lines."""
    out.print(table, soft_wrap=False)


def plain_table(columns: Sequence[str], *, whole: Sequence[str] = (), widths: dict[str, int] | None = None) -> Table:
    """A table without lines.

    Args:
        whole: columns that people copy from, never wrapped.
        widths: the least width of a column, in characters.
    """
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in whole, min_width=(widths or {}).get(column))
    return table


def spinner(what: str) -> Status:
    """A spinner on a terminal's standard error while the context is open."""
    return err.status(Text(what))


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal's standard error, nothing elsewhere.

    Yields a function that takes ``completed`` (how many are done) and, if the step has a name, ``description``.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda **changes: bar.update(task, **changes)


def _plain(value: Any) -> int | str:
    """DynamoDB's numbers are Decimals, and json knows none."""
    return int(value) if hasattr(value, "as_integer_ratio") else str(value)
