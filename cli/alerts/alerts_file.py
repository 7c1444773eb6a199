"""Read alerts.toml, with the file of an environment merged over it. Neither has to exist."""

from collections.abc import Iterator, Mapping
from copy import replace
from pathlib import Path
from typing import Any

from cli.toml_files import source
from cli.toml_files.source import Layer, Source, environment_file
from cronmend.errors import Permanent

DEFAULT = Path("alerts.toml")


def load(file: Path, environment: str = "") -> Source:
    """
    Raises:
        BadFile: not TOML.
        Permanent: a file other than the default doesn't exist.
    """
    files = [file, environment_file(file, environment)] if environment else [file]
    present = [each for each in files if each.exists()]
    if not present and file != DEFAULT:
        raise Permanent(f"No file {str(file)!r}. Name another file, or create it with a table [routes.default].")
    return merge([source.load(each).layers[0] for each in present])


def load_jobs(file: Path, environment: str = "") -> Source | None:
    """The jobs.toml beside an alerts file; None if there is none."""
    jobs = file.with_name("jobs.toml")
    with_environment = environment_file(jobs, environment).exists()
    return source.load(jobs, environment if with_environment else "") if jobs.exists() else None


def merge(layers: list[Layer]) -> Source:
    return source.merge(tuple(_with_lines_in_force(layers)) or (Layer(str(DEFAULT), {}),))


def _with_lines_in_force(layers: list[Layer]) -> Iterator[Layer]:
    """Rules are replaced as a whole: if a later layer has any, the lines of an earlier layer's rules are dropped."""
    for number, layer in enumerate(layers):
        replaced = any("rules" in later.tables for later in layers[number + 1 :])
        lines = {path: line for path, line in layer.lines.items() if not replaced or path[0] != "rules"}
        yield replace(layer, lines=lines)


def tables(alerts: Source, key: str) -> Mapping[str, Any]:
    found = alerts.tables.get(key, {})
    return found if isinstance(found, Mapping) else {}


def rules(alerts: Source) -> list[Any]:
    found = alerts.tables.get("rules", [])
    return found if isinstance(found, list) else []
