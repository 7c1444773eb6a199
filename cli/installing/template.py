"""The template as a release packages it: parameters name the bucket of its functions and the schedules' template."""

from typing import Final

from cli.installing.owner import MANAGED_BY, OTHERS, OWN

FUNCTIONS: Final = "functions-{architecture}.zip"
BUCKET, FUNCTIONS_KEY, SCHEDULES_URL = "ArtifactBucket", "FunctionsKey", "SchedulesUrl"
CHANGES: Final = {
    "\nParameters:\n": f"""
Parameters:
  {MANAGED_BY}:
    Type: String
    Default: {OWN}
    AllowedValues: [{", ".join((OWN, *OTHERS))}]
    Description: Tool that deployed the stack. Only that one may change it.
  {BUCKET}:
    Type: String
    Description: Bucket with the files of the release, in the Region of the stack.
  {FUNCTIONS_KEY}:
    Type: String
    Description: Key of the functions' archive for Architecture. Each release needs its own, because keys are compared.
  {SCHEDULES_URL}:
    Type: String
    Default: ""
    Description: Template of the schedules in your jobs.toml. `cronmend jobs deploy` sets it, and DeploySchedules.
""",
    "    CodeUri: functions/\n": f"""\
    CodeUri:
      Bucket: !Ref {BUCKET}
      Key: !Ref {FUNCTIONS_KEY}
""",
    "    Type: AWS::Serverless::Application\n": "    Type: AWS::CloudFormation::Stack\n",
    "      Location: schedules/template.yaml\n": f"""\
      TemplateURL: !Ref {SCHEDULES_URL}
""",
}
"""Lines of template.yaml → what they become. SAM takes no expression as the location of an application, so the nested
stack is what SAM would make of it."""


def packaged(template: str) -> str:
    """
    Raises:
        ValueError: the template doesn't have each of the lines exactly once.
    """
    for line, changed in CHANGES.items():
        if template.count(line) != 1:
            raise ValueError(f"the template has {line.strip()!r} {template.count(line)} times, not once")
        template = template.replace(line, changed)
    return template
