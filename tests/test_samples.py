"""Every sample event through its function, against the local account and its past: the outcome is as the table says.

The functions run in this process; tests/test_sam_local.py does the same in Lambda's own kind of container.
"""

import io
import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

import board_action.app
import deploy_state.app
import failure_alert.app
import job_board.app
import reconcile.app
import rerun.app
import slack_action.app
import task_state.app
from cronmend import queues
from local.account import LocalAccount
from local.aws import ACCOUNT, CLUSTER, CLUSTER_ARN
from local.outcomes import differences
from local.past import Past
from local.past_of_samples import seed
from local.samples import PARAMETERS, VARIABLES, Sample, pipelines, samples
from tests.iam.recorder import RECORDER
from tests.kept import forget
from tests.local.test_past import create_ledger
from tests.wiring.test_handlers import CONTEXT, Context

type Handler = Callable[[dict[str, Any], Any], Any]

HANDLERS: Mapping[str, Handler] = {
    "TaskStateFunction": task_state.app.handler,
    "DeployStateFunction": deploy_state.app.handler,
    "RerunFunction": rerun.app.handler,
    "FailureAlertFunction": failure_alert.app.handler,
    "SlackActionFunction": slack_action.app.handler,
    "ReconcileFunction": reconcile.app.handler,
    "JobBoardFunction": job_board.app.handler,
    "BoardActionFunction": board_action.app.handler,
}
INVOKED = [sample for sample in samples() if sample.function]


class RerunInThisProcess:
    """Lambda, of which a click asks ``rerun`` for a run. What nobody waits for is done after the tests."""

    def client(self, name: str, **options: Any) -> "RerunInThisProcess":
        return self

    def invoke(self, FunctionName: str, Payload: bytes, InvocationType: str = "") -> Mapping[str, Any]:  # noqa: N803 # boto3's names
        assert FunctionName.endswith(":rerun")
        if InvocationType == "Event":
            return {}
        return {"Payload": io.BytesIO(json.dumps(rerun.app.handler(json.loads(Payload), CONTEXT)).encode())}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    """The account as the functions meet it, without the functions in it: nothing happens but what a test does."""
    with LocalAccount(tmp_path_factory.mktemp("samples") / "account") as running, pytest.MonkeyPatch.context() as patch:
        create_ledger(running)
        for name, value in environment(running).items():
            patch.setenv(name, value)
        patch.setattr("cronmend.adapters.lambda_calls.session", RerunInThisProcess)
        for app in (task_state.app, rerun.app, failure_alert.app, slack_action.app, queues):
            patch.setattr(app, "SAM_LOCAL", True)
        forget()
        seed(Past.of(running.clients))
        yield running
    forget()


def environment(account: LocalAccount) -> Mapping[str, str]:
    """What `cronmend local up` gives to the functions, as far as the samples depend on it."""
    clients, function = account.clients, f"arn:aws:lambda:eu-west-2:{ACCOUNT}:function"
    clients.scheduler.create_schedule_group(Name="timers")
    clients.of("ssm").put_parameter(Name="/cronmend/mode", Value="heal", Type="String")
    return {
        **account.endpoints.environment(),
        "LEDGER_TABLE": "ledger",
        "TOPIC_ARN": clients.sns.create_topic(Name="alerts")["TopicArn"],
        "MODE_PARAMETER": "/cronmend/mode",
        "CLUSTERS": CLUSTER,
        "CLUSTER_ARN_PREFIX": CLUSTER_ARN.removesuffix(CLUSTER),
        "TIMER_GROUP": "timers",
        "TIMER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/timers",
        "TIMER_DLQ_ARN": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:timers-dlq",
        "QUEUE_URL": clients.sqs.create_queue(QueueName="events")["QueueUrl"],
        "RERUN_FUNCTION_ARN": f"{function}:rerun",
        "RERUN_QUEUE_ARN": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:rerun",
        "ALERT_FUNCTION_ARN": f"{function}:failure-alert",
        "PIPELINES": pipelines(),
        "DEFAULT_RERUN_POLICY": PARAMETERS["DefaultRerunPolicy"],
        "SLACK_ALLOWED": PARAMETERS["SlackAllowed"],
        **VARIABLES,
    }


def invoked(sample: Sample) -> Mapping[str, Any] | str:
    """The answer, or the error as Lambda reports it."""
    try:
        answer: Mapping[str, Any] | str = HANDLERS[sample.function](sample.event(), Context(aws_request_id=sample.path))
    except Exception as error:  # noqa: BLE001 # Lambda catches all
        return {"errorType": type(error).__name__, "errorMessage": str(error)}
    return answer


@pytest.mark.emulator
@pytest.mark.parametrize("sample", INVOKED, ids=lambda each: each.path)
def test_what_comes_of_a_sample_is_as_the_table_says(sample: Sample, account: LocalAccount) -> None:
    answer = invoked(sample)
    assert differences(sample, answer) == [], answer
    if sample.stem == "other_cluster":
        # No rule of the stack lets this event through, and no role lets its function read that cluster.
        assert RECORDER.forbidden
        RECORDER.forbidden.clear()


@pytest.mark.emulator
def test_the_order_of_the_samples_makes_no_difference(account: LocalAccount) -> None:
    """Again, in another order, over all that the first round left behind."""
    again = [each for each in INVOKED if each.folder == "task_stopped"]
    random.Random(12).shuffle(again)  # noqa: S311 # an order, not a secret
    assert {each.path: found for each in again if (found := differences(each, invoked(each)))} == {}
