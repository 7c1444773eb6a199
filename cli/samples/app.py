"""``cronmend samples build``: write the index of the sample events."""

from pathlib import Path

import typer

from cli.samples.index import readme
from cli.toml_files.commands import OnlyCheck, Root, write_generated
from local.root import ROOT
from local.samples import TABLE, folders

README = Path("events/README.md")
samples_app = typer.Typer(no_args_is_help=True, help="Keep the index of the sample events.")


@samples_app.callback()
def _group() -> None:
    """A group with one command keeps its name."""


@samples_app.command()
def build(root: Root = ROOT, only_check: OnlyCheck = False) -> None:
    """Write events/README.md from events/samples.toml, or with --check only compare."""
    table = root / TABLE.relative_to(ROOT)
    expected = {README: readme(folders(table))}
    name = table.relative_to(root)
    write_generated(expected, root, file=name, command="cronmend samples build", only_check=only_check)
