"""What the wheel requires, against what the command imports and against the versions that the tests run with."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests import ROOT

OWN = {"cli", "local", "simulation", "cronmend", "cronmend_tool", *(path.name for path in ROOT.glob("functions/*"))}
OF_A_CLONE = {"ministack", "moto"}
"""Imported only by the commands that need a clone."""
OF_ANOTHER = {"mcp-types"}
"""A part of another package, of its very version."""
_IMPORT = re.compile(r"^ *(?:from (?=[\w.]+ import )|import (?=[\w.]+(?: as \w+)?$))(\w+)", re.MULTILINE)


def requirements() -> dict[NormalizedName, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = map(Requirement, project["dependencies"])
    return {canonicalize_name(each.name): each for each in every}


def pins(file: str) -> Iterator[Requirement]:
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            yield Requirement(line.rstrip("\\ "))


def test_each_range_includes_the_version_that_the_tests_run_with_and_has_an_end() -> None:
    pinned = {canonicalize_name(each.name): next(iter(each.specifier)).version for each in pins("requirements/dev.txt")}
    for name, each in requirements().items():
        assert each.specifier.contains(pinned[name]), name
        operators = {one.operator for one in each.specifier}
        assert operators == ({">="} if name == "tzdata" else {">=", "<"}), name  # tzdata's versions are years


def test_each_package_that_is_imported_is_required_and_no_other() -> None:
    distributions = packages_distributions()
    names = {name for name in _imports() if not name.startswith("types_boto3")}
    names -= OWN | OF_A_CLONE | sys.stdlib_module_names
    known = {canonicalize_name(distributions[name][0]) for name in names} - OF_ANOTHER
    assert known | {"tzdata"} == set(requirements())


def _imports() -> Iterator[str]:
    """Read as text, because parsing all files takes seconds."""
    for part in ("cli", "local", "simulation", "functions", "cronmend_tool"):
        for path in (ROOT / part).rglob("*.py"):
            if "site" not in path.parts:
                yield from _IMPORT.findall(path.read_text(encoding="utf-8"))
