"""A headline says object, verdict, cause and deploy, and in each of its lengths the deploy stays."""

from copy import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.alerting import causes, headlines, reports
from cronmend.alerting.headlines import LONG, SHORT, SUMMARY
from cronmend.model import Category, Container, DeployWindow, WindowState
from cronmend.model.incident import Incident, PlannedRerun
from cronmend.model.report import ENDINGS, MessageKind
from tests.fakes import later
from tests.incidents import BROKEN, RACE, after, diagnosed

TEXT = st.text(max_size=400)
DEPLOY = {
    WindowState.OPEN: "a deploy is in progress",
    WindowState.RECENT: "a deploy just ended",
    WindowState.CLOSED: "no deploy is in progress",
    WindowState.STUCK: "the deploy is half done",
    WindowState.OLDER_CODE: "the schedule runs older code than the service",
    WindowState.UNKNOWN: "Cronmend couldn't check for a deploy",
}


def in_state(state: WindowState, incident: Incident = BROKEN) -> Incident:
    return diagnosed(incident, window=DeployWindow(state))


@pytest.mark.parametrize("state", WindowState)
def test_the_state_of_the_deploy_ends_the_headline(state: WindowState) -> None:
    assert headlines.of(in_state(state), MessageKind.ALERT).long.endswith(f"; {DEPLOY[state]}")


def test_a_deploy_that_explains_nothing_is_not_missed() -> None:
    bug = diagnosed(
        in_state(WindowState.UNKNOWN), category=Category.APPLICATION_ERROR, cause="a bug", deploy_explains=False
    )
    assert headlines.of(bug, MessageKind.ALERT).long == "publish-scheduled failed: a bug"


@given(st.sampled_from(MessageKind), st.sampled_from(WindowState), st.sampled_from(Category), TEXT, TEXT, st.booleans())
def test_each_length_holds_whatever_the_cause(
    kind: MessageKind, state: WindowState, category: Category, cause: str, line: str, ran: bool
) -> None:
    incident = after(diagnosed(in_state(state), category=category, cause=cause, line=line), ran=ran)
    for job in ("g/a", "g/" + "j" * 64):
        said = headlines.of(replace(incident, job=job, reruns=3), kind)
        assert 0 < len(said.long) <= LONG
        assert 0 < len(said.short) <= SHORT
        assert len(said.summary) <= SUMMARY
        assert not said.long.endswith(".")


def test_subject_and_text_message_keep_the_verdict_and_the_deploy_whatever_the_cause() -> None:
    line = "ValueError: " + "the ledger of the quarter isn't balanced and " * 5
    said = headlines.of(
        diagnosed(BROKEN, category=Category.APPLICATION_ERROR, line=line, deploy_explains=False), MessageKind.ALERT
    )
    assert said.short.startswith("publish-scheduled failed: ValueError: the ledger")
    assert said.short.endswith("...; no deploy")
    assert said.summary.endswith("…. No deploy. Needs a fix; no re-run.")


def test_a_run_that_aws_stopped_says_so() -> None:
    spot = diagnosed(BROKEN, category=Category.INFRASTRUCTURE, cause="AWS reclaimed its Spot capacity", line="")
    assert headlines.of(spot, MessageKind.ALERT).long.startswith(
        "publish-scheduled was stopped: AWS reclaimed its Spot capacity"
    )


def test_an_unknown_cause_is_quoted_from_the_log() -> None:
    cause = "cause unknown (exit code 1, no known error in its log)"
    unknown = diagnosed(
        BROKEN,
        category=Category.UNKNOWN,
        cause=cause,
        line="2026-11-23 07:21:01,679 ERROR job - see audit table",
        deploy_explains=False,
    )
    said = headlines.of(unknown, MessageKind.ALERT)
    assert said.long == f'publish-scheduled failed: {cause}; the log says "see audit table"; no deploy is in progress'
    assert said.short.startswith('publish-scheduled failed: cause unknown; the log says "see audit table"; no deploy')


def test_a_last_line_is_not_quoted_as_what_the_log_says() -> None:
    last = diagnosed(
        BROKEN,
        category=Category.UNKNOWN,
        cause='cause unknown (exit code 3, no known error in its log); its last line is "{line}"',
    )
    ended = diagnosed(last, line="12:00:01 INFO batch 3", deploy_explains=False)
    assert causes.of(ended) == (
        'cause unknown (exit code 3, no known error in its log); its last line is "batch 3"',
        'cause unknown; its last line is "batch 3"',
    )
    assert causes.of(diagnosed(last, line="")) == ("cause unknown (exit code 3, no known error in its log)",)


