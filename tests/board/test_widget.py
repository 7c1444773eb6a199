"""The board as a custom widget: what the dashboard does with each element that a button or a name is followed by."""

import json
from copy import replace
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from cli.board import sample, sample_records
from cronmend.board.build import Query, build
from cronmend.board.html.job_page import job_fragment
from cronmend.board.html.page import Theme, fragment
from cronmend.board.html.widget import DashboardLinks, answer, widget
from cronmend.model.presses import Button
from tests.board.test_html import HOSTILE, Reader, hostile

BOARD, ACTION = (
    f"arn:aws:lambda:eu-west-2:111122223333:function:cronmend-{name}" for name in ("job-board", "board-action")
)
LINKS = DashboardLinks(BOARD, ACTION)


@dataclass
class Call:
    """A ``<cwdb-action>``, with the element before it."""

    before: str
    attributes: dict[str, str | None]
    content: str = ""

    @property
    def given(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.content)
        return found


@dataclass
class Dashboard(HTMLParser):
    """Reads a widget as CloudWatch's documentation says that a dashboard does."""

    calls: list[Call] = field(default_factory=list)
    _last: str = ""
    _text: str = ""
    _inside: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        if name == "cwdb-action":
            self._inside = True
            self.calls.append(Call(f"{self._last} {self._text}".strip(), dict(attrs)))
        elif name == "button":
            self._text = ""

    def handle_endtag(self, name: str) -> None:
        self._inside = self._inside and name != "cwdb-action"
        self._last = name

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.calls[-1].content += data
        else:
            self._text += data


def calls(page: str) -> list[Call]:
    read = Dashboard()
    read.feed(page)
    return read.calls


def board(query: Query | None = None) -> str:
    return widget(fragment(build(sample.facts(), query), LINKS, query))


def job_page(incident: str = "") -> str:
    records = sample_records.records()
    if incident:
        (first, *_) = records.incidents
        bug = sample.facts().states[sample.job_id("charge-tickets")].incident
        assert bug
        records = replace(records, incidents=(replace(bug, id=incident, job=first.job),))
    return widget(job_fragment(build(sample.facts(), Query(job=records.job)), records, LINKS))


def test_a_job_opens_its_page_in_a_popup() -> None:
    (found,) = (each for each in calls(board()) if each.before == "button send-report")
    assert found.given == {"job": sample.job_id("send-report")}
    assert found.attributes == {"action": "call", "display": "popup", "endpoint": BOARD}


def test_a_filter_replaces_the_board_and_keeps_what_is_searched_for() -> None:
    found = {each.before: each for each in calls(board(Query("e", state="failed")))}
    assert found["button Failed 1"].given == {"find": "e", "state": "failed"}
    assert found["button All 16"].given == {"find": "e"}
    assert found["button Find"].given == {"state": "failed"}
    assert "display" not in found["button Find"].attributes


def test_every_call_follows_a_button_and_nothing_sends_a_form() -> None:
    for page in (board(), job_page("a1")):
        assert {each.before.split()[0] for each in calls(page)} == {"button"}
        assert not {"form", "a"} & {name for name, attributes in Reader(page).found if "href" not in attributes}
        assert 'class="cwdb-no-default-styles"' in page


def test_each_action_asks_first_and_calls_the_other_function() -> None:
    found = [each for each in calls(job_page("a1")) if each.attributes["endpoint"] == ACTION]
    assert [each.given["button"] for each in found] == [each.value for each in Button]
    assert {each.given["incident"] for each in found} == {"a1"}
    assert {each.attributes["display"] for each in found} == {"popup"}
    assert all("publish-scheduled" in str(each.attributes["confirmation"]) for each in found)


def test_without_an_open_incident_there_is_nothing_to_acknowledge() -> None:
    found = [each.given for each in calls(job_page()) if each.attributes["endpoint"] == ACTION]
    assert [each["button"] for each in found] == ["cronmend_rerun", "cronmend_mute"]
    assert not [each for each in found if "incident" in each]


def test_a_name_from_elsewhere_calls_nothing_else() -> None:
    page = widget(fragment(build(hostile()), LINKS))
    assert {each.attributes["endpoint"] for each in calls(page)} == {BOARD}
    assert f"g/{HOSTILE}" in {each.given.get("job") for each in calls(page)}
    raw = [part.partition("</cwdb-action>")[0].partition(">")[2] for part in page.split("<cwdb-action")[1:]]
    assert not [each for each in raw if set("<>&") & set(each)]


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_an_answer_keeps_its_lines_and_shows_code(theme: Theme) -> None:
    page = answer("x/a: not run.\n• policy: never\n`cronmend rerun x/a --force` overrides <b>.", theme)
    assert page.count("<p>") == 3
    assert "<p><code>cronmend rerun x/a --force</code> overrides &lt;b&gt;.</p>" in page
    assert f'class="cm cm-{theme.value}"' in page
