"""Redaction adds nothing to a cold start if there is nothing to hide."""

import subprocess
import sys

import pytest

LOADED = """
import sys
from cronmend.redact import redact
redact(sys.argv[1])
print(*sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("cronmend.redact.")))
"""
ALWAYS = ["cues", "own", "shapes", "span"]


def _loaded(text: str) -> list[str]:
    run = subprocess.run([sys.executable, "-c", LOADED, text], capture_output=True, text=True, check=True)  # noqa: S603 (this interpreter, own code)
    return run.stdout.split()


@pytest.mark.parametrize(
    "text",
    [
        "",
        'django.db.utils.ProgrammingError: relation "shop_order" does not exist',
        "GET https://api.example.com/v1/orders?page=2 answered 503",
        r"{\"url\":\"https:\/\/example.com\/a\"}",
    ],
)
def test_a_text_with_nothing_to_hide_imports_no_stage(text: str) -> None:
    assert _loaded(text) == ALWAYS


def test_a_stage_is_imported_with_what_it_needs_and_no_other() -> None:
    assert _loaded("redis://:swordfish1@cache:6379/0") == sorted([*ALWAYS, "addresses", "names"])
