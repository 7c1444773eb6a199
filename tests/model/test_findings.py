from copy import replace

from cronmend.model.findings import Finding, FindingKind
from tests.fakes import NOW, later

FOUND = Finding("jobs/nightly", FindingKind.EXPIRES, "its secret expires", "Renew it.", since=NOW, before=later(60))


def test_a_finding_stays_the_same_when_another_run_is_next_to_fail() -> None:
    moved_on = replace(FOUND, before=later(120))
    assert moved_on == FOUND
    assert len({moved_on, FOUND}) == 1
    assert replace(FOUND, since=later(1)) != FOUND
