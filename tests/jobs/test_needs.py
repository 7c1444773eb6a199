"""What a run needs, and what is wrong with it, each with a case in which nothing is."""

from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.jobs.needs import Needed, may_assume, needed, problem
from cronmend.model.findings import FindingKind
from cronmend.model.needs import GONE, Described, Need, NeedKind
from cronmend.model.timetables import Target, Timetable
from tests.fakes import NOW
from tests.jobs.test_foresight import timetable
from tests.samples import definition

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
OF_ALL = frozenset(NeedKind)
DAILY = timetable("cron(0 3 * * ? *)")
ECS = "ecs-tasks.amazonaws.com"


def arn(service: str, resource: str, region: str = "eu-west-2", account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def needs(*reads: str, variables: tuple[str, ...] = ()) -> list[Need]:
    with_secrets = replace(definition(1), start_reads=reads, variables=variables)
    return [each.need for each in needed(timetable(), with_secrets, OF_ALL)]


def test_the_roles_are_those_of_the_target_or_of_the_task_definition() -> None:
    has_roles = replace(definition(1), task_role=f"{ROLE}path/task", execution_role=f"{ROLE}execution")
    table = replace(timetable(), target=Target(role=f"{ROLE}scheduler", task_role="own", form=1))
    found = needed(table, has_roles, {NeedKind.ROLE})
    assert [(each.need.name, each.principal) for each in found] == [
        ("scheduler", "scheduler.amazonaws.com"),
        ("own", ECS),
        ("execution", ECS),
    ]
    rule = replace(table, job="events-rule/nightly")
    assert needed(rule, has_roles, {NeedKind.ROLE})[0].principal == "events.amazonaws.com"


def test_a_role_of_another_account_and_a_kind_that_is_not_wanted_are_left_out() -> None:
    foreign = replace(definition(1), task_role="arn:aws:iam::999999999999:role/task", start_reads=("/app/url",))
    assert needed(timetable(), foreign, {NeedKind.ROLE}) == ()


SECRET = arn("secretsmanager", "secret:prod/db-a1B2c3")
REFERENCES = {
    SECRET: Need(NeedKind.SECRET, SECRET),
    f"{SECRET}:password::": Need(NeedKind.SECRET, SECRET),
    "url": Need(NeedKind.PARAMETER, "url"),
    "/app/url": Need(NeedKind.PARAMETER, "/app/url"),
    arn("ssm", "parameter/app/url"): Need(NeedKind.PARAMETER, "/app/url"),
    arn("ssm", "parameter/url"): Need(NeedKind.PARAMETER, "url"),
    arn("acm", "certificate/1"): Need(NeedKind.CERTIFICATE, arn("acm", "certificate/1")),
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_is_a_secret_a_parameter_or_a_certificate(reference: str) -> None:
    assert needs(reference) == [REFERENCES[reference]]


@pytest.mark.parametrize(
    "reference",
    [
        arn("ssm", "parameter/app/url", region="us-east-1"),
        arn("secretsmanager", "secret:db", account="999999999999"),
        "arn:aws:s3:::bucket",
        "arn:none",
    ],
)
def test_what_another_account_or_region_has_is_left_out(reference: str) -> None:
    assert needs(reference) == []


def test_a_variable_that_is_an_arn_names_a_need_once() -> None:
    assert needs("/app/url", variables=(arn("ssm", "parameter/app/url"), SECRET)) == [
        Need(NeedKind.PARAMETER, "/app/url"),
        Need(NeedKind.PARAMETER, "/app/url"),
        Need(NeedKind.SECRET, SECRET),
    ]


REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-2.amazonaws.com"


@pytest.mark.parametrize(
    ("image", "repositories", "found"),
    [
        (f"{REGISTRY}/webapp:prod", ("webapp",), True),
        (f"{REGISTRY}/team/site@sha256:1", ("webapp", "team/*"), True),
        (f"{REGISTRY}/webapp:prod", (), False),
        (f"{REGISTRY}/other:prod", ("webapp",), False),
        ("webapp:prod", ("webapp",), False),
    ],
)
def test_an_image_is_needed_if_its_repository_may_be_asked(
    image: str, repositories: tuple[str, ...], found: bool
) -> None:
    with_image = replace(definition(1), images={"web": image})
    wanted = needed(timetable(), with_image, OF_ALL, repositories)
    assert [each.need for each in wanted] == ([Need(NeedKind.IMAGE, image)] if found else [])


def trust(effect: str = "Allow", service: Any = ECS, action: Any = "sts:AssumeRole", **more: Any) -> Any:
    return {"Statement": [{"Effect": effect, "Principal": {"Service": service}, "Action": action, **more}]}


TRUST = {
    "its service": (trust(), True),
    "among others": (trust(service=["lambda.amazonaws.com", ECS], action=["sts:TagSession", "sts:AssumeRole"]), True),
    "any action": (trust(action="sts:*"), True),
    "under a condition": (trust(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}), True),
    "anyone": ({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}, True),
    "all but another": ({"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "*"}}, True),
    "another service": (trust(service="lambda.amazonaws.com"), False),
    "a user": ({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "x"}, "Action": "sts:AssumeRole"}]}, False),
    "another action": (trust(action="sts:AssumeRoleWithWebIdentity"), False),
    "denied": (trust(effect="Deny"), False),
    "no policy": ({}, True),
}


