"""What to do next with the local account, printed where a command has nothing more to say."""

from collections.abc import Iterable

from cli.console import out
from local.detached import Running


def next_steps(running: Running) -> None:
    """After `cronmend local up`."""
    print_steps(
        (
            ("See the messages", running.messages),
            ("", "cronmend local messages --follow"),
            ("Make something go wrong", "cronmend local break deploy"),
            ("Invoke a function", "docs/sam-local.md has the steps, for a sample or your own failure"),
            ("Use it in this shell", 'eval "$(cronmend local env)" && cronmend incidents'),
            ("Stop it", "cronmend local down"),
        )
    )


def steps_of_installing() -> None:
    """After `cronmend local up --bare`."""
    print_steps(
        (
            ("Use it in this shell", 'eval "$(cronmend local env)"'),
            ("Install Cronmend in it", "docs/tutorial.md has the steps"),
            ("Make something go wrong", "cronmend local break bug"),
            ("Stop it", "cronmend local down"),
        )
    )


def print_steps(rows: Iterable[tuple[str, str]]) -> None:
    """Labels and commands; a row without a label continues the one before."""
    known = list(rows)
    width = max(len(label) for label, _ in known)
    for label, command in known:
        out.print(f"  {label:<{width}}  {command}")