def test_an_unknown_cause_of_an_earlier_version_is_still_said() -> None:
    bare = diagnosed(BROKEN, category=Category.UNKNOWN, cause="", line="done", deploy_explains=False)
    assert causes.of(bare)[0] == 'cause unknown; the log says "done"'


def test_a_cause_that_ends_with_the_line_leaves_out_what_does_not_fit() -> None:
    missing = diagnosed(
        BROKEN,
        category=Category.CONFIGURATION_ERROR,
        cause="its command doesn't exist in this image: {line}",
        line="Error: No such command 'remind'.",
    )
    assert causes.of(missing)[0] == "its command doesn't exist in this image: No such command 'remind'"
    long = diagnosed(missing, line="E" * 200)
    assert [len(each) for each in causes.of(long)] == [241, 111, 96, 39]
    assert headlines.of(long, MessageKind.ALERT).short.endswith(
        "its command doesn't exist in this image; no deploy is in progress"
    )
    assert causes.of(diagnosed(missing, line=""))[0] == "its command doesn't exist in this image"


def test_the_missing_object_is_found_behind_its_wrapper() -> None:
    shown = diagnosed(
        BROKEN,
        line="code: 'P2021'",
        fatal_error=None,
        excerpt=(
            "before: table a does not exist",
            "→ code: 'P2021'",
            "The table `public.b` does not exist in the current database.",
        ),
    )
    assert causes.of(shown)[0] == "the database has no table public.b"


def test_the_lines_below_the_marked_one_are_read_across_blank_ones() -> None:
    excerpt = (
        "→ ClientError:",
        "Invalid `visit.find()` invocation:",
        "",
        "",
        "The column `Visit.tier` does not exist.",
    )
    wrapped = diagnosed(
        BROKEN, line="ClientError: Invalid `visit.find()` invocation", fatal_error=None, excerpt=excerpt
    )
    assert causes.of(wrapped)[0] == "the database has no column Visit.tier"


def test_an_error_of_which_only_the_code_was_taken_is_named_by_its_message() -> None:
    refused = diagnosed(
        BROKEN,
        category=Category.APPLICATION_ERROR,
        line="code: '23505'",
        excerpt=("starts", '→ [sync] [crit]: Sync error {"message":"duplicate key \\"a_b\\"","code":"23505"}'),
    )
    assert causes.of(refused)[0] == 'Sync error: duplicate key "a_b"'


def test_what_wraps_a_long_message_is_left_out_before_the_message_is_cut() -> None:
    line = "com.shop.SyncException: Access Denied: Project shop-dwh: User may not create jobs in project shop-dwh."
    denied = diagnosed(BROKEN, category=Category.CONFIGURATION_ERROR, line=line, cause="it lacks a permission: {line}")
    assert headlines.of(denied, MessageKind.ALERT).long == (
        "publish-scheduled failed: it lacks a permission: Access Denied: Project shop-dwh: User may not create jobs in "
        "project shop-dwh; no deploy in progress"
    )
    bare = diagnosed(
        BROKEN, category=Category.APPLICATION_ERROR, line=f"{'E' * 90}: no rate for the day: CHF", cause=""
    )
    assert headlines.of(bare, MessageKind.ALERT).long.endswith(
        "failed: no rate for the day: CHF; no deploy is in progress"
    )


def test_a_migration_that_failed_comes_before_what_it_missed() -> None:
    line = 'migrate: relation "jobs" does not exist'
    broken = diagnosed(BROKEN, line=line, cause="a migration failed: {line}", deploy_explains=False)
    assert causes.of(broken)[0] == "a migration failed: the database has no table jobs"
    assert causes.missing(broken) is None


def test_a_detail_that_says_nothing_is_left_out() -> None:
    line = '{"pid":7}'
    throttled = diagnosed(BROKEN, category=Category.DEPENDENCY_UNAVAILABLE, line=line, cause="it was throttled: {line}")
    assert causes.of(throttled) == ("it was throttled",)


def test_an_enum_is_named_with_the_value_that_it_lacks() -> None:
    line = 'error: invalid input value for enum pay_state: "refunded"'
    for category in (Category.SCHEMA_MISMATCH, Category.APPLICATION_ERROR):
        assert causes.of(diagnosed(BROKEN, category=category, line=line)) == ('enum pay_state has no value "refunded"',)


