"""What people are told: the cause in words first, then what follows, then what it was concluded from."""

import re
from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting import causes, headlines, outlook, reports
from cronmend.diagnosis import steps
from cronmend.model import (
    Category,
    DeployWindow,
    Evidence,
    History,
    Policy,
    Signal,
    WindowState,
)
from cronmend.model.incident import PlannedRerun
from cronmend.model.report import ALERTS, MessageKind, Report, Stage
from tests.fakes import NOW, later
from tests.incidents import BROKEN, DIGEST, GOOD, LINE, RACE, after, diagnosed
from tests.samples import stopped

ALERT = reports.of_incident(BROKEN, MessageKind.ALERT)


def facts(report: Report) -> dict[str, str]:
    return {each.label: each.value for each in report.facts}


def test_a_headline_says_what_broke_in_words_and_what_the_deploy_does() -> None:
    assert ALERT.headline == (
        "publish-scheduled failed: the database has no column home_page.summary; no deploy is in progress"
    )
    race = reports.of_incident(RACE, MessageKind.ALERT, "")
    assert race.headline.endswith("the database has no column home_page.summary; a deploy is in progress")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('relation "blog_post" does not exist', "table blog_post"),
        ('column "x" of relation "y" does not exist', "column y.x"),
        ("(1054, \"Unknown column 'a.b' in 'field list'\")", "column a.b"),
        ("(1146, \"Table 'shop.orders' doesn't exist\")", "table shop.orders"),
        ("sqlite3.OperationalError: no such table: jobs", "table jobs"),
        ("Invalid object name 'dbo.Jobs'.", "table dbo.Jobs"),
        ("Invalid column name 'summary'.", "column summary"),
        ('type "mood" does not exist', "type mood"),
    ],
)
def test_each_database_says_it_in_its_own_way(line: str, words: str) -> None:
    assert causes.of(diagnosed(BROKEN, line=line))[0] == f"the database has no {words}"


def test_what_is_not_about_the_schema_is_the_error_itself() -> None:
    bug = diagnosed(BROKEN, category=Category.APPLICATION_ERROR, line="KeyError: 'x'")
    said = headlines.of(bug, MessageKind.ALERT).long
    assert said.endswith("failed: KeyError: 'x'; no deploy is in progress")


def test_the_deploy_is_told_once_where_the_diagnosis_explains_with_it() -> None:
    window = DeployWindow(WindowState.OPEN, Signal.REVISION, "service web still runs webapp:1")
    found = steps.diagnose(Evidence(stopped(), (LINE,), window))
    assert found.full_sentence == f"{found.sentence}. The deploy explains it: {window.reason}"
    assert "deploy" not in found.sentence
    race = diagnosed(RACE, sentence=found.sentence, line="")
    assert headlines.of(race, MessageKind.ALERT).long.count("deploy") == 1


def test_why_a_deploy_is_half_done_is_told_in_full() -> None:
    told = facts(reports.of_incident(RACE, MessageKind.HALF_DONE, ""))
    assert told["Line"] == RACE.diagnosis.line
    assert told["Deploy"] == "in progress: service web still runs webapp:56"


def test_what_has_changed_since_the_last_success_is_told_with_it() -> None:
    told = facts(ALERT)
    assert told["Changed since"] == "webapp 56 → 57, image aaaaaaaaaaaa → bbbbbbbbbbbb"
    assert told["Last success"] == f"{GOOD:%H:%M} UTC"
    same = after(BROKEN, last_good=History(GOOD, 57, DIGEST))
    assert facts(reports.of_incident(same, MessageKind.ALERT, ""))["Changed since"] == (
        "nothing: the same revision and image"
    )
    never = after(BROKEN, last_good=History())
    assert facts(reports.of_incident(never, MessageKind.ALERT, ""))["Changed since"].startswith("no success")


def test_a_run_is_measured_against_its_usual_length_where_that_is_known() -> None:
    assert facts(ALERT)["Ran for"] == "12 s, usually 3 min"
    assert facts(reports.of_incident(after(BROKEN, last_good=History()), MessageKind.ALERT, ""))["Ran for"] == "12 s"
    never_ran = after(BROKEN, seconds=None)
    assert "Ran for" not in facts(reports.of_incident(never_ran, MessageKind.ALERT, ""))


