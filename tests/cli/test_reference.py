from cli import reference
from tests import ROOT


def test_the_reference_is_that_of_today() -> None:
    """To write it again: ``python -m cli.reference``."""
    assert (ROOT / reference.PLACE).read_text(encoding="utf-8") == reference.text()


def test_it_has_every_command_with_its_own_options() -> None:
    text = reference.text()
    assert "## `cronmend why TASK`\n" in text
    assert "| `--until UNTIL` |" in text
    assert "--stack-name" not in text.split("## ", 1)[1]
