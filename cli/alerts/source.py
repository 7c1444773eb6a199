"""alerts.toml with the file of an environment laid over it; neither has to be there."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.toml_files import source as sources
from cli.toml_files.source import Layer, Source
from cronmend.errors import Permanent

DEFAULT = Path("alerts.toml")


def load(file: Path, environment: str = "") -> Source:
    """
    Raises:
        BadFile: not TOML.
        Permanent: a file was named and is not there.
    """
    over = file.with_suffix(f".{environment}{file.suffix}")
    present = [each for each in ([file, over] if environment else [file]) if each.exists()]
    if not present and file != DEFAULT:
        raise Permanent(f"{file} is not there: name the file, or write [routes.default] into it")
    return merge([sources.load(each).layers[0] for each in present])


def jobs(file: Path, environment: str = "") -> Source | None:
    """The jobs.toml beside a file of routes; None where there is none."""
    beside = file.with_name("jobs.toml")
    over = beside.with_suffix(f".{environment}{beside.suffix}")
    return sources.load(beside, environment if over.exists() else "") if beside.exists() else None


def merge(layers: list[Layer]) -> Source:
    return sources.merge(tuple(_shown(layers)) or (Layer(str(DEFAULT), {}),))


def _shown(layers: list[Layer]) -> Iterator[Layer]:
    """Rules are replaced as a whole: where a later layer has some, those of the earlier stand nowhere."""
    for number, layer in enumerate(layers):
        hidden = any("rules" in later.tables for later in layers[number + 1 :])
        lines = {path: line for path, line in layer.lines.items() if not hidden or path[0] != "rules"}
        yield replace(layer, lines=lines)


def tables(source: Source, key: str) -> Mapping[str, Any]:
    found = source.tables.get(key, {})
    return found if isinstance(found, Mapping) else {}


def rules(source: Source) -> list[Any]:
    found = source.tables.get("rules", [])
    return found if isinstance(found, list) else []