def test_an_alert_names_its_evidence_and_where_to_look() -> None:
    told = facts(ALERT)
    assert (told["Scheduled time"], told["Decided by"]) == ("2026-05-06 11:00 UTC", BROKEN.diagnosis.rule)
    assert "Attempt" not in told
    third = reports.of_incident(replace(after(RACE, attempt=3), reruns=2), MessageKind.GAVE_UP, "")
    assert facts(third)["Attempt"] == "3 of 4, failed at 11:01 UTC"
    assert [label for label, _ in ALERT.links] == ["Log", "Task", "Schedule"]
    assert (ALERT.command, ALERT.incident, bool(ALERT.cause)) == ("cronmend why a1", "a1", True)


@pytest.mark.parametrize(("policy", "forced"), [(Policy.SAFE, ""), (Policy.NEVER, " --force")])
def test_a_reminder_and_an_alert_without_a_task_have_the_command_that_runs_the_job(policy: Policy, forced: str) -> None:
    broken = replace(BROKEN, policy=policy)
    missed = replace(broken, failed=None)
    shown = (reports.of_incident(broken, MessageKind.REMINDER), reports.of_incident(missed, MessageKind.ALERT))
    assert [each.command for each in shown] == [f"cronmend rerun {BROKEN.job}{forced}"] * 2
    assert reports.of_incident(missed, MessageKind.RECOVERED).command == ""


def test_an_alert_says_what_comes_next_and_when() -> None:
    planned = replace(RACE, planned=PlannedRerun(2, later(6)))
    report = reports.of_incident(planned, MessageKind.ALERT, outlook.held(planned))
    assert report.what_happens == (
        "Cronmend held this alert while it tried to heal the job. The deadline passed before the job recovered. "
        "Run 2 of 4 is planned for 11:07 UTC."
    )
    assert report.status == "run 2 of 4 planned for 11:07 UTC"
    assert ALERT.what_happens.endswith(
        "Cronmend won't re-run it: without a deploy, a re-run would fail the same way. The schedule continues."
    )


@pytest.mark.parametrize(
    ("kind", "status", "headline"),
    [
        (MessageKind.HEALED, "healed by run 3 of 4", "publish-scheduled healed: "),
        (
            MessageKind.RECOVERED,
            "recovered: a later run succeeded",
            "publish-scheduled recovered: failed, a later run succeeded, no one was alerted",
        ),
        (MessageKind.GAVE_UP, "gave up after 2 re-runs", "publish-scheduled still fails after 2 re-runs"),
        (MessageKind.REMINDER, "failed 5 times", "publish-scheduled still fails: 5 runs failed since 11:01 UTC"),
        (MessageKind.HALF_DONE, "deploy half done", "publish-scheduled can't run: the deploy is half done"),
    ],
)
def test_each_kind_has_its_words(kind: MessageKind, status: str, headline: str) -> None:
    report = reports.of_incident(replace(BROKEN, reruns=2, runs=5, healed_by=3), kind, "So it is.")
    assert report.status == status
    assert report.headline.startswith(headline)


def test_who_has_acknowledged_is_where_it_stands() -> None:
    known = replace(BROKEN, acknowledged_by="jane")
    assert reports.standing(known, MessageKind.PROGRESS) == (Stage.ACKNOWLEDGED, "acknowledged by jane")
    assert reports.standing(replace(BROKEN, starting="k", reruns=1), MessageKind.PROGRESS) == (
        Stage.RUNNING,
        "run 2 of 4 is running",
    )


def test_a_group_says_the_cause_once_and_names_as_many_jobs_as_people_read() -> None:
    jobs = [f"g/job-{number:03}" for number in range(300)]
    group = reports.of_group(ALERT, jobs, 0)
    assert group.headline.startswith("300 jobs failed: the database has no column")
    assert (len(group.jobs), group.others, group.jobs[0]) == (40, 260, "g/job-000")
    assert group.command == f"cronmend incidents --cause {ALERT.cause}"
    assert (group.cause, group.excerpt, group.advice) == (
        ALERT.cause,
        ALERT.excerpt,
        ALERT.advice.replace(BROKEN.job, "JOB"),
    )
    assert set(facts(group)) == {"Deploy", "Deploy signal", "Category", "Decided by"}
    severe = reports.decorated(ALERT, "team-web", "", "critical")
    assert set(facts(reports.of_group(severe, jobs, 0))) == {*facts(group), "Severity"}
    assert group.what_happens.startswith("Cronmend handles each job separately. For publish-scheduled: ")
    assert [label for label, _ in group.links] == [
        f"{each} of publish-scheduled" for each in ("Log", "Task", "Schedule")
    ]
    healing = reports.of_group(ALERT, jobs, 212)
    assert healing.headline.startswith("212 of 300 jobs healed")
    assert not healing.is_over
    assert reports.of_group(ALERT, jobs, 300).is_over


