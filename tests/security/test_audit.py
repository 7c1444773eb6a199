"""What the dependency audit says. It never counts a package as safe that nobody could look up."""

import pytest

from tests.security import audit

FILE = "requirements.txt"
NOT_FOUND = {"name": "a", "skip_reason": "not found"}
SAFE = {"name": "b", "version": "1", "vulns": []}
VULNERABLE = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"]}]}


def said(*packages: object) -> list[str]:
    return audit.sentences(FILE, audit.read({"dependencies": packages}))


def test_a_registry_without_data_is_named_as_the_reason_for_skipping() -> None:
    (line,) = said(NOT_FOUND)
    assert line.startswith("SKIPPED: ")
    assert "no known vulnerability" not in line
    assert line.endswith("not found")


def test_a_package_that_was_not_looked_up_is_named() -> None:
    assert said(NOT_FOUND, SAFE) == [f"{FILE}: no known vulnerability in 1 packages. Not audited: a (not found)."]


def test_a_vulnerability_fails_unless_it_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(SAFE, VULNERABLE) == [f"{FILE}: 1 vulnerabilities in 2 packages.", "c 2: PYSEC-1, fixed in 3"]
    monkeypatch.setattr(audit, "audited", lambda _: audit.read({"dependencies": [VULNERABLE]}))
    assert audit.main([FILE]) == 1
    monkeypatch.setattr(audit, "ACCEPTED", {"CVE-1": "Cronmend doesn't parse XML."})
    assert audit.main([FILE]) == 0


def test_an_answer_that_is_no_report_is_a_skip_and_not_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "AUDIT", "false")
    found = audit.audited(FILE)
    assert isinstance(found, str)
    assert found.startswith("SKIPPED: ")
