"""A job's page: its latest incident as a story."""

import re
from copy import replace
from datetime import timedelta

from cli.board import sample, sample_records
from cli.board.sample import NOW, job_id
from cronmend.board.build import Query, build
from cronmend.board.html.job_page import job_fragment
from cronmend.board.html.links import NoLinks
from cronmend.board.model import State
from cronmend.board.states import Job, standing
from cronmend.board.story import Kind, Records, Story, earlier, story
from cronmend.model import Category, DeployWindow, WindowState
from cronmend.model.incident import Incident, IncidentState, JobState
from cronmend.model.wakeups import ReleaseTimer
from tests.board.test_html import HOSTILE, Reader


def told(records: Records | None = None) -> Story:
    found = story(records or sample_records.records(), NOW)
    assert found is not None
    return found


def of(incident: Incident) -> Records:
    return Records(incident.job, (incident,))


def test_what_happened_is_told_in_the_order_of_time() -> None:
    assert [(f"{each.at:%H:%M:%S}", each.kind, each.what) for each in told().moments] == [
        ("14:02:10", Kind.DEPLOY, "A deploy started"),
        ("14:05:11", Kind.FAILED, "Run 1 failed, 9 s after its creation"),
        ("14:05:14", Kind.CRONMEND, "Cronmend planned a re-run"),
        ("14:09:02", Kind.CRONMEND, "Cronmend ran the job again"),
        ("14:09:31", Kind.SUCCEEDED, "Run 2 succeeded, 29 s after its creation"),
    ]
    assert told().moments[3].why == (
        "The migration task ended with exit code 0. Every guard agreed: run 2 of 4, policy safe."
    )


def test_it_shows_the_line_that_decided_and_who_was_notified() -> None:
    found = told()
    assert found.marked is not None
    assert found.excerpt[found.marked].endswith("column pages_page.embargo_until does not exist")
    assert found.decided == "deploy_race, rule sql.undefined-column"
    assert [(each.channel, each.answer) for each in found.sent] == [("events", "sent"), ("slack", "sent")]
    assert [text for text, _ in found.links] == ["Log in CloudWatch", "Task in ECS"]


def test_of_an_open_incident_it_says_what_comes_next() -> None:
    found = told(of(sample.waiting()))
    assert [(each.what, each.why) for each in found.moments[-2:]] == [
        ("Run 2 of 4 is planned", "In 5 min. Earlier if the deploy ends before."),
        ("The alert is held until then", "In 60 min. It is sent unless the job heals."),
    ]
    assert found.title.endswith("; open")


def test_a_run_that_a_person_asked_for_names_the_person() -> None:
    records = sample_records.records()
    asked = replace(records, attempts=(replace(records.attempts[0], by="Ann", window=None),))
    assert ("Ann ran the job", "") in [(each.what, each.why) for each in told(asked).moments]


def test_an_incident_that_another_run_ended_says_so() -> None:
    records = sample_records.records()
    over = replace(records.incidents[0], state=IncidentState.RECOVERED)
    assert told(of(over)).title == "14:05: it failed during a deploy; a later run succeeded"


def test_a_job_without_an_incident_has_no_story() -> None:
    assert story(Records(job_id("send-report")), NOW) is None
    text = html(Records(job_id("send-report")))
    assert "This job has had no incident that is still on record." in text
    assert "cronmend rerun cronmend-jobs/send-report" in text


def html(records: Records) -> str:
    return job_fragment(build(sample.facts(), Query(job=records.job)), records, NoLinks())


def test_the_page_is_well_formed_and_text_from_elsewhere_is_only_text() -> None:
    records = sample_records.records()
    incident = records.incidents[0]
    hostile = replace(incident, diagnosis=replace(incident.diagnosis, excerpt=(HOSTILE,), rule=HOSTILE))
    text = html(replace(records, incidents=(hostile, *records.incidents[1:])))
    found = Reader(text).found
    assert not {"script", "iframe"} & {name for name, _ in found}
    assert [str(each.get("href"))[:8] for name, each in found if name == "a"] == ["https://"] * 2
    assert "19 Nov: it failed during a deploy; healed by a re-run" in text


def test_undelivered_messages_are_named() -> None:
    records = sample_records.records()
    ((message, _),) = records.messages
    unsent = told(replace(records, messages=((message, {}),)))
    assert [(each.channel, each.answer) for each in unsent.sent] == [("", "not offered to a channel yet")]


def test_a_held_alert_is_said_to_be_held() -> None:
    records = sample_records.records()
    run = next(each for each in records.runs if each.category is not Category.SUCCESS)
    release = ReleaseTimer(run.job, run.incident, run.stopped_at)
    held = replace(run, action="alert", timers=(release,))
    whats = [each.what for each in told(replace(records, runs=(held,))).moments]
    assert "Cronmend held the alert" in whats


def test_a_job_whose_rerun_a_person_stopped_has_failed_and_its_alert_is_held() -> None:
    waits = replace(sample.waiting(), planned=None, no_rerun="run 2 was stopped on purpose")
    row = standing(Job(waits.job, JobState(waits.job, incident=waits), None, None, None, None), NOW)
    assert row.state is State.FAILED
    assert row.detail.endswith("Alert held until 17:22.")


def test_an_earlier_incident_is_told_from_its_own_runs() -> None:
    (found,) = earlier(sample_records.records(), NOW)
    assert found.title.startswith("19 Nov: ")
    assert [(f"{each.at:%d %H:%M:%S}", each.kind) for each in found.moments] == [
        ("19 14:02:10", Kind.DEPLOY),
        ("19 14:05:11", Kind.FAILED),
        ("19 14:05:14", Kind.CRONMEND),
        ("19 14:09:31", Kind.SUCCEEDED),
    ]


def test_an_earlier_incident_opens_without_javascript_and_one_without_a_moment_is_a_line() -> None:
    records = sample_records.records()
    assert html(records).count("<details") == 1
    latest, before = records.incidents
    silent = replace(before, id="gone", diagnosis=replace(before.diagnosis, window=DeployWindow(WindowState.CLOSED)))
    page = html(replace(records, incidents=(latest, silent)))
    assert "<details" not in page
    assert '<p class="before soft">19 Nov: ' in page


def test_a_moment_names_its_day_if_that_is_not_the_storys() -> None:
    records = sample_records.records()
    second, *others = records.runs
    late = replace(second, stopped_at=second.stopped_at + timedelta(days=1))
    page = html(replace(records, runs=(late, *others)))
    assert '<time class="soft">28 Nov<br>14:09:31</time>' in page
    assert '<time class="soft">14:05:11</time>' in page


def test_the_deploy_that_broke_the_job_is_shown_with_this_job_first() -> None:
    page = html(sample_records.records())
    section = page.partition("The deploy that mattered")[2].partition("</section>")[0]
    assert "webapp:57, 14:02 to 14:08. It broke 3 jobs." in section
    assert section.index("publish-scheduled") < section.index("import-orders")


def test_a_job_that_no_deploy_broke_shows_none() -> None:
    records = replace(sample_records.records(), job=job_id("send-report"))
    assert "The deploy that mattered" not in html(records)


def test_about_every_sixth_run_of_the_strip_has_its_time() -> None:
    page = html(sample_records.records())
    axis = page.partition('<div class="hours">')[2].partition("</div>")[0]
    assert re.findall(">([^<]+)</span>", axis) == ["Thu 16:05", "Thu 22:05", "04:05", "10:05", "16:05"]
