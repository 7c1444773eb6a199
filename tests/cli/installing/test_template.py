"""The packaged template, against the one in the repository."""

import pytest

from cli.installing.template import packaged
from tests import ROOT
from tests.cloudformation import Template

SOURCE = (ROOT / "template.yaml").read_text(encoding="utf-8")


def test_only_the_places_of_the_functions_and_of_the_nested_template_differ(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("packaged") / "template.yaml"
    path.write_text(packaged(SOURCE), encoding="utf-8")
    made, source = Template.read(path).body, Template.read(ROOT / "template.yaml").body
    added = {"ManagedBy", "ArtifactBucket", "FunctionsKey", "SchedulesUrl"}
    assert made["Parameters"].keys() - source["Parameters"].keys() == added
    assert set(made["Globals"]["Function"].pop("CodeUri")) == {"Bucket", "Key"}
    assert source["Globals"]["Function"].pop("CodeUri") == "functions/"
    nested, schedules = made["Resources"].pop("Schedules"), source["Resources"].pop("Schedules")
    assert nested["Condition"] == schedules["Condition"]
    assert nested["Properties"]["Parameters"] == schedules["Properties"]["Parameters"]
    assert nested["Type"] == "AWS::CloudFormation::Stack"
    assert nested["Properties"]["TemplateURL"] == {"Ref": "SchedulesUrl"}
    for part in ("Globals", "Conditions", "Resources", "Outputs", "Metadata"):
        assert made[part] == source[part], part


@pytest.mark.parametrize("line", ["    CodeUri: functions/\n", "      Location: schedules/template.yaml\n"])
def test_a_template_without_such_a_line_is_not_packaged_as_if_it_had_one(line: str) -> None:
    with pytest.raises(ValueError, match="0 times"):
        packaged(SOURCE.replace(line, ""))
    with pytest.raises(ValueError, match="2 times"):
        packaged(SOURCE + line)
