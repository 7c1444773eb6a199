"""``cronmend bench``: the program whose instructions are counted, and what cachegrind reports of it."""

import pytest
from typer.testing import CliRunner

from cli.bench import instructions, speed
from cli.bench.app import bench_app
from cli.bench.instructions import COLD, GOALS, WARM, NotCounted, container, refs

REPORT = """\
==4711== Cachegrind, a cache and branch-prediction profiler
==4711== Command: python one_container.py events.json
==4711==
==4711== {line}
"""


@pytest.mark.parametrize("line", ["I   refs:      3,356,123,456", "I refs:        3,356,123,456"])
def test_the_instructions_are_read_from_the_report(line: str) -> None:
    assert refs(REPORT.format(line=line)) == 3_356_123_456


def test_a_report_without_instructions_is_an_error() -> None:
    with pytest.raises(NotCounted, match="no line with I refs"):
        refs(REPORT.format(line="valgrind: failed to start tool 'cachegrind'"))


def test_the_program_diagnoses_each_failure_and_keeps_it() -> None:
    with container(2) as program:
        ran = program.run()
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.count('"category":"schema_mismatch","rule":"postgresql.schema_words"') == 2
        kept = [key for key, _ in program.account.items if key.startswith("TASK#")]
    assert len(kept) == 2


@pytest.mark.parametrize("installed", [True, False])
def test_the_counts_are_printed_with_their_goals_if_valgrind_is_installed(
    installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "measure", lambda: {"rules": 3})
    monkeypatch.setattr(instructions, "is_possible", lambda: installed)
    monkeypatch.setattr(instructions, "measured", lambda: {COLD: 3356.1, WARM: 51.0})
    printed = CliRunner().invoke(bench_app, []).stdout
    assert ("3,356.1 (goal: 1,900)" in printed) is installed
    assert ("51.0 (goal: 80)" in printed) is installed


def test_each_count_has_a_goal() -> None:
    assert GOALS.keys() == {COLD, WARM}