def test_an_enum_in_a_line_before_the_one_that_decided_ended_nothing() -> None:
    handled = 'WARNING: skipped row 7: invalid input value for enum pay_state: "refunded"'
    killed = diagnosed(
        BROKEN, category=Category.OUT_OF_MEMORY, cause="out of memory", line="Killed", excerpt=(handled, "→ Killed")
    )
    assert causes.of(killed) == ("out of memory",)


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ("dial tcp 10.0.12.15:6379: connect: connection refused", "10.0.12.15:6379"),
        ("Error: connect ECONNREFUSED 10.0.12.15:8080", "10.0.12.15:8080"),
        ('Get "https://user:secret@api.partner.example/slow?q=1": EOF', "api.partner.example"),
        ('psycopg: connection to server at "db.internal", port 5432 failed', "the database db.internal"),
        ("Can't connect to MySQL server on 'db-2.internal' (115)", "the database db-2.internal"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "a service"),
        ("curl: (7) Failed to connect to solr.internal port 8983 after 0 ms", "solr.internal"),
        (
            "rsync: [Receiver] failed to connect to mirror.internal (10.0.7.4): Connection refused (111)",
            "mirror.internal",
        ),
        ("client.go:71: refused (https://errors.example.com/docs/refused)", "a service"),
    ],
)
def test_a_service_is_named_by_its_host(line: str, service: str) -> None:
    refused = diagnosed(
        BROKEN, category=Category.DEPENDENCY_UNAVAILABLE, cause="{service} refused the connection", line=line
    )
    assert causes.of(refused) == (f"{service} refused the connection",)


@given(st.sampled_from(sorted(DEPLOY)), TEXT)
def test_a_long_cause_is_cut_before_the_deploy(state: WindowState, cause: str) -> None:
    long = headlines.of(diagnosed(in_state(state), cause=cause * 10, line=""), MessageKind.ALERT).long
    assert "deploy" in long or "older code" in long


def test_what_does_not_fit_a_subject_gets_shorter_words_before_it_is_cut() -> None:
    gave_up = replace(diagnosed(BROKEN, line="", cause="the database refused the connection"), reruns=3)
    said = headlines.of(gave_up, MessageKind.GAVE_UP)
    assert said.long.endswith(
        "still fails after 3 re-runs: the database refused the connection; no deploy is in progress"
    )
    assert said.short.endswith("still fails after 3 re-runs: the database refused the connection; no deploy")
    half_done = headlines.of(in_state(WindowState.STUCK, RACE), MessageKind.HALF_DONE)
    assert half_done.long.endswith("the deploy is half done, and the database has no column home_page.summary")
    assert half_done.short.endswith("the deploy is half done (no column home_page.summary)")


@pytest.mark.parametrize(
    ("changes", "ran", "verdict"),
    [
        ({}, True, "failed"),
        ({"category": Category.CONFIGURATION_ERROR}, False, "can't start"),
        ({"category": Category.INFRASTRUCTURE}, False, "failed to start"),
    ],
)
def test_the_verdict_tells_whether_code_ran(changes: dict[str, Category], ran: bool, verdict: str) -> None:
    incident = after(diagnosed(BROKEN, **changes), ran=ran)
    assert headlines.of(incident, MessageKind.ALERT).long.startswith(f"publish-scheduled {verdict}: ")
    assert (reports.of_incident(incident, MessageKind.ALERT).status == "failed") == ran


def test_a_run_that_was_missed_did_not_fail() -> None:
    missed = replace(diagnosed(BROKEN, category=Category.MISSED, cause="it was held"), failed=None)
    assert headlines.of(missed, MessageKind.ALERT).long.startswith("publish-scheduled missed its scheduled time: ")


@pytest.mark.parametrize(
    ("cause", "line", "words"),
    [
        ("image {image} isn't in the registry", "not found", "image webapp:prod isn't in the registry"),
        ("{service} refused the connection", "OperationalError: refused", "the database refused the connection"),
        ("{service} refused the connection", "http://api refused", "api refused the connection"),
        ("{line}", "settle: period is closed", "settle: period is closed"),
        ("AWS denied {action}", "is not authorized to perform: s3:GetObject on", "AWS denied s3:GetObject"),
        ("AWS denied {action}", "(AccessDenied) when calling the PutItem operation: no", "AWS denied PutItem"),
        ("AWS denied {action}", "AccessDenied", "AWS denied access"),
    ],
)
def test_the_words_of_a_rule_name_what_the_run_used(cause: str, line: str, words: str) -> None:
    container = Container("web", image="111122223333.dkr.ecr.eu-west-2.amazonaws.com/webapp:prod@sha256:1")
    incident = after(diagnosed(BROKEN, line=line, cause=cause), container=container)
    assert causes.of(incident)[0] == words


