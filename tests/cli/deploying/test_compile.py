"""``make compile`` adds byte code that Lambda uses without a look at the sources."""

import marshal
import subprocess
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from tests import ROOT

_UNCHECKED_HASH = (1).to_bytes(4, "little")


def compiled(account: Path) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/make", "-s", "--assume-old=setup", "compile", f"ACCOUNT={account}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / ".aws-sam/build/TaskStateFunction/task_state/app.py"
    path.parent.mkdir(parents=True)
    path.write_text("def handler(event, context):\n    return event\n", encoding="utf-8")
    return path


def test_the_byte_code_is_not_checked_against_the_sources_and_names_their_place_in_lambda(
    module: Path, tmp_path: Path
) -> None:
    assert compiled(tmp_path).stderr == ""
    (path,) = module.parent.glob("__pycache__/*.pyc")
    content = path.read_bytes()
    assert content[:8] == MAGIC_NUMBER + _UNCHECKED_HASH
    assert marshal.loads(content[16:]).co_filename == "/var/task/task_state/app.py"  # noqa: S302 # compiled above


def test_a_source_that_cannot_be_compiled_ends_the_build(module: Path, tmp_path: Path) -> None:
    module.write_text("def\n", encoding="utf-8")
    assert compiled(tmp_path).returncode != 0


def test_the_byte_code_is_that_of_the_functions_runtime() -> None:
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert f"Runtime: python{version}\n" in (ROOT / "template.yaml").read_text(encoding="utf-8")
