"""jobs.toml, with the file of an environment laid over it, as plain tables that know where each value stands."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.toml_files import positions
from cronmend.errors import Permanent

type KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the file: where, what, and what to write."""

    place: Place
    key: str
    problem: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        level = "warning: " if self.warning else ""
        return f"{self.place.file}:{self.place.line}: {self.key}: {level}{self.problem}; {self.remedy}"


class BadFile(Permanent):
    """A file of jobs that can't be built; carries every finding."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


@dataclass(frozen=True, slots=True)
class Layer:
    file: str
    tables: Mapping[str, Any]
    lines: dict[KeyPath, int] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """One file or several, the later ones over the earlier."""

    layers: tuple[Layer, ...]
    tables: Mapping[str, Any]

    def place(self, *path: str) -> Place:
        """Where the value in force stands: the last layer that has it, or the innermost table around it."""
        for length in range(len(path), 0, -1):
            for layer in reversed(self.layers):
                if path[:length] in layer.lines:
                    return Place(layer.file, layer.lines[path[:length]])
        return Place(self.layers[0].file, 1)

    def place_of(self, job: str, key: str) -> Place:
        """Where the value of a job's key in force stands: under the job, or where all share it."""
        shared = self.tables.get("defaults", {})
        if key in self.tables["jobs"][job] or key not in shared:
            return self.place("jobs", job, key)
        return self.place("defaults", key)


def load(file: Path, environment: str = "") -> Source:
    """The file and, for an environment, ``jobs.<environment>.toml`` beside it.

    Raises:
        BadFile: not TOML.
        Permanent: no such file.
    """
    files = [file, file.with_suffix(f".{environment}{file.suffix}")] if environment else [file]
    return merge(tuple(_layer(each) for each in files))


def merge(layers: tuple[Layer, ...]) -> Source:
    tables: dict[str, Any] = {}
    for layer in layers:
        tables = _over(tables, layer.tables)
    return Source(layers, tables)


def parse(text: str, file: str = "jobs.toml") -> Layer:
    try:
        return Layer(file, tomllib.loads(text), positions.lines(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = Place(file, int(line[1]) if line else text.count("\n") + 1)
        remedy = "see https://toml.io; text stands in quotes, a table or key only once"
        raise BadFile((Finding(place, "TOML", str(error), remedy),)) from error


def _layer(file: Path) -> Layer:
    try:
        return parse(file.read_text(encoding="utf-8"), str(file))
    except FileNotFoundError as error:
        raise Permanent(f"{file} is not there: name the file, or begin one with `cronmend jobs import`") from error
    except UnicodeDecodeError as error:
        raise Permanent(f"{file} is not UTF-8 at byte {error.start}: save it as UTF-8") from error


def _over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _over(merged[key], value) if both else value
    return merged
