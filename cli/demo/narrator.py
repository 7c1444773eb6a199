"""Narrate the demo in the terminal: what happens, Cronmend's diagnosis and its reason, what it does and sends."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cronmend.model import Signal
from cronmend.model.incident import RunRecord

LABEL_WIDTH = 10
NEXT = (
    ("source .venv/bin/activate", "once in each shell"),
    ("cronmend local up", "with a page that shows every message"),
    ("cronmend local break deploy", "run a job before its migration"),
    ("cronmend local messages --follow", "see what people are sent"),
)
"""Commands, and what each is for."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One act."""

    act: int
    title: str
    diagnosis: str
    decided_by: str
    did: str
    message: str
    seconds: float


class Narrator:
    """Writes to one console; the acts add rows to the summary as they end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self.rows: list[SummaryRow] = []

    def opening(self) -> None:
        text = Text.assemble(
            "A town hall's website publishes its scheduled pages every hour with ",
            ("python manage.py publish_scheduled", "bold"),
            ", an ECS task that EventBridge Scheduler starts.\n"
            "Sometimes the task fails. Cronmend says why, re-runs it if that helps, and alerts people only if someone "
            "needs to act.\n",
            (
                "The site, its database, the deploys and the failures are real; AWS is emulated.",
                "dim",
            ),
        )
        self._print(Panel(text, title="Cronmend", border_style="cyan", padding=(1, 2)))

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[str], None]]:
        """A step of the preparation: a spinner with the line last passed to the yielded function, then the time."""
        started = time.monotonic()
        with self._console.status(Text(what)) as status:
            yield lambda line: status.update(Text.assemble(what, " ", (line.strip()[:80], "dim")))
        seconds = f" {time.monotonic() - started:.1f} s"
        self._console.print(Text.assemble("  ", ("✓", "green"), f" {what}", (seconds, "dim")))

    def act(self, number: int, title: str) -> None:
        self._console.print()
        self._console.rule(Text(f"{number}  {title}", style="bold"), align="left", style="cyan")

    def happens(self, what: str) -> None:
        self._row("event", what, "white")

    def log(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._row("log", line, "dim")

    def diagnosed(self, run: RunRecord) -> None:
        quiet = run.action == "none"
        self._row("diagnosis", f"{run.category.value}: {run.sentence}", "bold green" if quiet else "bold yellow")
        self._row("because", f"rule {run.rule}", "yellow")
        if run.line:
            self._row("", f"line: {_short(run.line)}", "yellow")
        if run.window.signal is not Signal.NONE:
            self._row("", f"deploy {run.window.state.value}: {run.window.reason}", "yellow")
        for reason in run.reasons:
            self._row("plan", reason, "magenta")

    def did(self, what: str) -> None:
        self._row("action", what, "magenta")

    def sent(self, messages: Sequence[str]) -> None:
        for message in messages or ("none",):
            self._row("message", message, "bold blue" if messages else "dim")

    def failed(self, what: str, state: Path) -> None:
        text = Text.assemble(what, "\n\n", (f"The logs of the functions are in {state}", "dim"))
        self._print(Panel(text, title="The demo failed", border_style="red"))

    def summary(self, ok: bool) -> None:
        seconds = time.monotonic() - self._started
        table = Table(title="Summary", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for name in ("Act", "Diagnosis", "Decided by", "Cronmend", "Message"):
            table.add_column(name, no_wrap=name in {"Diagnosis", "Decided by", "Message"})
        table.add_column("s", justify="right")
        for row in self.rows:
            cells = (f"{row.act} {row.title}", row.diagnosis, row.decided_by, row.did, row.message)
            table.add_row(*cells, f"{row.seconds:.0f}")
        self._console.print()
        self._print(table)
        verdict = ("All acts went as expected", "bold green") if ok else ("An act didn't go as expected", "bold red")
        self._console.print(Text.assemble(verdict, f" in {seconds:.0f} seconds."))

    def next_steps(self) -> None:
        self._console.print("\nNext, break things yourself in an account that keeps running:")
        for command, what in NEXT:
            self._console.print(f"  {command:<34}  {what}")

    def _row(self, label: str, text: str, style: str) -> None:
        grid = Table.grid(padding=(0, 2), expand=False)
        grid.add_column(width=LABEL_WIDTH, justify="right", style="dim")
        grid.add_column(overflow="fold")
        grid.add_row(label, Text(text, style=style))
        self._print(grid)

    def _print(self, block: Panel | Table) -> None:
        """Panels and tables wrap at the terminal's width, other than lines."""
        self._console.print(block, soft_wrap=False)


def _short(line: str, width: int = 160) -> str:
    return line.strip() if len(line.strip()) <= width else line.strip()[: width - 1] + "…"
