"""docs/deploys.md lists what the code supports."""

from cronmend.deploys.migrations import is_migration
from cronmend.model import Signal, WindowState
from tests import ROOT

GUIDE = (ROOT / "docs/deploys.md").read_text()


def test_it_names_every_signal_and_every_state() -> None:
    signals = [signal.value for signal in Signal if signal is not Signal.NONE]
    assert [signal for signal in signals if f"`{signal}`" not in GUIDE] == []
    assert [state.value for state in WindowState if f"| {state.value.replace('_', ' ')} |" not in GUIDE] == []


def test_the_migrations_that_it_names_are_known() -> None:
    named = ("manage.py migrate", "alembic upgrade", "flask db upgrade", "db:migrate", "artisan migrate")
    assert all(f"`{phrase}`" in GUIDE and is_migration(phrase.split()) for phrase in named)


def test_its_markers_are_those_that_the_rule_matches() -> None:
    for word in ("started", "migrated", "finished", "failed"):
        assert f"`{word}`" in GUIDE
