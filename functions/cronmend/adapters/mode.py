"""The mode of all healing: a Systems Manager parameter, cached for 15 seconds."""

from functools import cached_property
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError

from cronmend.adapters.aws import CONFIG, session
from cronmend.model import Missing, Mode

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient

SECONDS = 15
"""How long an instance of a function caches the mode."""


class SsmMode:
    permissions = ("ssm:GetParameter",)

    def __init__(self, name: str, client: "SSMClient | None" = None) -> None:
        self._name = name
        self._client = client

    @cached_property
    def _provider(self) -> SSMProvider:
        """Made at its first use: a failure without a re-run doesn't ask for the mode."""
        return SSMProvider(boto3_client=self._client or session().client("ssm", config=CONFIG))

    def now(self) -> Mode | Missing:
        """Returns Missing for any error, which must neither start a re-run nor keep a failure from being reported."""
        if not self._name:
            return Missing("MODE_PARAMETER is empty; deploy the function with template.yaml, which sets it")
        try:
            value = self._provider.get(self._name, max_age=SECONDS)
        except (GetParameterError, BotoCoreError) as error:
            return Missing(f"couldn't read the parameter {self._name}: {error}")
        try:
            return Mode(str(value).strip())
        except ValueError:
            return Missing(f"the parameter {self._name} is {value!r}; set heal, shadow or off with `cronmend mode`")
