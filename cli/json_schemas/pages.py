"""``python -m cli.json_schemas.pages``: the files of docs/schemas, and the list in docs/json.md."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cli.console import err, json_text
from cli.json_schemas.commands import SCHEMAS, document

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


def main(arguments: Sequence[str]) -> int:
    """With ``--check``, nothing is written, and 1 returned if a file is stale."""
    expected = texts(LIST.read_text(encoding="utf-8"))
    stale = [path for path, text in expected.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if stale and "--check" in arguments:
        err.print(f"{stale[0]} is out of date. Run `python -m cli.json_schemas.pages` and commit the result.")
        return 1
    PLACE.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(expected[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
