"""The rooms of a package and the arrows between them, read from the imports: `python -m tests.structure` prints them.

A room is a folder or a module at the top of the package; an arrow is one room importing another. A room's floor is one
above the highest room that it imports.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests import ROOT

PACKAGES = {
    "cronmend": ROOT / "functions/cronmend",
    "cli": ROOT / "cli",
    "local": ROOT / "local",
    "simulation": ROOT / "simulation",
}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path, package: Path) -> str:
    return path.relative_to(package).parts[0].removesuffix(".py")


def arrows(name: str) -> Mapping[str, frozenset[str]]:
    """The rooms of a package, each with the rooms that it imports."""
    package = PACKAGES[name]
    found: dict[str, set[str]] = {}
    for path in package.rglob("*.py"):
        if (room := room_of(path, package)) != "__init__" and "site" not in path.parts:
            parts = (each.split(".") for each in imported(path))
            found.setdefault(room, set()).update(part[1] for part in parts if part[0] == name and len(part) > 1)
    return {room: frozenset(to for to in seen if to in found and to != room) for room, seen in found.items()}


def floors(found: Mapping[str, frozenset[str]]) -> Mapping[str, int]:
    """Counted from 1.

    Raises:
        ValueError: rooms import each other in a circle.
    """
    known: dict[str, int] = {}
    while len(known) < len(found):
        ready = [room for room, below in found.items() if room not in known and below <= known.keys()]
        if not ready:
            raise ValueError(f"a circle of imports among {', '.join(sorted(found.keys() - known.keys()))}")
        known |= {room: 1 + max((known[below] for below in found[room]), default=0) for room in ready}
    return known


def main() -> None:
    for name in PACKAGES:
        found = arrows(name)
        by_floor = floors(found)
        count = sum(map(len, found.values()))
        print(f"{name}: {len(found)} rooms, {count} arrows, {max(by_floor.values())} floors")  # noqa: T201
        for room in sorted(found, key=lambda each: (by_floor[each], each)):
            print(f"  {by_floor[room]} {room} -> {', '.join(sorted(found[room])) or 'none'}")  # noqa: T201


if __name__ == "__main__":
    main()
