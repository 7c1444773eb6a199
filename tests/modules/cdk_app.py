"""An app of the AWS CDK, run by the Python of `.tools/cdk`: `cdk_app.py OUT` writes its assembly.

Prints, as JSON, what the construct says of parameters and names that CloudFormation would refuse.
"""

import json
import sys
from typing import Any

import aws_cdk as cdk
from cronmend_cdk import Cronmend, Parameters

app = cdk.App(outdir=sys.argv[1])


def problem(stack: str, construct_id: str = "Cronmend", **values: Any) -> str:
    try:
        Cronmend(cdk.Stack(cdk.App(), stack), construct_id, Parameters(**{"cluster": "app-prod", **values}))
    except ValueError as error:
        return str(error)
    return ""


def monitoring() -> None:
    stack = cdk.Stack(app, "Monitoring")
    mail = cdk.Fn.import_value("mail")
    parameters = Parameters(cluster="app-prod,jobs-prod", alert_email=mail, architecture="x86_64", dashboard=False)
    cronmend = Cronmend(stack, "Cronmend", parameters)
    cdk.Tags.of(cronmend).add("team", "platform")
    cdk.CfnOutput(stack, "Name", value=cronmend.stack_name)
    cdk.CfnOutput(stack, "Topic", value=cronmend.output("AlertTopicArn"))


monitoring()
app.synth()
problems = {
    "a name with a space": problem("Monitoring", cluster="app prod"),
    "no choice": problem("Monitoring", mode="on"),
    "a large number": problem("Monitoring", max_attempts=11),
    "no number": problem("Monitoring", max_attempts="few"),
    "a long text": problem("Monitoring", redact_patterns="x" * 1001),
    "no architecture": problem("Monitoring", architecture="arm"),
    "the longest name": problem("M" * 27),
    "a longer name": problem("M" * 28),
}
sys.stdout.write(json.dumps(problems))