def test_a_group_has_the_headline_of_a_first_report_that_does_not_say_what_failed() -> None:
    older = replace(ALERT, what_failed="", headline="it broke", cause="")
    group = reports.of_group(older, ["g/a", "g/b"], 0)
    assert (group.headline, group.command) == ("2 jobs failed: it broke", "")


@pytest.mark.parametrize(
    ("healed", "status", "stage"),
    [
        (0, "2 jobs failed", Stage.FAILED),
        (1, "1 of 2 healed", Stage.FAILED),
        (2, "all healed", Stage.OVER),
    ],
)
def test_a_group_says_how_many_of_its_jobs_are_over(healed: int, status: str, stage: Stage) -> None:
    group = reports.of_group(replace(ALERT, short_headline="a", summary="b"), ["g/a", "g/b"], healed)
    assert (group.kind, group.status, group.stage, group.quiet) == (MessageKind.GROUP, status, stage, False)
    assert (group.short_headline, group.summary) == ("", "")
    assert (group.what_happens == "Each job healed or recovered.") is (healed == 2)
    assert (group.advice == "No action needed.") is (healed == 2)


def test_many_causes_claim_none() -> None:
    many = reports.of_many(ALERT, ["g/a", "g/b"], 0)
    assert "different causes" in many.headline
    assert (many.cause, many.excerpt, many.links, many.facts) == ("", (), (), ())
    assert (many.command, many.status) == ("cronmend incidents", "2 jobs failed")
    assert many.advice == "Look for a common cause first: many jobs failed at once."
    assert many.what_happens == "Cronmend recorded each failure and handles each job separately."
    assert reports.of_many(ALERT, ["g/a", "g/b"], 1).headline == "1 of 2 jobs healed; their causes differ"
    again = [reports.of_many(ALERT, ["g/a", "g/b"], healed, failures=3).headline for healed in (0, 1)]
    assert again == [
        "2 jobs failed 3 times within a few minutes, with different causes",
        "1 of 2 jobs healed after 3 failures; their causes differ",
    ]


def test_endings_are_one_quiet_line() -> None:
    ended = reports.of_endings([f"g/{number}" for number in range(12)])
    assert ended.headline.startswith("12 jobs healed or recovered: 0, 1")
    assert ended.headline == "12 jobs healed or recovered: 0, 1, 10, 11, 2 and 7 more"
    assert (ended.quiet, ended.kind, ended.job) == (True, MessageKind.GROUP, "12 jobs")
    assert (ended.severity, ended.status, ended.stage) == ("info", "all healed", Stage.OVER)
    assert (reports.of_endings(["g/a"]).job, reports.of_endings(["g/a"]).advice) == ("g/a", "No action needed.")
    assert reports.of_endings(["g/a"]).headline == "1 job healed or recovered: a"


def test_an_escalation_is_the_alert_once_more() -> None:
    escalation = reports.of_escalation(ALERT, timedelta(minutes=30))
    assert escalation.headline == f"No one acknowledged in 30 min: {ALERT.headline}"
    assert (escalation.kind, escalation.excerpt) == (MessageKind.ESCALATION, ALERT.excerpt)
    assert (escalation.stage, escalation.status) == (Stage.FAILED, "not acknowledged for 30 min")


def test_an_escalation_is_about_a_failure_whatever_was_planned_then() -> None:
    planned = replace(ALERT, stage=Stage.PLANNED)
    assert reports.of_escalation(planned, timedelta(minutes=30)).stage is Stage.FAILED


@pytest.mark.parametrize("short", ["", "publish-scheduled failed"])
def test_an_escalation_says_in_each_length_for_how_long_no_one_acknowledged(short: str) -> None:
    """Its shorter forms go on with the alert's own short headline, if that has one."""
    long = "publish-scheduled failed: " + "x" * 120
    escalation = reports.of_escalation(replace(ALERT, headline=long, short_headline=short), timedelta(minutes=30))
    whole = f"No one acknowledged in 30 min: {short or long}"
    lengths = ((escalation.short_headline, headlines.SHORT), (escalation.summary, headlines.SUMMARY))
    assert [text for text, _ in lengths] == [headlines.clipped(whole, most) for _, most in lengths]
    assert escalation.headline == headlines.clipped(f"No one acknowledged in 30 min: {long}")


