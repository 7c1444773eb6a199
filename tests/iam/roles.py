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
    "SlackSigningSecretArn": f"arn:aws:ssm:eu-west-2:{ACCOUNT['AWS::AccountId']}:parameter/slack/signing",
}
"""Parameters that have no default, or an empty one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A rendered statement of a role; ``number`` is its place there."""

    number: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, str]]

    def allows(self, need: Need) -> bool:
        return (
            need.action in self.actions
            and any(_like(pattern, need.resource) for pattern in self.resources)
            and all(self._holds(*each, need.context) for each in self.conditions.items())
        )

    def _holds(self, operator: str, wanted: Mapping[str, str], context: Mapping[str, str]) -> bool:
        """A key that the request doesn't have makes the condition false, as in IAM."""
        equal = {"StringEquals": str.__eq__, "ArnEquals": _like}[operator]
        return all(key in context and equal(value, context[key]) for key, value in wanted.items())


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
            operator: {key: self._text(value) for key, value in wanted.items()}
            for operator, wanted in raw.get("Condition", {}).items()
        }
        return Statement(number, tuple(actions(raw)), arns, conditions)

    def _text(self, value: Any) -> str:
        resolved = TEMPLATE.resolved(value, **{**SAMPLE, **dict(self._names())})
        if not isinstance(resolved, str):
            return _arn(resolved, self._variables, self.environment)
        return _ATTRIBUTE.sub(lambda match: _arn({"Fn::GetAtt": match[1]}, self._variables, self.environment), resolved)

    @property
    def _variables(self) -> Mapping[str, Any]:
        """As the template writes them."""
        return TEMPLATE.variables_of(self.function)

    def _names(self) -> Iterator[tuple[str, str]]:
        """What ``Ref`` gives for the resources and parameters that variables hold."""
        for variable, value in self._variables.items():
            match value:
                case {"Ref": str(name)} if name != "AWS::NoValue" and self.environment.get(variable):
                    yield name, self.environment[variable]


def _arn(value: Mapping[str, str], variables: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """The ARN that a variable holds; else one made of the resource's name in the template."""
    held = next((environment.get(key) for key, each in variables.items() if each == value), None)
    if held:
        return held
    name, _, attribute = value.get("Fn::GetAtt", "").partition(".")
    kind = TEMPLATE.body["Resources"][name]["Type"] if name in TEMPLATE.body["Resources"] else ""
    region, account = ACCOUNT["AWS::Region"], ACCOUNT["AWS::AccountId"]
    match kind, attribute:
        case "AWS::DynamoDB::Table", "Arn":
            return f"arn:aws:dynamodb:{region}:{account}:table/{environment.get('LEDGER_TABLE', name)}"
        case "AWS::SQS::Queue", "Arn":
            url = next((environment.get(k) for k, each in variables.items() if each == {"Ref": name}), None)
            return f"arn:aws:sqs:{region}:{account}:{(url or name).rpartition('/')[2]}"
    return f"arn:aws:unnamed:{region}:{account}:{name}/{attribute}"


def _like(pattern: str, text: str) -> bool:
    """IAM's wildcards: ``*`` for any characters, ``?`` for one."""
    return re.match(translate(pattern.replace("[", "[[]")), text) is not None
