"""``cronmend local break``: make something go wrong for real in the local account, or undo it."""

from collections.abc import Mapping
from time import sleep
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.console import fail, out, print_json, spinner
from cli.local.client import NoAnswer, NotDone, account, ended, get, post
from cli.local.next_steps import print_steps
from local.breakage.kinds import Kind
from local.detached import Running

PAUSE = 0.3


def break_(
    kind: Annotated[
        Kind | None, typer.Argument(help="What goes wrong. With --fix, it can be left out.", show_default=False)
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Undo it: end the deploy, fix the bug, and so on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make something go wrong for real in the local account, and say what to watch.

    deploy: a job runs on a new release before its migration.

    migration: a migration fails.

    bug: a new version of a job raises an error.

    memory: a job needs more memory than it has.

    image: the task definition names an image that doesn't exist.

    registry: the image registry doesn't answer.

    slack: Slack answers with errors, rate limits and a login page.

    throttle: AWS throttles DynamoDB and ECS.
    """
    if kind is None and not fix:
        raise fail(f"Name what to break: {', '.join(Kind)}. To undo it: cronmend local break --fix", 2)
    running = account()
    state = _done(running, kind, fix)
    if as_json:
        print_json(state)
    elif state["outcome"]:
        _print(state, running)
    if not state["outcome"]:
        undo = " To undo what was done: cronmend local break --fix" if state["broken"] else ""
        raise fail(f"{state['error']}{undo}")


def _done(running: Running, kind: Kind | None, fix: bool) -> Mapping[str, Any]:
    """The state after it is done; an error ends the command."""
    try:
        post(running, "break", {"kind": kind.value if kind else "", "fix": fix})
        return _wait(running)
    except KeyboardInterrupt as error:
        raise fail(f"Interrupted, but the account continues with it. {_afterward(kind, fix)}", 130) from error
    except NotDone as error:
        raise fail(str(error)) from error
    except NoAnswer as error:
        raise ended() from error


def _afterward(kind: Kind | None, fix: bool) -> str:
    if fix or kind is None:
        return "To see whether anything is still broken: cronmend local status"
    return f"Once it is done, undo it with: cronmend local break {kind.value} --fix"


def _wait(running: Running) -> Mapping[str, Any]:
    """The state when it is done. On a terminal a spinner shows the step."""
    with spinner("Starting") as progress:
        while (state := get(running, "break"))["busy"]:
            if state["lines"]:
                progress.update(Text(f"{state['lines'][-1].capitalize()}"))
            sleep(PAUSE)
    return state


def _print(state: Mapping[str, Any], running: Running) -> None:
    outcome = state["outcome"]
    out.print(Text(outcome["happened"], style="yellow" if state["broken"] else "green"))
    out.print(f"Watch: {outcome['watch']}\n")
    failed = [each for each in outcome["runs"] if not each["succeeded"]]
    rows = [("See the messages", running.messages), ("", "cronmend local messages --follow")]
    rows += [(f"Why {each['job']} failed", f"cronmend why {each['task_id']}") for each in failed]
    rows += [("", 'Once in each shell, before it: eval "$(cronmend local env)"')] if failed else []
    rows += [("Undo it", f"cronmend local break {state['broken']} --fix")] if state["broken"] else []
    print_steps(rows)
