"""``cronmend deploy``: install the packaged stack in an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from cli.console import as_sentence, err, fail
from cli.deploying import account, parameters
from cli.deploying.account import Account
from cli.deploying.parameters import Parameter
from cli.deploying.questions import offered, problem_of_stack, reserved, warnings
from cli.installing.release import Release, installed
from cli.installing.steps import BucketName, Given, Steps, Tags, Yes, confirmed, execute, given
from cli.installing.unready import FAILED, UNFINISHED
from cli.on_call.options import STACK, Profile, Region, reported
from cli.on_call.stack import CommandError, Stack
from cli.questions import answer

_RECEIVERS = {"AlertEmail", "SlackSecretArn"}
"""The parameters of which one has to be given, or no one gets alerts."""
_CLUSTER = "ECS clusters whose scheduled jobs Cronmend watches, with commas"
_ALERTS = "Email address, or ARN of a secret for Slack, that gets the alerts (Enter for none)"

_NEXT = (
    ("cronmend doctor", "examine the stack"),
    ("cronmend jobs import --watch --out jobs.toml", "write a policy for each live schedule"),
    ("cronmend jobs publish", "have the stack use them"),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was given as options; None is asked for."""

    cluster: str | None
    alerts: str | None
    given: Mapping[str, str]
    yes: bool


def deploy(  # noqa: PLR0913, PLR0917 # each is an option of the command
    cluster: Annotated[
        str | None, typer.Option(help="The clusters to watch, at most three, with commas.", show_default=False)
    ] = None,
    alerts: Annotated[
        str | None,
        typer.Option(help='Email address or ARN of the secret for Slack; "" for no one.', show_default=False),
    ] = None,
    parameter: Given = None,
    tag: Tags = None,
    bucket: BucketName = None,
    yes: Yes = False,
    stack_name: Annotated[str, typer.Option(help="Name of the stack.")] = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Install the packaged stack in your account, without a clone.

    Asks for the clusters to watch and for whom to notify. `cronmend upgrade` changes a stack that exists.
    """
    if problem := problem_of_stack(stack_name):
        raise fail(problem)
    stack = Stack(stack_name, profile, region)

    def act() -> None:
        release = installed()
        known = parameters.by_name(parameters.read(release.template))
        answers = Answers(cluster, alerts, given(parameter or [], known), yes)
        _deploy(stack, release, known, answers, bucket, tag or [])

    reported(act)


def _deploy(  # what was chosen, and where
    stack: Stack,
    release: Release,
    known: Mapping[str, Parameter],
    answers: Answers,
    bucket: str | None,
    tags: Sequence[str],
) -> None:
    found = account.read(stack.name, stack.profile, stack.region)
    if problem := _problem(found, stack):
        raise CommandError(problem)
    err.print(f"Account {found.number}, Region {found.region}.")
    values = chosen(found, known, answers)
    for warning in warnings(found, values["Cluster"]):
        err.print(f"Warning: {warning}")
    steps = Steps(stack, release, found.number, found.region, bucket, tags)
    what = f"Cronmend {release.version} as stack '{stack.name}', with its files in bucket '{steps.bucket.name}'"
    confirmed(f"Deploy {what}?", yes=answers.yes)
    architecture = values.get("Architecture") or str(known["Architecture"].default)
    arn = steps.propose(values, architecture, is_new=True)
    execute(steps.deployment, arn)
    _conclude(release, stack, values)


def _problem(found: Account, stack: Stack) -> str:
    if found.problem:
        return f"The account can't be read: {as_sentence(found.problem)}"
    if found.stack is None or stack.status == UNFINISHED:
        return ""
    if stack.status == FAILED:
        return f"The first deploy of '{stack.name}' failed. Delete what is left of it with `cronmend remove`."
    return f"The stack '{stack.name}' exists. Use `cronmend upgrade`, or --stack-name for a second stack."


def chosen(found: Account, known: Mapping[str, Parameter], answers: Answers) -> Mapping[str, str]:
    """The parameters that differ from their defaults.

    Policies and routes are published, because the packaged ones are those of no one.

    Raises:
        Exit: an answer isn't acceptable, or ``--yes`` leaves the cluster open.
    """
    cluster, whom = _cluster(found, known, answers), _whom(known, answers)
    return {**reserved(found), "PolicySource": "published", **answers.given, "Cluster": cluster, **whom}


def _cluster(found: Account, known: Mapping[str, Parameter], answers: Answers) -> str:
    suggestion = offered("Cluster", found)
    value = answers.given.get("Cluster") if answers.cluster is None else answers.cluster
    if value is None and answers.yes:
        value = suggestion
    return answer(_CLUSTER, value, suggestion, known["Cluster"].problem)


def _whom(known: Mapping[str, Parameter], answers: Answers) -> Mapping[str, str]:
    value = answers.alerts
    if value is None and (answers.yes or answers.given.keys() & _RECEIVERS):
        value = ""
    value = answer(_ALERTS, value, "", lambda text: known[_receiver(text)].problem(text))
    return {_receiver(value): value} if value else {}


def _receiver(text: str) -> str:
    return "SlackSecretArn" if text.startswith("arn:") else "AlertEmail"


def _conclude(release: Release, stack: Stack, values: Mapping[str, str]) -> None:
    err.print(f"Deployed Cronmend {release.version} as stack '{stack.name}'.")
    if not _RECEIVERS & values.keys():
        again = "cronmend upgrade --parameter AlertEmail=ADDRESS"
        err.print(f"Warning: no one gets alerts. To change that: {again}")
    if values.get("AlertEmail"):
        err.print(f"SNS has sent an email to {values['AlertEmail']}. Alerts come after its link is confirmed.")
    err.print("Next:", *(f"  {command:<46}{effect}" for command, effect in _NEXT), sep="\n")
