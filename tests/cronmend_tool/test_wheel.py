"""The wheel, installed where nothing of this repository is: the libraries are those of this environment."""

import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import ROOT

type Command = Callable[..., subprocess.CompletedProcess[str]]


def run(*command: str | Path, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory, directory=ROOT)
    assert done.returncode == 0, done.stderr
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and without this repository on its path."""
    directory = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", directory, directory=ROOT)
    options = ("--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check")
    pip = (sys.executable, "-m", "pip", "--python", directory / "bin/python")
    done = run(*pip, "install", *options, wheel, directory=ROOT)
    assert done.returncode == 0, done.stderr
    (libraries,) = directory.glob("lib/python*/site-packages")
    # A path in such a file is not searched for further ones, so the editable install of this environment has no effect.
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return directory


@pytest.fixture
def cronmend(place: Path, tmp_path: Path) -> Command:
    return lambda *arguments: run(place / "bin/cronmend", *arguments, directory=tmp_path)


def test_everything_is_below_one_package_and_nothing_else_gets_into_the_shared_directory(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].removesuffix(".dist-info") for name in names} == {"cronmend_tool", "cronmend-0.1.0"}
    assert [name for name in names if name.endswith(".pyc")] == []


def test_it_has_what_the_clone_has_for_the_command(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = run("/usr/bin/git", "ls-files", "cli", "functions", "simulation", "events", "schedules", directory=ROOT)
    expected = {f"cronmend_tool/{path}" for path in [*listed.stdout.split(), "template.yaml"]}
    assert {path.split("/")[2] for path in expected - names} == {"releasing"}


def test_the_version(cronmend: Command) -> None:
    assert cronmend("--version").stdout == "cronmend 0.1.0\n"


def test_a_log_is_explained_with_the_packaged_rules(cronmend: Command, tmp_path: Path) -> None:
    (tmp_path / "my.log").write_text("MemoryError\n", encoding="utf-8")
    done = cronmend("explain", "--log", "my.log")
    assert (done.returncode, done.stderr) == (0, "")
    assert "out_of_memory" in done.stdout


def test_jobs_are_checked(cronmend: Command, tmp_path: Path) -> None:
    (tmp_path / "jobs.toml").write_text('[jobs.report]\nmanaged = false\nrerun = "sfe"\n', encoding="utf-8")
    done = cronmend("jobs", "check")
    assert done.returncode == 1
    assert "safe" in done.stdout + done.stderr


def test_a_command_that_needs_a_clone_says_so(cronmend: Command) -> None:
    done = cronmend("demo")
    assert done.returncode == 1
    assert done.stderr == "`cronmend demo` needs a clone of Cronmend's repository, and `make setup` there.\n"
