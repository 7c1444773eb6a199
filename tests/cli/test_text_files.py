"""A log and an event are read whatever program wrote them, and alike from a file and from standard input."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.text_files import decoded, read_text
from tests import ROOT

ERROR = "ValueError: café is closed"


pytestmark = pytest.mark.usefixtures("no_account")


def run(*arguments: str, data: bytes = b"") -> Result:
    return CliRunner().invoke(app, [*arguments], input=data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_that_a_text_announces_is_used(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(ERROR, encoding=encoding)
    assert read_text(tmp_path / "a.log") == ERROR


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert decoded(ERROR.encode("latin-1")) == "ValueError: caf\ufffd is closed"


@pytest.mark.parametrize("data", [ERROR.encode("latin-1"), ERROR.encode("utf-16"), b"\xef\xbb\xbf" + ERROR.encode()])
def test_a_log_is_the_same_from_a_file_and_from_standard_input(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(data)
    described = ("event", "new", "--job", "send-report", "--log")
    from_file, piped = run(*described, str(tmp_path / "a.log")), run(*described, "-", data=data)
    assert (from_file.exit_code, piped.exit_code) == (0, 0), piped.output
    assert json.loads(from_file.stdout)["detail"]["taskArn"] == json.loads(piped.stdout)["detail"]["taskArn"]


def test_a_log_in_another_encoding_is_explained_from_standard_input() -> None:
    done = run("explain", "--json", "--log", "-", data=ERROR.encode("latin-1"))
    assert json.loads(done.stdout)["category"] == "application_error"


def test_an_event_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = (ROOT / "events" / "task_stopped" / "out_of_memory.json").read_text(encoding="utf-8")
    (tmp_path / "e.json").write_text(text, encoding="utf-8-sig")
    assert json.loads(run("explain", "--json", str(tmp_path / "e.json")).stdout)["category"] == "out_of_memory"
