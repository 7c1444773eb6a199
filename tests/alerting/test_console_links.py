"""Addresses in the console of each partition."""

from urllib.parse import unquote

import pytest

from cronmend.alerting import console_links
from cronmend.model import LogPlace
from tests.fakes import later
from tests.samples import CLUSTER, JOB

PLACE = LogPlace("/ecs/app prod", "web/web/a1", "eu-west-1")


def in_partition(partition: str, region: str) -> str:
    return f"arn:{partition}:ecs:{region}:111122223333:cluster/app-prod"


def test_a_log_is_opened_at_its_time_in_its_own_region() -> None:
    address = console_links.log(CLUSTER, PLACE, later(0), later(1))
    assert address.startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:")
    assert "log-group/$252Fecs$252Fapp$2520prod/log-events/web$252Fweb$252Fa1$3Fstart$3D" in address
    plain = unquote(unquote(address.replace("$", "%")))
    start, end = (int(later(minutes).timestamp() * 1000) for minutes in (-1, 2))
    assert plain.endswith(f"log-group//ecs/app prod/log-events/web/web/a1?start={start}&end={end}")


@pytest.mark.parametrize(
    ("partition", "region", "home"),
    [
        ("aws", "eu-west-2", "https://eu-west-2.console.aws.amazon.com/"),
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_each_partition_has_its_own_console(partition: str, region: str, home: str) -> None:
    cluster = in_partition(partition, region)
    assert console_links.task(cluster, "a1") == f"{home}ecs/v2/clusters/app-prod/tasks/a1?region={region}"
    assert console_links.schedule(cluster, JOB) == (
        f"{home}scheduler/home?region={region}#schedules/cronmend-jobs/publish-scheduled"
    )


def test_a_name_is_one_part_of_the_address_whatever_it_holds() -> None:
    address = console_links.task(in_partition("aws", "eu-west-2") + "?x", "a/1 b")
    assert address.endswith("/clusters/app-prod%3Fx/tasks/a%2F1%20b?region=eu-west-2")
    assert console_links.schedule(CLUSTER, "g?/n/a").endswith("#schedules/g%3F/n%2Fa")
    assert console_links.schedule(CLUSTER, "events-rule/a?b/target").endswith("/rules/a%3Fb")


def test_a_rule_is_no_schedule_and_what_started_an_unknown_run_is_not_made_up() -> None:
    assert "#/eventbus/default/rules/nightly" in console_links.schedule(CLUSTER, "events-rule/nightly/target")
    assert console_links.schedule(CLUSTER, "ambiguous/publish") == ""
    assert console_links.schedule(CLUSTER, "unattributed/web") == ""


@pytest.mark.parametrize("cluster", ["", "not an arn", in_partition("aws-iso-x", "iso-1"), in_partition("aws", "")])
def test_a_console_that_is_not_known_has_no_address(cluster: str) -> None:
    assert (console_links.task(cluster, "a1"), console_links.schedule(cluster, JOB)) == ("", "")


@pytest.mark.parametrize("job", ["undiagnosed", ""])
def test_what_has_no_group_is_no_schedule(job: str) -> None:
    assert console_links.schedule(CLUSTER, job) == ""
