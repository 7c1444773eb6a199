"""What the person who deploys needs in IAM: docs/deployer-policy.json, against what CloudFormation calls.

The source is the registry's schema of each type, with the permissions of its handlers, as cfn-lint ships it in the
environment of the SAM CLI.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.cloudformation import Template, actions

POLICY: Mapping[str, Any] = json.loads((ROOT / "docs/deployer-policy.json").read_text())
STATEMENTS = POLICY["Statement"]
LONGEST = 6144
"""Characters of a managed policy, without white space."""
HANDLERS = ("create", "read", "update", "delete")
FUNCTION = ("AWS::Lambda::Function", "AWS::Lambda::EventInvokeConfig")
OF_EVENT = {
    "SQS": ("AWS::Lambda::EventSourceMapping",),
    "DynamoDB": ("AWS::Lambda::EventSourceMapping",),
    "EventBridgeRule": ("AWS::Events::Rule", "AWS::Lambda::Permission"),
    "Schedule": ("AWS::Events::Rule", "AWS::Lambda::Permission"),
}
"""What SAM makes of a function's events."""
OTHER_FEATURES = {
    "ec2:*": "a function in a VPC",
    "elasticfilesystem:*": "a function with a file system",
    "s3files:*": "a function with a file system",
    "firehose:*": "delivery of logs",
    "kinesis:*": "a table's stream to Kinesis",
    "kms:*": "resources with a key of one's own",
    "s3:REST.PUT.OBJECT": "no action of IAM",
    "s3:GetObjectMetadata": "import of a table",
    "dynamodb:*Replica": "global tables",
    "dynamodb:BatchWriteItem": "import of a table",
    "dynamodb:DeleteItem": "import of a table",
    "dynamodb:DeleteResourcePolicy": "a table with a policy",
    "dynamodb:*Import*": "import of a table",
    "dynamodb:*ableKinesisStreamingDestination": "a table's stream to Kinesis",
    "dynamodb:UpdateKinesisStreamingDestination": "a table's stream to Kinesis",
    "dynamodb:PutResourcePolicy": "a table with a policy",
    "dynamodb:Query": "import of a table",
    "dynamodb:UpdateContributorInsights": "a table with Contributor Insights",
    "dynamodb:UpdateItem": "import of a table",
    "iam:*GroupPolicy": "a policy of a group",
    "iam:*UserPolicy": "a policy of a user",
    "iam:CreateServiceLinkedRole": "a table's autoscaling",
    "lambda:*CodeSigningConfig": "signed code",
    "lambda:AssociateRuntimeAlias": "a pinned runtime",
    "lambda:GetLayerVersion": "a layer",
    "lambda:PassCapacityProvider": "a capacity provider",
    "lambda:PublishVersion": "versions",
    "lambda:PutFunctionRecursionConfig": "recursion",
    "lambda:PutFunctionScalingConfig": "a capacity provider",
    "lambda:PutRuntimeManagementConfig": "a pinned runtime",
    "logs:*DataProtectionPolicy": "masked logs",
    "logs:*IndexPolicy": "indexed logs",
    "logs:*KmsKey": "logs with a key of one's own",
    "logs:*LogDelivery": "delivery of logs",
    "logs:CreateLogStream": "import of a table",
    "logs:DescribeLogStreams": "import of a table",
    "logs:PutLogEvents": "import of a table",
    "logs:*ResourcePolicy": "a log group with a policy",
    "logs:PutBearerTokenAuthentication": "authentication by token",
    "logs:PutLogGroupDeletionProtection": "protected logs",
    "sns:PutDataProtectionPolicy": "masked messages",
}
"""Actions of handlers for features that the templates don't use."""
READS_OF_ALL = {"logs:GetDataProtectionPolicy", "lambda:GetFunctionCodeSigningConfig"}
"""Actions that a handler calls in any case, though a pattern above covers them."""
OF_PEOPLE = {
    "cronmend init": {
        "sts:GetCallerIdentity",
        "ecs:ListClusters",
        "cloudformation:DescribeStacks",
        "lambda:GetAccountSettings",
    },
    "make remove": {
        "ssm:GetParameter",
        "dynamodb:Scan",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "lambda:InvokeFunction",
    },
    "tags of policies": {"iam:TagPolicy", "iam:UntagPolicy"},
    "SAM deploys": {
        f"cloudformation:{name}"
        for name in (
            *(
                "CreateChangeSet",
                "DeleteChangeSet",
                "DescribeChangeSet",
                "DescribeStackEvents",
                "DescribeStackResource",
            ),
            *("DescribeStackResources", "ExecuteChangeSet", "GetTemplateSummary", "ListStackResources"),
        )
    },
    "cronmend deploy": {
        *("cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet", "cloudformation:DeleteChangeSet"),
        *("cloudformation:ExecuteChangeSet", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"),
        *("cloudformation:DeleteStack", "s3:CreateBucket", "s3:ListBucket", "s3:GetObject", "s3:PutObject"),
    },
    "cronmend jobs deploy": {"cloudformation:ListStackResources", "scheduler:GetSchedule", "sts:GetCallerIdentity"},
    "SAM's bucket": {
        f"s3:{name}"
        for name in (
            *("CreateBucket", "DeleteObject", "GetBucketLocation", "GetBucketPolicy"),
            *("GetEncryptionConfiguration", "ListBucket", "PutBucketPolicy", "PutBucketPublicAccessBlock"),
            *("PutBucketTagging", "PutBucketVersioning", "PutEncryptionConfiguration", "PutObject"),
        )
    },
}
"""Actions that no handler needs, by what calls them."""


@cache
def schemas() -> Mapping[str, Path]:
    """Type → the file of its schema."""
    (found,) = (ROOT / ".tools/sam/lib").glob("python3.*/site-packages/cfnlint/data/schemas")
    files: Mapping[str, str] = json.loads((found / "providers/us-east-1.json").read_text())
    return {kind: found / f"resources/{name}.json" for kind, name in files.items()}


@cache
def needed_by(kind: str) -> frozenset[str]:
    handlers = json.loads(schemas()[kind].read_text())["handlers"]
    return frozenset(action for name in HANDLERS for action in handlers.get(name, {}).get("permissions", ()))


def rendered_types() -> set[str]:
    """The types of both templates as SAM renders them."""
    found: set[str] = {"AWS::CloudFormation::Stack"}
    for path in ("template.yaml", "schedules/template.yaml"):
        template = Template.read(ROOT / path)
        found |= {each["Type"] for each in template.body["Resources"].values()}
        for function in template.functions.values() if path == "template.yaml" else ():
            found |= {kind for each in function.get("Events", {}).values() for kind in OF_EVENT[each["Type"]]}
    found -= {"AWS::Serverless::Function", "AWS::Serverless::Application"}
    return found | set(FUNCTION)


TYPES = sorted(rendered_types())


def of_another_feature(action: str) -> bool:
    return action not in READS_OF_ALL and any(fnmatchcase(action, pattern) for pattern in OTHER_FEATURES)


def allowed() -> Iterator[str]:
    for statement in STATEMENTS:
        yield from actions(statement)


@pytest.mark.parametrize("kind", TYPES)
def test_the_policy_allows_what_cloudformation_calls_for_each_resource(kind: str) -> None:
    wanted = {action for action in needed_by(kind) if not of_another_feature(action)}
    assert wanted - set(allowed()) == set()


def test_the_policy_allows_nothing_else() -> None:
    called = {action for kind in TYPES for action in needed_by(kind) if not of_another_feature(action)}
    assert set(allowed()) - called == set().union(*OF_PEOPLE.values()) - called
    assert set().union(*OF_PEOPLE.values()) <= set(allowed())


def test_every_exception_is_still_one() -> None:
    called = {action for kind in TYPES for action in needed_by(kind)}
    assert [pattern for pattern in OTHER_FEATURES if not any(fnmatchcase(each, pattern) for each in called)] == []


def test_the_policy_is_limited_to_the_stacks_own_resources_and_fits_into_one() -> None:
    assert len("".join(json.dumps(POLICY, separators=(",", ":")).split())) <= LONGEST
    everywhere = {each["Sid"] for each in STATEMENTS if each["Resource"] == "*"}
    assert everywhere == {"Everywhere"}
    for each in STATEMENTS:
        resources = each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]]
        named = ("cronmend", "aws-sam-cli-managed-default", "Serverless-2016-10-31")
        assert each["Sid"] in everywhere or all(any(name in arn for name in named) for arn in resources)


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("lambda:CreateFunction", "arn:aws:lambda:eu-west-2:111122223333:function:cronmend-task-state"),
        ("iam:CreateRole", "arn:aws:iam::111122223333:role/cronmend-TaskStateRole-1HKTSYVLZS2RD"),
        ("iam:CreateRole", "arn:aws:iam::111122223333:role/cronmend-Schedules-8T6-ReportRole-1HKTSYVLZS2RD"),
        ("iam:CreatePolicy", "arn:aws:iam::111122223333:policy/cronmend-KeepLedger-1HKTSYVLZS2RD"),
        ("dynamodb:CreateTable", "arn:aws:dynamodb:eu-west-2:111122223333:table/cronmend-Ledger-1HKTSYVLZS2RD"),
        ("ssm:PutParameter", "arn:aws:ssm:eu-west-2:111122223333:parameter/cronmend/mode"),
        ("ssm:PutParameter", "arn:aws:ssm:eu-west-2:111122223333:parameter/cronmend-test/mode"),
        ("scheduler:CreateScheduleGroup", "arn:aws:scheduler:eu-west-2:111122223333:schedule-group/cronmend-timers"),
        ("scheduler:CreateSchedule", "arn:aws:scheduler:eu-west-2:111122223333:schedule/cronmend-jobs/report"),
        ("scheduler:CreateSchedule", "arn:aws:scheduler:eu-west-2:111122223333:schedule/cronmend-timers/canary"),
        ("logs:CreateLogGroup", "arn:aws:logs:eu-west-2:111122223333:log-group:/aws/lambda/cronmend-rerun"),
        ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:eu-west-2:111122223333:alarm:cronmend-RerunAgeAlarm-1"),
        ("cloudwatch:PutDashboard", "arn:aws:cloudwatch::111122223333:dashboard/cronmend-eu-west-2"),
        ("events:PutRule", "arn:aws:events:eu-west-2:111122223333:rule/cronmend-RunStopped-1HKTSYVLZS2RD"),
        ("sqs:CreateQueue", "arn:aws:sqs:eu-west-2:111122223333:cronmend-RerunQueue-1HKTSYVLZS2RD"),
        ("sns:CreateTopic", "arn:aws:sns:eu-west-2:111122223333:cronmend-AlertTopic-1HKTSYVLZS2RD"),
        ("cloudformation:CreateStack", "arn:aws:cloudformation:eu-west-2:111122223333:stack/cronmend-Schedules-8T6/1"),
        ("cloudformation:CreateChangeSet", "arn:aws:cloudformation:eu-west-2:aws:transform/Serverless-2016-10-31"),
        ("s3:PutObject", "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1hktsyvlzs2rd/4f2a"),
        ("s3:PutObject", "arn:aws:s3:::cronmend-111122223333-eu-west-2/cronmend/0.1.0-4f2a/template.yaml"),
    ],
)
def test_the_resources_have_the_names_that_cloudformation_gives_them(action: str, arn: str) -> None:
    """A role can't be passed, or a queue made, whose name the policy doesn't match."""
    found = [each for each in STATEMENTS if action in actions(each)]
    patterns = [each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]] for each in found]
    assert any(fnmatchcase(arn, pattern) for each in patterns for pattern in each)


def test_nothing_is_allowed_twice() -> None:
    """IAM's `*` also matches slashes: a bucket's ARN with one matches the objects, too."""
    for each in STATEMENTS:
        patterns = [each["Resource"]] if isinstance(each["Resource"], str) else each["Resource"]
        assert not [(a, b) for a in patterns for b in patterns if a != b and fnmatchcase(a, b)], each["Sid"]
        others = {action for other in STATEMENTS if other["Resource"] == "*" for action in actions(other)}
        assert each["Resource"] == "*" or not others & set(actions(each)), each["Sid"]


def test_roles_are_passed_to_lambda_and_scheduler_only() -> None:
    passes = [each for each in STATEMENTS if "iam:PassRole" in actions(each)]
    assert [each["Condition"]["StringEquals"]["iam:PassedToService"] for each in passes] == [
        ["lambda.amazonaws.com", "scheduler.amazonaws.com"]
    ]
