"""Tells the story in the terminal: what happened, what Cronmend concluded and why, what it did and told."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from cronmend.model import Signal
from cronmend.model.incident import RunRecord


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the summary: one act."""

    act: int
    title: str
    concluded: str
    decided_by: str
    did: str
    told: str
    seconds: float


class Narrator:
    """Writes to one console; the summary's rows are kept as the acts end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self.lines: list[Line] = []

    def opening(self) -> None:
        text = (
            "A town hall's website publishes its scheduled pages every hour with "
            "[bold]python manage.py publish_scheduled[/], an ECS task that EventBridge Scheduler starts.\n"
            "Sometimes it fails. Cronmend says why, runs it again where that helps, and calls a person where one is "
            "needed.\n[dim]Everything below really runs: the site, its database, the deploys, the failures; AWS is "
            "emulated. To fit into minutes, a deploy may take 25 seconds here instead of 45 minutes.[/]"
        )
        self._console.print(Panel(text, title="Cronmend", border_style="cyan", padding=(1, 2)))

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[str], None]]:
        """A step of the preparation, with a spinner and the line last passed to what is yielded; then its time."""
        began = time.monotonic()
        with self._console.status(escape(what)) as status:
            yield lambda line: status.update(f"{escape(what)} [dim]{escape(line.strip()[:80])}[/]")
        self._console.print(f"  [green]✓[/] {escape(what)} [dim]{time.monotonic() - began:.1f} s[/]")

    def act(self, number: int, title: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{number}  {escape(title)}[/]", align="left", style="cyan")

    def happens(self, what: str) -> None:
        self._row("happens", what, "white")

    def log(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._row("log", line, "dim")

    def concluded(self, run: RunRecord) -> None:
        quiet = run.action == "none"
        self._row("concludes", f"{run.category.value}: {run.sentence}", "bold green" if quiet else "bold yellow")
        self._row("because", f"rule {run.rule}", "yellow")
        if run.line and run.line.strip() not in run.sentence:
            self._row("", f"line: {_short(run.line)}", "yellow")
        if run.window.signal is not Signal.NONE:
            self._row("", f"deploy {run.window.state.value}: {run.window.reason}", "yellow")
        for reason in run.reasons:
            self._row("plans", reason, "magenta")

    def did(self, what: str) -> None:
        self._row("does", what, "magenta")

    def told(self, messages: Sequence[str]) -> None:
        for message in messages or ("nobody",):
            self._row("tells", message, "bold blue" if messages else "dim")

    def failed(self, what: str, state: Path) -> None:
        kept = f"{escape(what)}\n\n[dim]What the functions logged is kept in {escape(str(state))}[/]"
        self._console.print(Panel(kept, title="The story went otherwise", border_style="red"))

    def summary(self, ok: bool) -> None:
        seconds = time.monotonic() - self._began
        table = Table(title="What happened", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for name in ("Act", "Concluded", "Decided by", "Did", "Told"):
            table.add_column(name, no_wrap=name in {"Concluded", "Decided by", "Told"})
        table.add_column("s", justify="right")
        for line in self.lines:
            cells = (f"{line.act} {line.title}", line.concluded, line.decided_by, line.did, line.told)
            table.add_row(*(escape(cell) for cell in cells), f"{line.seconds:.0f}")
        self._console.print()
        self._console.print(table)
        verdict = "[bold green]All as it should be[/]" if ok else "[bold red]Not as it should be[/]"
        self._console.print(f"{verdict} in {seconds:.0f} seconds.")

    def _row(self, label: str, text: str, style: str) -> None:
        grid = Table.grid(padding=(0, 2), expand=False)
        grid.add_column(width=10, justify="right", style="dim")
        grid.add_column(overflow="fold")
        grid.add_row(escape(label), f"[{style}]{escape(text)}[/]")
        self._console.print(grid)


def _short(line: str, width: int = 160) -> str:
    return line.strip() if len(line.strip()) <= width else line.strip()[: width - 1] + "…"
