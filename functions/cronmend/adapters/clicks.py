"""A click on its way: taken once, handed on to the function itself, asked of ``rerun``."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from cronmend.adapters.aws import CONFIG, our_errors, session, translated
from cronmend.adapters.items import serialized
from cronmend.asking import Ran
from cronmend.errors import Permanent
from cronmend.events import manual_payload
from cronmend.records import ManualRun
from cronmend.slack_requests import Click, click_payload

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient

_KEPT = timedelta(hours=1)
"""Far longer than a signature is believed."""
_ONE_CALL = Config(connect_timeout=3, read_timeout=70, retries={"total_max_attempts": 1})
"""``rerun`` has a minute; a second call would only be told that the first has run."""


class DynamoTaken:
    permissions = ("dynamodb:PutItem",)

    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._client = client or session().client("dynamodb", config=CONFIG)

    def first(self, signature: str, now: datetime) -> bool:
        item = {"pk": f"SLACK#{signature}", "sk": "REQUEST", "kind": "request"}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialized({**item, "expires_at": int((now + _KEPT).timestamp())}),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except ClientError as error:
            raise translated(error, "store a Slack request in the ledger") from error
        return True


class LambdaRelay:
    permissions = ("lambda:InvokeFunction",)

    def __init__(self, function: str, client: "LambdaClient | None" = None) -> None:
        self._function = function
        self._client = client or session().client("lambda", config=CONFIG)

    def hand_on(self, click: Click) -> None:
        with our_errors(f"pass a click on to {self._function}"):
            self._client.invoke(
                FunctionName=self._function,
                InvocationType="Event",
                Payload=json.dumps(click_payload(click)).encode(),
            )


class LambdaRuns:
    permissions = ("lambda:InvokeFunction",)

    def __init__(self, function: str, client: "LambdaClient | None" = None) -> None:
        self._function = function
        self._client = client or session().client("lambda", config=_ONE_CALL)

    def ask(self, wish: ManualRun) -> Ran:
        with our_errors(f"request a run of {wish.job}"):
            answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(manual_payload(wish)).encode())
        content: Mapping[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            name = self._function.rsplit(":", 1)[-1]
            raise Permanent(f"function {name} failed: {content.get('errorMessage', content)}; see its log")
        against = tuple(f"{each['guard']}: {each['reason']}" for each in content.get("objections") or ())
        return Ran(str(content.get("done", "")), str(content.get("task_arn", "")), against)
