"""The Terraform module, with Terraform and HashiCorp's own provider, and without AWS.

The provider is of a version that calls ``aws_s3_object`` by its former name, so the module is tested with that.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.deploying.parameters import Parameter
from cli.deploying.questions import LONGEST_STACK
from cli.releasing import terraform
from cli.releasing.offered import Kind, kind, read, snake
from tests import ROOT
from tests.modules import release_files

TERRAFORM = shutil.which("terraform")
PROVIDER = "terraform-provider-aws_3.39.0_linux_amd64.zip"
FOUND = next((ROOT / ".tools/terraform").glob(f"lib/*/site-packages/cloudrail/terraform_plugins/{PROVIDER}"), None)
FORMER = {"aws_s3_object": "aws_s3_bucket_object", ">= 4.0": ">= 3.39"}

needs_terraform = pytest.mark.skipif(TERRAFORM is None, reason="there is no `terraform`")
needs_provider = pytest.mark.skipif(
    TERRAFORM is None or FOUND is None, reason="there is no `terraform`, or no provider: `make modules` installs it"
)


def run(place: Path, *words: str) -> str:
    """Without a configuration of this machine, which could name other providers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run(  # noqa: S603
        [str(TERRAFORM), words[0], "-no-color", *words[1:]],
        cwd=place,
        env={**environment, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a release, in which the provider is installed."""
    assert FOUND is not None
    place, mirror = tmp_path_factory.mktemp("terraform") / "module", tmp_path_factory.mktemp("mirror")
    shutil.copytree(ROOT / "modules/terraform", place)
    release_files.write(place / "release")
    (place / "tests").mkdir()
    shutil.copy(ROOT / "tests/modules/stack.tftest.hcl", place / "tests")
    (place / "tests/values.tftest.hcl").write_text(values(), encoding="utf-8")
    for path in (*place.glob("*.tf"), *place.glob("tests/*")):
        path.write_text(former(path.read_text(encoding="utf-8")), encoding="utf-8")
    (mirror / "registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    (mirror / "registry.terraform.io/hashicorp/aws" / PROVIDER).symlink_to(FOUND)
    run(place, "init", f"-plugin-dir={mirror}")
    return place


def former(text: str) -> str:
    for name, older in FORMER.items():
        text = text.replace(name, older)
    return text


def values() -> str:
    """Runs in which every variable has a value that CloudFormation would refuse, or the greatest that it takes."""
    parameters = list(read(ROOT / "template.yaml").parameters)
    refused = {snake(each.name): bad for each in parameters if (bad := _refused(each))}
    greatest = {snake(each.name): each.choices[-1] if each.choices else str(each.most) for each in _bounded(parameters)}
    limits = {**greatest, "cluster": "a", "stack_name": "a" * LONGEST_STACK}
    names = ", ".join(f"var.{name}" for name in (*refused, "stack_name"))
    return "\n".join(
        (
            'mock_provider "aws" {}',
            _run("refused", {**refused, "stack_name": "a" * (LONGEST_STACK + 1)}, f"expect_failures = [{names}]"),
            _run("greatest", limits, ""),
        )
    )


def _run(name: str, variables: dict[str, str], more: str) -> str:
    assigned = "\n".join(f"{name} = {terraform.quoted(value)}" for name, value in variables.items())
    return f'run "{name}" {{\ncommand = plan\nvariables {{\nartifact_bucket = "ours"\n{assigned}\n}}\n{more}\n}}\n'


def _bounded(parameters: list[Parameter]) -> Iterator[Parameter]:
    return (each for each in parameters if each.choices or each.is_number)


def _refused(parameter: Parameter) -> str:
    """Empty for a flag: Terraform refuses other values before it validates any."""
    if kind(parameter) is Kind.FLAG:
        return ""
    bad = "9999999" if parameter.is_number else '"' * 5000
    assert parameter.problem(bad), parameter.name
    return bad


@needs_terraform
def test_the_module_is_formatted_as_terraform_formats_it() -> None:
    run(ROOT, "fmt", "-check", "-diff", "modules/terraform", "tests/modules")


@needs_provider
def test_terraform_finds_the_module_valid(module: Path) -> None:
    assert "The configuration is valid." in run(module, "validate")


@needs_provider
def test_terraform_plans_the_stack_and_refuses_what_cloudformation_would_refuse(module: Path) -> None:
    assert "4 passed, 0 failed" in run(module, "test")
