"""The CDK construct, synthesized without AWS."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.cloudformation import Template
from tests.modules import release_files

PYTHON = ROOT / ".tools/cdk/bin/python"
LINTER = ROOT / ".tools/sam/bin/cfn-lint"
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not PYTHON.exists(),
    reason="there is no Node.js, or no CDK: `make modules` installs it",
)


@dataclass(frozen=True)
class Synthesized:
    place: Path
    problems: dict[str, str]

    @property
    def template(self) -> Any:
        return self.json("Monitoring.template.json")

    @property
    def assets(self) -> dict[str, Path]:
        """Key in the bucket → file."""
        found = self.json("Monitoring.assets.json")["files"].values()
        return {
            target["objectKey"]: self.place / each["source"]["path"]
            for each in found
            for target in each["destinations"].values()
        }

    def json(self, name: str) -> Any:
        return json.loads((self.place / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Once: starting the CDK takes five seconds."""
    place = tmp_path_factory.mktemp("cdk")
    shutil.copytree(ROOT / "modules/cdk/cronmend_cdk", place / "cronmend_cdk")
    release_files.write(place / "cronmend_cdk/release")
    done = subprocess.run(  # noqa: S603
        [str(PYTHON), str(ROOT / "tests/modules/cdk_app.py"), str(place / "out")],
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Synthesized(place / "out", json.loads(done.stdout))


def test_the_nested_stack_is_the_packaged_template_with_each_of_its_parameters(synthesized: Synthesized) -> None:
    stack = synthesized.template["Resources"]["Cronmend"]
    assert stack["Type"] == "AWS::CloudFormation::Stack"
    key = stack["Properties"]["TemplateURL"]["Fn::Sub"].rsplit("/", 1)[1]
    packaged = Template.read(synthesized.assets[key]).body
    assert packaged["Parameters"].keys() - stack["Properties"]["Parameters"].keys() == {
        "DeploySchedules",
        "SchedulesUrl",
    }
    assert stack["Properties"]["Parameters"].keys() <= packaged["Parameters"].keys()
    assert stack["Properties"]["Tags"] == [{"Key": "team", "Value": "platform"}]


def test_values_are_passed_as_cloudformation_takes_them(synthesized: Synthesized) -> None:
    found = synthesized.template["Resources"]["Cronmend"]["Properties"]["Parameters"]
    assert found["AlertEmail"] == {"Fn::ImportValue": "mail"}
    texts = {name: found[name] for name in ("Cluster", "Dashboard", "ManagedBy", "MaxAttempts", "PolicySource")}
    assert texts == {
        "Cluster": "app-prod,jobs-prod",
        "Dashboard": "false",
        "ManagedBy": "cdk",
        "MaxAttempts": "3",
        "PolicySource": "published",
    }


def test_the_files_of_the_release_are_assets_with_the_functions_of_the_architecture(synthesized: Synthesized) -> None:
    found = synthesized.template["Resources"]["Cronmend"]["Properties"]["Parameters"]
    assert found["ArtifactBucket"] == {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
    read = synthesized.assets[found["FunctionsKey"]].read_text(encoding="utf-8")
    assert read == "functions-x86_64.zip"
    assert read in release_files.NAMES


def test_outputs_and_the_name_are_known_after_the_deploy(synthesized: Synthesized) -> None:
    outputs = synthesized.template["Outputs"]
    assert outputs["Topic"]["Value"] == {"Fn::GetAtt": ["Cronmend", "Outputs.AlertTopicArn"]}
    assert outputs["Name"]["Value"] == {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Cronmend"}]}]}


def test_what_cloudformation_would_refuse_is_refused_at_synthesis(synthesized: Synthesized) -> None:
    problems = synthesized.problems
    assert {name for name, problem in problems.items() if not problem} == {"the longest name"}
    assert problems["no choice"] == "'on' is not a value for mode. Use heal, shadow or off."
    assert "would have 51 characters" in problems["a longer name"]


def test_the_linter_finds_nothing_in_the_synthesized_template(synthesized: Synthesized) -> None:
    done = subprocess.run(  # noqa: S603
        [str(LINTER), "--non-zero-exit-code", "warning", "Monitoring.template.json"],
        cwd=synthesized.place,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout
