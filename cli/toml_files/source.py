"""A TOML file, with the file of an environment merged over it, as plain tables that know the line of each value."""

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
class Location:
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in the file: where it is, what is wrong, and what to write."""

    location: Location
    key: str
    problem: str
    remedy: str
    """Starts lowercase, without a full stop: it also stands inside a sentence."""
    warning: bool = False

    def __str__(self) -> str:
        level = "warning: " if self.warning else ""
        return f"{self.location.file}:{self.location.line}: {self.key}: {level}{self.problem}; {self.remedy}"


class BadFile(Permanent):
    """A file that can't be built; carries every finding."""

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
    """One file, or several merged: a later one overrides an earlier one."""

    layers: tuple[Layer, ...]
    tables: Mapping[str, Any]

    def location(self, *path: str) -> Location:
        """Where the value in force is set: in the last layer that has it, or at the innermost table around it."""
        for length in range(len(path), 0, -1):
            for layer in reversed(self.layers):
                if path[:length] in layer.lines:
                    return Location(layer.file, layer.lines[path[:length]])
        return Location(self.layers[0].file, 1)

    def location_of(self, job: str, key: str) -> Location:
        """Where the value in force of a job's key is set: under the job or under [defaults]."""
        shared = self.tables.get("defaults", {})
        if key in self.tables["jobs"][job] or key not in shared:
            return self.location("jobs", job, key)
        return self.location("defaults", key)


def load(file: Path, environment: str = "") -> Source:
    """The file and, for an environment, ``jobs.<environment>.toml`` beside it.

    Raises:
        BadFile: not TOML.
        Permanent: no such file.
    """
    files = [file, environment_file(file, environment)] if environment else [file]
    return merge(tuple(_layer(each) for each in files))


def environment_file(file: Path, environment: str) -> Path:
    """``jobs.toml`` → ``jobs.<environment>.toml`` beside it."""
    return file.with_suffix(f".{environment}{file.suffix}")


def merge(layers: tuple[Layer, ...]) -> Source:
    tables: dict[str, Any] = {}
    for layer in layers:
        tables = _merged(tables, layer.tables)
    return Source(layers, tables)


def parse(text: str, file: str = "jobs.toml") -> Layer:
    """
    Raises:
        BadFile: not TOML, or a number or a nesting in it is beyond Python's limits.
    """
    try:
        return Layer(file, tomllib.loads(text), positions.lines(text))
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        location = Location(file, int(line[1]) if line else text.count("\n") + 1)
        remedy = "put text in quotes and define each table and key once, see https://toml.io"
        raise BadFile((Finding(location, "TOML", str(error), remedy),)) from error


def _layer(file: Path) -> Layer:
    try:
        return parse(file.read_text(encoding="utf-8"), str(file))
    except FileNotFoundError as error:
        remedy = "Name another file, or create it with `cronmend jobs import`."
        raise Permanent(f"No file {str(file)!r}. {remedy}") from error
    except OSError as error:
        raise Permanent(f"Can't read {str(file)!r}: {error.strerror}. Name another file.") from error
    except UnicodeDecodeError as error:
        raise Permanent(f"{str(file)!r} isn't UTF-8 at byte {error.start}. Save it as UTF-8.") from error


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
