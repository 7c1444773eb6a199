"""``python -m cli.json_schemas.pages``: the files of docs/schemas, and the list in docs/json.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import typer

from cli.console import json_text
from cli.json_schemas.commands import SCHEMAS, document
from cli.toml_files.commands import OnlyCheck, write_generated

PLACE: Final = Path("docs/schemas")
LIST: Final = Path("docs/json.md")
_HEADING: Final = "| command | schema |\n| --- | --- |\n"


def texts(page: str) -> Mapping[Path, str]:
    """
    Args:
        page: the present text of :data:`LIST`, whose list is its end.
    """
    schemas = {PLACE / _file(command): f"{json_text(document(command))}\n" for command in SCHEMAS}
    rows = [f"| `cronmend {each}` | [{_file(each)}](schemas/{_file(each)}) |\n" for each in SCHEMAS]
    return {**schemas, LIST: "".join((page.partition(_HEADING)[0], _HEADING, *rows))}


def _file(command: str) -> str:
    return f"{command.replace(' ', '-')}.json"


def write(only_check: OnlyCheck = False) -> None:
    """Write the stale ones, or with --check only compare."""
    expected = texts(LIST.read_text(encoding="utf-8"))
    command = "python -m cli.json_schemas.pages"
    write_generated(expected, Path(), file=Path("cli/json_schemas"), command=command, only_check=only_check)


if __name__ == "__main__":
    typer.run(write)
