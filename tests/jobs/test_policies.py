from copy import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.errors import Permanent
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model import CatchUp, Policy
from cronmend.model.expected_logs import NumberInLog, Silence
from cronmend.model.findings import OnFinding
from cronmend.model.slos import Slo

SECONDS = st.integers(60, 86_400).map(lambda seconds: timedelta(seconds=seconds))
POLICIES = st.builds(
    JobPolicy,
    job=st.just(""),
    rerun=st.sampled_from(Policy),
    attempts=st.integers(0, 10),
    max_runtime=st.none() | SECONDS,
    deadline=SECONDS,
    grace=st.none() | SECONDS,
    catch_up=st.sampled_from(CatchUp),
    owner=st.text(max_size=20),
    hold_in_deploys=st.booleans(),
    must_contain=st.lists(st.text(max_size=9)).map(tuple),
    number=st.none()
    | st.builds(NumberInLog, st.just(r"(\d+)"), st.none() | st.integers(), st.none() | st.floats(0, 9)),
    silence=st.none() | st.sampled_from(Silence),
    on_finding=st.sampled_from(OnFinding),
    slo=st.none() | st.builds(Slo, st.sampled_from([50, 99, 99.9, 99.999]), st.integers(1, 28)),
)


@given(POLICIES)
def test_what_is_written_is_what_is_read(policy: JobPolicy) -> None:
    named = replace(policy, job="group/name")
    written = policies.write(Policies({"group/name": named}))
    assert policies.read(written) == Policies({"group/name": named})
    assert policies.write(policies.read(written)) == written


def test_a_published_file_from_before_a_field_was_added_has_its_default() -> None:
    assert policies.read('{"version": 2, "jobs": {"g/n": {}}}') == Policies({"g/n": JobPolicy("g/n")})


def test_a_job_in_no_file_is_re_run_only_if_its_code_never_ran() -> None:
    found = Policies().of("default/somebody-elses")
    assert found.job == "default/somebody-elses"
    assert found.rerun is Policy.UNSTARTED


def test_the_bundled_policies_are_those_of_the_example() -> None:
    bundled = policies.read(policies.PATH.read_text(encoding="utf-8"))
    assert bundled.of("cronmend-jobs/publish-scheduled").rerun is Policy.SAFE
    assert bundled.of("cronmend-jobs/send-report").rerun is Policy.UNSTARTED
    assert bundled.of("cronmend-jobs/send-report").max_runtime == timedelta(minutes=30)


def test_a_job_in_no_file_gets_only_the_stacks_defaults() -> None:
    bundled = policies.read(policies.PATH.read_text(encoding="utf-8"))
    assert bundled.of("cronmend-jobs/send-report").owner == "web team"
    assert bundled.of("default/in-no-file") == JobPolicy("default/in-no-file")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expecting value"),
        ("[]", "list indices"),
        ('{"version": 1}', "version 1, expected 2"),
        ('{"version": 2, "jobs": {"g/n": {"rerum": "safe"}}}', "g/n: unknown rerum"),
        ('{"version": 2, "jobs": {"g/n": {"rerun": "always"}}}', "'always' is not a valid Policy"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_remedy(text: str, says: str) -> None:
    with pytest.raises(Permanent, match="cronmend jobs build") as caught:
        policies.read(text)
    assert says in str(caught.value)
