"""Hostile forms of valid documents: one or two of their nodes replaced, dropped or repeated."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

type Path = tuple[str | int, ...]

_DEEP: Any = []
for _ in range(200):
    _DEEP = [_DEEP]
VALUES: Sequence[Any] = (
    *(None, True, False, 0, 1, -1, 1.5, 10**30, -(10**30), float("inf"), float("-inf"), float("nan")),
    *(
        "",
        " ",
        "x",
        "0",
        "-1",
        "1" * 5_000,
        "x" * 2_000,
        "\x00",
        "\ud800",
        "\u202e",
        "²",
        "a/b",
        "a:b",
        "arn:",
        "//",
        "{}",
        "[",
    ),
    *("2026-05-06", "2026-05-06T11:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "20260506T11Z"),
    *([], {}, [None], [[]], [{}], {"": None}, {"kind": []}, {"a": {"a": {}}}, ["x"] * 300, _DEEP),
)
"""In place of any node. JSON has no other kinds; Python's json reads NaN and Infinity, too."""
_ANY = st.sampled_from(VALUES)


def paths(node: Any, before: Path = ()) -> Iterator[Path]:
    """The way to each node, the document itself first."""
    yield before
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, each in items:
        yield from paths(each, (*before, name))


def replaced(document: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    node = changed
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    return changed


def dropped(document: Any, path: Path) -> Any:
    if not path:
        return {}
    changed = copy.deepcopy(document)
    node = changed
    for name in path[:-1]:
        node = node[name]
    del node[path[-1]]
    return changed


@st.composite
def documents(draw: st.DrawFn, samples: Sequence[Any]) -> Any:
    """A sample with one to three mistakes."""
    document = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(paths(document))))
        value = draw(_ANY)
        document = dropped(document, path) if draw(st.integers(0, 4)) == 0 else replaced(document, path, value)
    return document


@st.composite
def texts(draw: st.DrawFn, samples: Sequence[str]) -> str:
    """A sample cut, doubled in the middle, or with something hostile inside; or any text."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.text(max_size=80))
    sample = draw(st.sampled_from(samples))
    start = draw(st.integers(0, len(sample)))
    end = draw(st.integers(start, min(len(sample), start + 12)))
    hostile = st.sampled_from([str(each) for each in VALUES if isinstance(each, str)])
    middle = draw(
        hostile | st.text(max_size=6) | st.just(sample[start:end] * 3) | st.sampled_from(list("(){}[]\"'\\#=,*?/-%"))
    )
    return sample[:start] + middle + sample[end:]


def bodies(samples: Sequence[Any]) -> st.SearchStrategy[str]:
    """JSON as text: of hostile documents, and broken."""
    whole = [json.dumps(each) for each in samples]
    nested = st.sampled_from(["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
    return documents(samples).map(json.dumps) | texts(whole) | nested
