"""The files that may be in the root of the repository; visitors see a stray file there first."""

import subprocess

from tests import ROOT

FOLDERS = {
    ".ci",
    ".github",
    "cli",
    "cronmend_tool",
    "docs",
    "events",
    "functions",
    "local",
    "modules",
    "requirements",
    "schedules",
    "simulation",
    "tests",
}
FILES = {
    ".gitignore",
    ".python-version",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "alerts.schema.json",
    "alerts.toml",
    "jobs.schema.json",
    "jobs.toml",
    "pyproject.toml",
    "samconfig.toml",
    "template.yaml",
    "zensical.toml",
}


def test_nothing_else_is_in_the_root() -> None:
    asked = ["git", "ls-files", "-z"]
    tracked = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S603
    paths = [path for path in tracked.split("\0") if path]
    assert {path.split("/")[0] for path in paths if "/" in path} == FOLDERS
    assert {path for path in paths if "/" not in path} <= FILES