@pytest.mark.parametrize("kind", sorted(ENDINGS))
def test_a_text_message_about_an_end_asks_for_nothing(kind: MessageKind) -> None:
    assert headlines.of(BROKEN, kind).summary.endswith("No action needed.")


def test_of_many_jobs_the_first_are_named_and_the_others_counted() -> None:
    assert headlines.short(["g/a", "g/b", "g/c"], 3) == "a, b, c"
    assert headlines.short(["g/a", "g/b", "g/c", "g/d", "g/e"], 3) == "a, b, c and 2 more"


def test_a_text_message_says_what_follows() -> None:
    assert headlines.of(BROKEN, MessageKind.ALERT).summary == (
        "publish-scheduled failed: no column home_page.summary. No deploy in progress. Needs a fix; no re-run."
    )
    planned = headlines.of(replace(RACE, planned=PlannedRerun(2, later(6))), MessageKind.ALERT)
    assert planned.summary.endswith("A re-run follows.")
    unknown = diagnosed(BROKEN, category=Category.UNKNOWN, cause="cause unknown (exit code 1, empty log)")
    assert headlines.of(unknown, MessageKind.ALERT).summary.endswith("Check it; no re-run.")
    passing = diagnosed(BROKEN, category=Category.DEPENDENCY_UNAVAILABLE, cause="the database refused the connection")
    assert headlines.of(passing, MessageKind.ALERT).summary.endswith("Check it; no re-run.")


@pytest.mark.parametrize(
    ("cause", "goes_on"),
    [
        *((f"{word} lock was held", f"{word.lower()} lock was held") for word in ("A", "The", "This", "Its", "No")),
        ("An image is missing", "an image is missing"),
        ("It ran out of memory", "it ran out of memory"),
        ("Cause unknown", "cause unknown"),
        ("Nothing was listening", "nothing was listening"),
        ("Something stopped it", "something stopped it"),
        ("Redis refused the connection", "Redis refused the connection"),
        ("KeyError", "KeyError"),
    ],
)
def test_a_sentence_goes_on_in_small_letters_and_a_name_keeps_its_own(cause: str, goes_on: str) -> None:
    incident = diagnosed(BROKEN, line="", cause="", sentence=f"{cause}.")
    assert headlines.of(incident, MessageKind.ALERT).long.startswith(f"publish-scheduled failed: {goes_on}")


def test_a_cause_that_is_cut_for_the_deploy_is_the_shorter_one() -> None:
    """The column is named without "the database has" before any of it is left out."""
    name = "c" * 115
    long = headlines.of(diagnosed(BROKEN, line=f"column {name} does not exist"), MessageKind.ALERT).long
    assert "failed: no column ccc" in long
    assert long.endswith("…; no deploy is in progress")


@pytest.mark.parametrize(
    ("healed", "headline"),
    [
        (0, "3 jobs failed: an image is missing; a deploy is in progress"),
        (2, "2 of 3 jobs healed (cause: an image is missing; a deploy is in progress)"),
        (3, "all 3 jobs healed (cause: an image is missing; a deploy is in progress)"),
    ],
)
def test_a_group_that_heals_names_its_cause_as_past(healed: int, headline: str) -> None:
    assert headlines.of_group("an image is missing; a deploy is in progress", 3, healed) == headline
    assert headlines.of_group("an image is missing; a deploy is in progress", 3, healed, failures=3) == headline


@pytest.mark.parametrize(
    ("healed", "headline"),
    [
        (0, "3 jobs failed 5 times: an image is missing"),
        (2, "2 of 3 jobs healed after 5 failures (cause: an image is missing)"),
        (3, "all 3 jobs healed after 5 failures (cause: an image is missing)"),
    ],
)
def test_a_group_whose_jobs_failed_again_counts_their_failures(healed: int, headline: str) -> None:
    assert headlines.of_group("an image is missing", 3, healed, failures=5) == headline
