"""What both modules have from template.yaml, without their tools."""

import ast
import json
import re
from copy import replace
from functools import cache
from itertools import product
from math import isfinite

import pytest
import re2

from cli.deploying.parameters import Group, Parameter
from cli.deploying.questions import LONGEST_STACK
from cli.releasing import cdk, modules, terraform
from cli.releasing.offered import FIXED, Offered, read, snake
from tests import ROOT
from tests.cloudformation import Template

ARTIFACTS = {"ManagedBy", "ArtifactBucket", "FunctionsKey"}
REGEX = re.compile(r'can\(regex\("(.*)", var')


@cache
def offered() -> Offered:
    """Read once: that takes half a second."""
    return read(ROOT / "template.yaml")


def test_the_generated_files_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for path, text in modules.files().items():
        assert path.read_text(encoding="utf-8") == text, path


def test_each_parameter_of_the_stack_is_offered_or_fixed_but_the_one_of_schedules() -> None:
    every = Template.read(ROOT / "template.yaml").body["Parameters"].keys()
    assert {each.name for each in offered().parameters} | FIXED.keys() == every - {"DeploySchedules"}
    limits = json.loads(cdk.limits(offered()))
    assert {each["name"] for each in limits["limits"].values()} | limits["fixed"].keys() == every - {"DeploySchedules"}
    main = (ROOT / "modules/terraform/main.tf").read_text(encoding="utf-8")
    construct = (ROOT / "modules/cdk/cronmend_cdk/construct.py").read_text(encoding="utf-8")
    assert all(re.search(rf"\b{name}\b", text) for name, text in product(ARTIFACTS, (main, construct)))


def test_outputs_that_no_stack_of_a_release_has_are_left_out() -> None:
    every = Template.read(ROOT / "template.yaml").body["Outputs"].keys()
    assert {each.name for each in offered().outputs} == every - {"JobsDeadLettersUrl"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("MaxMemoryMiB", "max_memory_mib"), ("SlackKeyArn", "slack_key_arn"), ("Mode", "mode"), ("LogLevel", "log_level")],
)
def test_names_are_in_the_languages_form(name: str, expected: str) -> None:
    assert snake(name) == expected


def patterns() -> list[Parameter]:
    return [each for each in offered().parameters if not each.choices and not each.is_number]


def of_terraform(parameter: Parameter) -> str:
    """The pattern that the variable has, as RE2 gets it."""
    found = REGEX.search(terraform.variable(parameter))
    assert found is not None
    return str(json.loads(f'"{found[1]}"'))


TEXTS = (
    "",
    "*",
    "app-prod",
    "app-prod,jobs-prod",
    "a,b,c,d",
    "a,b,c,d,e",
    "a,b,c,d,e,f",
    "webapp,team/*",
    "emails, cards",
)
MORE = (
    "a@example.org",
    "arn:aws:ssm:eu-west-2:111122223333:parameter/cronmend/slack",
    "arn:aws:sqs:eu-west-2:111122223333:queue",
    "arn:aws:kms:eu-west-2:111122223333:key/1",
    "arn:aws:iam::111122223333:policy/boundary",
    "cron(0 9 ? * MON *)",
    "U012AB3CD, S045EF6GH",
    "site-prod=webapp",
    'quote"',
    "two\nlines",
    "x" * 100,
)


@pytest.mark.parametrize("parameter", patterns(), ids=lambda each: each.name)
def test_terraform_reads_each_pattern_and_accepts_what_cloudformation_does(parameter: Parameter) -> None:
    pattern = of_terraform(parameter)
    for text in TEXTS + MORE:
        assert bool(re2.search(pattern, text)) == bool(re.search(parameter.pattern, text)), (text, pattern)


def test_only_the_length_of_names_in_two_lists_is_checked_later() -> None:
    loosened = {each.name for each in patterns() if of_terraform(each) != each.pattern}
    assert loosened == {"JobLogGroups", "ImageRepositories"}


def test_a_stacks_name_may_be_as_long_as_everywhere() -> None:
    variables = (ROOT / "modules/terraform/variables.tf").read_text(encoding="utf-8")
    assert f"{{0,{LONGEST_STACK - 1}}}$" in variables
    assert json.loads(cdk.limits(offered()))["longest_stack"] == LONGEST_STACK


def test_templates_in_a_text_stay_a_text() -> None:
    assert terraform.quoted('a "${b}" %{c}') == r'"a \"$${b}\" %%{c}"'


@pytest.mark.parametrize(
    "text", ['Ask "who"', 'a """ b', 'ends with """', "a \\d b", "ends with \\", 'ends with \\"', "two\nlines", "plain"]
)
def test_any_text_is_a_description_and_a_default(text: str) -> None:
    some = replace(patterns()[0], default=text, description=text)
    whole = Offered((Group("Group", (some,)),), offered().outputs)
    of_class = ast.parse(cdk.parameters(whole)).body[-1]
    assert isinstance(of_class, ast.ClassDef)
    default, described = of_class.body[-2:]
    assert isinstance(default, ast.AnnAssign)
    assert isinstance(described, ast.Expr)
    assert default.value is not None
    assert ast.literal_eval(default.value) == text
    assert ast.literal_eval(described.value).split() == text.split()


def test_each_number_has_both_limits() -> None:
    """Neither module has a word for no limit."""
    numbers = [each for each in offered().parameters if each.is_number and not each.choices]
    assert numbers
    assert all(isfinite(each.least) and isfinite(each.most) for each in numbers)


def test_the_guide_names_parameters_that_exist() -> None:
    guide = (ROOT / "docs/modules.md").read_text(encoding="utf-8")
    of_typescript = re.findall(r"^    ([A-Z]\w+):", guide, re.MULTILINE)
    every = Template.read(ROOT / "template.yaml").body["Parameters"].keys() | ARTIFACTS
    assert len(of_typescript) == 7
    assert set(of_typescript) <= every
    of_hcl = re.findall(r"^  (\w+) +=", guide.partition("```hcl")[2].partition("```")[0], re.MULTILINE)
    own = re.findall(r'^variable "(\w+)"', (ROOT / "modules/terraform/variables.tf").read_text("utf-8"), re.MULTILINE)
    assert set(of_hcl) - {"source", "value"} <= {snake(each.name) for each in offered().parameters} | set(own)
