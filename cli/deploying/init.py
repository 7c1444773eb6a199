"""``cronmend init``: write the files of your own stack, and ask for values that have no sensible default."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import as_sentence, err, fail
from cli.deploying import account, own_files, parameters
from cli.deploying.account import Account
from cli.deploying.own_files import Where
from cli.deploying.parameters import Parameter
from cli.deploying.places import DIRECTORY
from cli.deploying.questions import LEAST_UNRESERVED, offered, problem_of_stack, reserved, warnings
from cli.on_call.options import STACK, Profile, Region
from cli.questions import answer, ask
from local.root import ROOT

SETTINGS, JOBS, ALERTS = "samconfig.toml", "jobs.toml", "alerts.toml"
_QUESTIONS = {
    "Cluster": "ECS clusters whose scheduled jobs Cronmend watches, with commas",
    "AlertEmail": "Email address that gets the alerts",
    "SlackSecretArn": "ARN of the secret with Slack's webhook or bot token",
}
"""The questions about parameters that have no sensible default."""

Directory = Annotated[Path, typer.Argument(metavar="DIRECTORY", help="Where to write the files. One for each stack.")]
Answer = Annotated[str | None, typer.Option(show_default=False)]


def init(
    directory: Directory = DIRECTORY,
    cluster: Annotated[
        str | None, typer.Option(help="The clusters to watch, at most three, with commas.", show_default=False)
    ] = None,
    email: Annotated[
        str | None, typer.Option(help='Email address for alerts; "" for none.', show_default=False)
    ] = None,
    slack_secret: Annotated[
        str | None, typer.Option(help='ARN of the secret for Slack; "" for none.', show_default=False)
    ] = None,
    stack_name: Annotated[str, typer.Option(help="Name of the stack.")] = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Write the files of your own stack: its settings, jobs and alerts. `make deploy` deploys them.

    Asks for the cluster and whom to notify. Each file that exists is kept.
    """
    if (directory / SETTINGS).exists():
        raise fail(f"'{directory / SETTINGS}' exists. Edit it, or name another directory for a second stack.")
    if problem := problem_of_stack(stack_name) or (region is not None and _problem_of_region(region)):
        raise fail(problem)
    found = account.read(stack_name, profile, region)
    _introduce(found, stack_name)
    given = {"Cluster": cluster, "AlertEmail": email, "SlackSecretArn": slack_secret}
    groups = parameters.read(ROOT / "template.yaml")
    values = _values(found, parameters.by_name(groups), given)
    where = Where(stack_name, found.region or ask("AWS Region of the cluster", "", _problem_of_region), profile)
    _write(directory, where, groups, values)
    _conclude(directory, found, values, stack_name)


def _introduce(found: Account, stack: str) -> None:
    if found.problem:
        reason = as_sentence(found.problem)
        err.print(f"The account can't be read: {reason} You can answer without it; `make deploy` needs it.")
    else:
        err.print(f"Account {found.number}, Region {found.region}.")
    if found.stack is not None:
        err.print(f"The stack '{stack}' exists: its parameters are kept. For a second stack, use --stack-name.")


def _values(found: Account, known: Mapping[str, Parameter], given: Mapping[str, str | None]) -> Mapping[str, str]:
    """The parameters that differ from their defaults: those of the existing stack, and the answers."""
    deployed = found.stack or {}
    kept = {name: value for name, value in deployed.items() if name in known and value != known[name].default}
    answers = {
        name: _answer(known[name], question, given[name], offered(name, found)) for name, question in _QUESTIONS.items()
    }
    given_answers = {name: value for name, value in answers.items() if value or name in kept}
    return {**reserved(found), **kept, **given_answers}


def _answer(parameter: Parameter, question: str, given: str | None, suggestion: str) -> str:
    none = " (Enter for none)" if parameter.default == suggestion == "" else ""
    return answer(f"{question}{none}", given, suggestion, parameter.problem)


def _problem_of_region(value: str) -> str:
    fits = re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", value)
    return "" if fits else f"'{value}' is not an AWS Region. Use its code, such as eu-west-2."


def _write(directory: Path, where: Where, groups: tuple[Any, ...], values: Mapping[str, str]) -> None:
    texts = {
        JOBS: own_files.jobs(where.stack, values["Cluster"].split(",")[0]),
        ALERTS: own_files.ALERTS,
        # Last, because `make deploy` treats it as the sign that all files are there.
        SETTINGS: own_files.samconfig(where, groups, values),
    }
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = directory / name
        if path.exists():
            err.print(f"kept: {path}")
        else:
            path.write_text(text, encoding="utf-8")
            err.print(f"written: {path}")


def _conclude(directory: Path, found: Account, values: Mapping[str, str], stack: str) -> None:
    for warning in warnings(found, values["Cluster"]):
        err.print(f"Warning: {warning}")
    if values.get("ReserveConcurrency") == "false" and found.unreserved is not None:
        err.print(
            f"ReserveConcurrency is false: the account has {found.unreserved} unreserved concurrent executions. "
            f"For true, it needs {LEAST_UNRESERVED}."
        )
    if not values.get("AlertEmail") and not values.get("SlackSecretArn"):
        err.print(f"Warning: no one gets alerts. Set AlertEmail or SlackSecretArn in {directory / SETTINGS}.")
    own = "" if directory == DIRECTORY else f" ACCOUNT={directory}"
    err.print(f"Next: make deploy{own}")
