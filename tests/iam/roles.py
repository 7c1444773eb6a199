"""A function's role as CloudFormation renders it, and what it allows. The template's conditions count as true."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Any

from tests.cloudformation import ACCOUNT, Template, actions
from tests.iam.needs import Need, in_one_account

TEMPLATE = Template.read()
_ATTRIBUTE = re.compile(r"\$\{(\w+\.\w+)\}")
"""Inside of a text that ``Sub`` fills in."""
SAMPLE = {
    "Cluster": "app-prod",
    "SlackSecretArn": f"arn:aws:secretsmanager:eu-west-2:{ACCOUNT['AWS::AccountId']}:secret:slack-abcdef",
    "StartFailureQueues": f"arn:aws:sqs:eu-west-2:{ACCOUNT['AWS::AccountId']}:starts",
    "SlackKeyArn": f"arn:aws:kms:eu-west-2:{ACCOUNT['AWS::AccountId']}:key/slack",
    "ImageRepositories": "site,team/*",
    "SlackSigningSecretArn": f"arn:aws:ssm:eu-west-2:{ACCOUNT['AWS::AccountId']}:parameter/slack/signing",
}
"""Parameters that have no default, or an empty one."""


_NAMED = {
    ("AWS::DynamoDB::Table", "Arn"): ("dynamodb", "table/"),
    ("AWS::SQS::Queue", "Arn"): ("sqs", ""),
    ("AWS::Serverless::Application", "Outputs.DeadLetterQueueArn"): ("sqs", ""),
}
"""Resources whose ARN holds their name: the service, and what stands before it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A rendered statement of a role; ``number`` is its place there."""

    number: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Sequence[str]]]
    """Operator → key → the values of which one has to match."""

    def allows(self, need: Need) -> bool:
        return (
            need.action in self.actions
            and any(_like(pattern, need.resource) for pattern in self.resources)
            and all(self._holds(*each, need.context) for each in self.conditions.items())
        )

    def _holds(self, operator: str, wanted: Mapping[str, Sequence[str]], context: Mapping[str, str]) -> bool:
        """A key that the request doesn't have makes the condition false, as in IAM."""
        equal = {"StringEquals": str.__eq__, "ArnEquals": _like}[operator]
        return all(
            key in context and any(equal(value, context[key]) for value in values) for key, values in wanted.items()
        )


@dataclass(frozen=True)
class Role:
    """The role of a function.

    Args:
        environment: the function's variables, of which those that hold a resource name it in the policies, too.
    """

    function: str
    environment: Mapping[str, str]

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(self._rendered(*each) for each in enumerate(TEMPLATE.statements_of(self.function)))

    def allowing(self, need: Need) -> Sequence[int]:
        """The numbers of the statements that allow it."""
        return [each.number for each in self.statements if each.allows(need)]

    def _rendered(self, number: int, raw: Mapping[str, Any]) -> Statement:
        resources = raw["Resource"] if isinstance(raw["Resource"], list) else [raw["Resource"]]
        arns = tuple(in_one_account(self._text(each)) for each in resources)
        conditions = {
            operator: {key: self._texts(value) for key, value in wanted.items()}
            for operator, wanted in raw.get("Condition", {}).items()
        }
        return Statement(number, tuple(actions(raw)), arns, conditions)

    def _texts(self, value: Any) -> Sequence[str]:
        return [self._text(each) for each in value] if isinstance(value, list) else [self._text(value)]

    def _text(self, value: Any) -> str:
        resolved = TEMPLATE.resolved(value, **{**SAMPLE, **dict(self._names())})
        if not isinstance(resolved, str):
            return self._arn(resolved)
        return _ATTRIBUTE.sub(lambda match: self._arn({"Fn::GetAtt": match[1]}), resolved)

    def _names(self) -> Iterator[tuple[str, str]]:
        """What ``Ref`` gives for the resources and parameters that variables hold."""
        for variable, value in variables(self.function).items():
            match value:
                case {"Ref": str(name)} if name != "AWS::NoValue" and self.environment.get(variable):
                    yield name, self.environment[variable]

    def _arn(self, value: Mapping[str, str]) -> str:
        """Made of the name that a variable holds; else the ARN that one holds; else the name in the template."""
        name, _, attribute = value.get("Fn::GetAtt", "").partition(".")
        kind = TEMPLATE.body["Resources"].get(name, {}).get("Type", "")
        named, arn = self._held({"Ref": name}), self._held(value)
        if arn and not named:
            return arn
        service, before = _NAMED.get((kind, attribute), ("unnamed", f"{attribute}/"))
        known = (named or name).rpartition("/")[2]
        return f"arn:aws:{service}:{ACCOUNT['AWS::Region']}:{ACCOUNT['AWS::AccountId']}:{before}{known}"

    def _held(self, value: Mapping[str, str]) -> str | None:
        found = variables(self.function).items()
        return next((self.environment.get(variable) for variable, each in found if each == value), None)


def variables(function: str) -> Mapping[str, Any]:
    """The variables of a function, its own and those of all, as the template writes them."""
    own = TEMPLATE.functions[function].get("Environment", {}).get("Variables", {})
    return {**TEMPLATE.environment, **own}


def _like(pattern: str, text: str) -> bool:
    """IAM's wildcards: ``*`` for any characters, ``?`` for one."""
    return re.match(translate(pattern.replace("[", "[[]")), text) is not None
