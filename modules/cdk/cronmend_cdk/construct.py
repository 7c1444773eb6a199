"""The packaged template as a nested stack. Its name and the functions' names come from CloudFormation."""

from pathlib import Path

from aws_cdk import CfnStack, Fn, Stack, Token
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from cronmend_cdk.parameters import OutputName, Parameters
from cronmend_cdk.values import LONGEST_STACK, passed

RELEASE = Path(__file__).parent / "release"
_SUFFIX = 14
"""Characters that CloudFormation appends to the name of a nested stack, with the hyphen before them."""


class Cronmend(Construct):
    def __init__(self, scope: Construct, construct_id: str, parameters: Parameters) -> None:
        """
        Raises:
            ValueError: a parameter has a value that CloudFormation would refuse, or the names are too long.
        """
        super().__init__(scope, construct_id)
        values = passed(parameters)
        functions = self._asset("Functions", f"functions-{parameters.architecture}.zip")
        self.stack = CfnStack(
            self,
            "Default",  # without a part of its own in the logical ID
            template_url=self._asset("Template", "template.yaml").http_url,
            parameters={
                **values,
                "ManagedBy": "cdk",
                "ArtifactBucket": functions.s3_bucket_name,
                "FunctionsKey": functions.s3_object_key,
            },
        )
        self._check_name()

    @property
    def stack_name(self) -> str:
        """The name that `cronmend --stack-name` takes, known once the stack is deployed."""
        return Fn.select(1, Fn.split("/", self.stack.ref))

    def output(self, name: OutputName) -> str:
        """An output of the stack. CloudFormation refuses to read one that the stack doesn't have."""
        return self.stack.get_att(f"Outputs.{name}").to_string()

    def _asset(self, construct_id: str, name: str) -> Asset:
        return Asset(self, construct_id, path=str(RELEASE / name))

    def _check_name(self) -> None:
        parent = Stack.of(self)
        logical_id = str(parent.resolve(self.stack.logical_id))
        length = len(parent.stack_name) + len("-") + len(logical_id) + _SUFFIX
        if not Token.is_unresolved(parent.stack_name) and length > LONGEST_STACK:
            raise ValueError(
                f"The nested stack's name would have {length} characters: '{parent.stack_name}', '{logical_id}' and "
                f"what CloudFormation appends. At most {LONGEST_STACK} are possible. Shorten one of the two."
            )
