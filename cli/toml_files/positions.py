"""The line of each key of a TOML file, which tomllib doesn't report."""

import re
from collections import Counter
from collections.abc import Iterator

type Path = tuple[str, ...]

_HEADER = re.compile(r"\s*\[(?P<list>\[?)(?P<path>[^\]]+)\]{1,2}\s*(?:#.*)?")
_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_PATH = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_ASSIGNMENT = re.compile(rf"\s*(?P<path>{_PATH})\s*=\s*(?P<value>.*)")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]{}]')


def lines(text: str) -> dict[Path, int]:
    """Key paths and table headers → the line of each one's first occurrence, from 1.

    The tables of a list (``[[rules]]``) are counted: ``("rules", "0")`` is the first.
    """
    found: dict[Path, int] = {}
    for number, path in _positions(text):
        for length in range(1, len(path) + 1):
            found.setdefault(path[:length], number)
    return found


def _positions(text: str) -> Iterator[tuple[int, Path]]:
    table: Path = ()
    counts: Counter[Path] = Counter()
    depth, fence = 0, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not depth and not fence:
            if header := _HEADER.fullmatch(line):
                table = _parts(header["path"])
                if header["list"]:
                    counts[table] += 1
                    table = (*table, str(counts[table] - 1))
                yield number, table
                continue
            if assignment := _ASSIGNMENT.match(line):
                path = table + _parts(assignment["path"])
                yield number, path
                yield from ((number, path + _parts(key)) for key in _inline_keys(assignment["value"]))
        depth, fence = _open(line, depth, fence)


def _inline_keys(value: str) -> list[str]:
    return re.findall(rf"[{{,]\s*({_PATH})\s*=", value) if value.startswith("{") else []


def _parts(path: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, path))


def _open(line: str, depth: int, fence: str) -> tuple[int, str]:
    """The bracket depth and the multi-line string that are open after a line."""
    at = 0
    if fence:
        at = line.find(fence) + 3
        if at < 3:
            return depth, fence
        fence = ""
    while token := _TOKEN.search(line, at):
        at = token.end()
        if token[0] in ('"""', "'''"):
            close = line.find(token[0], at)
            if close < 0:
                return depth, token[0]
            at = close + 3
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
    return max(0, depth), fence
