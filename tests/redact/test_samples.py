"""Invented secrets in lines of real programs, and lines that only look like them.

In the samples ⟦…⟧ marks what must not survive and ⏎ is a new line; ¦ stands in what a scanner of repositories
would take for a live key, and is left out.
"""

import re
from pathlib import Path

import pytest

from cronmend.redact import HIDDEN, redact

FOLDER = Path(__file__).parent / "secrets"
KINDS = ("addresses", "aws", "headers", "keys", "pairs", "tokens")
LONG = 6
"""This many consecutive characters of a secret count as part of it."""


def lines(kind: str) -> list[str]:
    text = (FOLDER / f"{kind}.txt").read_text(encoding="utf-8")
    kept = [line for line in text.split("\n") if line and not line.startswith("# ")]
    return [line.replace("⏎", "\n").replace("¦", "") for line in kept]


SECRETS = [line for kind in KINDS for line in lines(kind)]
ORDINARY = lines("ordinary")


def parts(secret: str) -> set[str]:
    return {secret[at : at + LONG] for at in range(max(1, len(secret) - LONG + 1))}


@pytest.mark.parametrize("marked", SECRETS)
def test_no_part_of_a_secret_survives(marked: str) -> None:
    secrets = [found for found in re.findall(r"⟦([^⟧\n]*)", marked) if found]
    clean = redact(re.sub("[⟦⟧]", "", marked))
    assert secrets
    assert [part for secret in secrets for part in sorted(parts(secret)) if part in clean] == []
    assert HIDDEN in clean


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_line_stays(text: str) -> None:
    assert redact(text) == text


def test_ordinary_lines_stay_together_too() -> None:
    text = "\n".join(ORDINARY)
    assert redact(text) == text


@pytest.mark.parametrize("marked", SECRETS)
def test_what_was_redacted_stays_as_it_is(marked: str) -> None:
    once = redact(re.sub("[⟦⟧]", "", marked))
    assert redact(once) == once


def test_the_samples_are_many() -> None:
    assert len(SECRETS) >= 150
    assert len(ORDINARY) >= 120