@pytest.mark.parametrize("case", TRUST)
def test_a_role_may_be_assumed_unless_its_policy_surely_does_not_allow_it(case: str) -> None:
    policy, may = TRUST[case]
    assert may_assume(policy, ECS) is may


TASK_ROLE = Needed(Need(NeedKind.ROLE, "webapp"), "Its task role webapp", ECS)
AT_START = Needed(Need(NeedKind.PARAMETER, "/app/url"), "The parameter /app/url")
IN_VARIABLE = replace(AT_START, at_start=False)
CERTIFICATE = Needed(Need(NeedKind.CERTIFICATE, arn("acm", "certificate/1")), "The certificate 1", at_start=False)
IMAGE = Needed(Need(NeedKind.IMAGE, f"{REGISTRY}/webapp:prod"), "The image webapp:prod")
DAY = timedelta(days=1)


def ends(after: timedelta, life: timedelta) -> Described:
    return Described(set_at=NOW + after - life, ends_at=NOW + after)


PROBLEMS = {
    "a role that is gone": (TASK_ROLE, GONE, FindingKind.ROLE),
    "a role for others": (TASK_ROLE, Described(trust=trust(service="lambda.amazonaws.com")), FindingKind.ROLE),
    "a role that is fine": (TASK_ROLE, Described(trust=trust()), None),
    "an image that is gone": (IMAGE, GONE, FindingKind.IMAGE),
    "an image that is there": (IMAGE, Described(set_at=NOW), None),
    "a parameter that is gone": (AT_START, GONE, FindingKind.SECRET),
    "a name in a variable that is not there": (IN_VARIABLE, GONE, None),
    "a secret in deletion": (IN_VARIABLE, Described(is_deleted=True), FindingKind.SECRET),
    "a parameter that is fine": (AT_START, Described(set_at=NOW), None),
    "a parameter that ends before the next run": (AT_START, ends(DAY / 8, 9 * DAY), FindingKind.EXPIRES),
    "one that ends after it": (AT_START, ends(DAY, 9 * DAY), None),
    "one that is renewed each day": (AT_START, ends(DAY / 2, DAY), None),
    "a certificate in its last week": (CERTIFICATE, ends(6 * DAY, 90 * DAY), FindingKind.EXPIRES),
    "one that has time": (CERTIFICATE, ends(8 * DAY, 90 * DAY), None),
    "one that has expired": (CERTIFICATE, ends(-DAY, 90 * DAY), FindingKind.EXPIRES),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_is_gone_or_ends_before_the_next_run_is_found(case: str) -> None:
    what, described, kind = PROBLEMS[case]
    found = problem(DAILY, what, described, NOW)
    assert (found.kind if found else None) == kind


def sentences(table: Timetable, what: Needed, described: Described) -> tuple[str, str]:
    found = problem(table, what, described, NOW)
    assert found
    return found.sentence, found.remedy


def test_each_sentence_says_what_is_wrong_and_what_to_do() -> None:
    assert sentences(DAILY, TASK_ROLE, Described(trust=trust(service="x"))) == (
        "Its task role webapp can't be assumed by ecs-tasks.amazonaws.com: no further run can start.",
        "Allow sts:AssumeRole for ecs-tasks.amazonaws.com in the trust policy of webapp, or name another role.",
    )
    (secret,) = needed(DAILY, replace(definition(1), start_reads=(SECRET,)), OF_ALL)
    said, remedy = sentences(DAILY, secret, Described(is_deleted=True))
    assert said == "The secret prod/db is scheduled for deletion: no run can read it."
    assert f"restore-secret --secret-id {SECRET}" in remedy
    said, _ = sentences(timetable("cron(0 3 1 * ? *)"), CERTIFICATE, ends(9 * DAY, 90 * DAY))
    assert said.endswith("expires at 2026-05-15 11:01 UTC, before the next run at 2026-06-01 02:00 UTC.")
