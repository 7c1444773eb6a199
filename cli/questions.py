"""Questions of a command, each with an option that answers it beforehand."""

from collections.abc import Callable

import typer

from cli.console import fail


def ask(question: str, offered: str, problem: Callable[[str], str]) -> str:
    """Asks again until the answer is acceptable; Enter gives ``offered``."""

    def checked(answer: str) -> str:
        if found := problem(answer.strip()):
            raise typer.BadParameter(found)
        return answer.strip()

    answer: str = typer.prompt(question, default=offered, show_default=bool(offered), value_proc=checked, err=True)
    return answer


def answer(question: str, given: str | None, suggestion: str, problem: Callable[[str], str]) -> str:
    """What was given as an option, or else is asked for.

    Raises:
        Exit: what was given isn't acceptable.
    """
    if given is None:
        return ask(question, suggestion, problem)
    if found := problem(given):
        raise fail(found)
    return given