def test_a_report_is_decorated_once_whoever_does_it_again() -> None:
    once = reports.decorated(ALERT, "team-web", "https://wiki/run", "critical")
    assert facts(once)["Owner"] == "team-web"
    assert (once.severity, once.links[0]) == ("critical", ("Runbook", "https://wiki/run"))
    assert reports.decorated(once, "team-web", "https://wiki/run", "critical") == once
    circuit = reports.of_circuit(BROKEN, 30, "12:00 UTC")
    assert reports.decorated(circuit, "", "", "warning").severity == "critical"


def test_a_canary_says_that_nothing_has_happened() -> None:
    canary = reports.canary(NOW)
    assert canary.what_happens == (
        "This is a test; nothing is wrong. If these messages stop arriving, check your alert channels."
    )
    assert canary.headline == "Test message from Cronmend, sent at 11:01 UTC"
    assert canary.summary == "Test message, sent at 11:01 UTC. Nothing is wrong."
    known = (canary.kind, canary.severity, canary.status, canary.stage)
    assert known == (MessageKind.CANARY, "info", "test", Stage.TEST)


def test_the_stopped_circuit_is_critical_and_says_how_to_close_it() -> None:
    circuit = reports.of_circuit(BROKEN, 30, "12:00 UTC")
    assert (circuit.job, circuit.status, circuit.stage) == ("all jobs", "stopped until 12:00 UTC", Stage.STOPPED)
    assert circuit.advice == (
        "Look for a common cause: many jobs failed within an hour. To resume re-runs now, run `cronmend circuit close`."
    )
    assert (circuit.severity, circuit.command) == ("critical", "cronmend circuit close")
    assert facts(circuit) == {
        "First job not re-run": BROKEN.job,
        "Limit": "30 re-runs of all jobs in an hour",
    }
    assert circuit.headline == "Cronmend stopped re-running all jobs: the limit of 30 re-runs in an hour is reached"
    assert circuit.summary == (
        "Re-runs stopped for all jobs (30 in an hour). They resume at 12:00 UTC. Look for a common cause."
    )
    assert circuit.what_happens == "Held alerts are sent at their deadlines. Re-runs resume at 12:00 UTC."


@pytest.mark.parametrize(("days", "day"), [(0, False), (1, True)])
def test_a_reminder_says_on_which_day_it_began_if_that_was_another(days: int, day: bool) -> None:
    latest = replace(after(BROKEN, created_at=later(days * 24 * 60)), runs=5)
    headline = reports.of_incident(latest, MessageKind.REMINDER, "").headline
    assert f"{BROKEN.began_at:%H:%M}" in headline
    assert (f"{BROKEN.began_at:%Y-%m-%d}" in headline) is day


def test_people_do_not_read_the_category_before_the_plans_reason() -> None:
    assert not ALERT.what_happens.lower().startswith(BROKEN.category.value)


@pytest.mark.parametrize(("healed", "counts"), [(0, ["3"]), (2, ["2", "3"]), (3, ["3"])])
def test_a_group_counts_its_healed_jobs_apart_only_while_some_are_not(healed: int, counts: list[str]) -> None:
    assert re.findall(r"\d+", headlines.of_group("it broke", 3, healed)) == counts
    assert headlines.of_group("it broke", 3, 3) != headlines.of_group("it broke", 3, 0)


@pytest.mark.parametrize("kind", [each for each in MessageKind if each not in ALERTS | {MessageKind.REMINDER}])
def test_only_an_alert_or_a_reminder_says_how_often_it_was_run_again(kind: MessageKind) -> None:
    none, two = (reports.of_incident(replace(BROKEN, reruns=made), kind, "so it is") for made in (0, 2))
    assert none.what_happens == two.what_happens


@pytest.mark.parametrize("kind", sorted(ALERTS))
def test_an_alert_says_that_it_was_run_again(kind: MessageKind) -> None:
    none, two = (reports.of_incident(replace(BROKEN, reruns=made), kind, "so it is") for made in (0, 2))
    assert none.what_happens != two.what_happens
