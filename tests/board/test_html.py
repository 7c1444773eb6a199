"""The board as HTML: escaped, without anything from outside, and for readers who don't see it."""

import re
from copy import replace
from html.parser import HTMLParser

import pytest

from cli.board import sample
from cli.board.pictures import job_page
from cronmend.board.build import Query, build
from cronmend.board.facts import Facts
from cronmend.board.html.budgets import bar
from cronmend.board.html.links import NoLinks
from cronmend.board.html.markup import safe, tag
from cronmend.board.html.page import Theme, document, fragment, style, title
from cronmend.jobs.error_budgets import ErrorBudget
from cronmend.jobs.policies import Policies
from cronmend.model.incident import JobState
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from cronmend.model.slos import Slo

HOSTILE = "</style><script>alert(1)</script>\x1b[31m'\"&\u202e"
PAIRS = [("ink", "bg", 4.5), ("soft", "bg", 4.5), ("soft", "wash", 4.5), ("bad", "bg", 4.5), ("warn", "bg", 4.5)]
PAIRS += [("acc", "bg", 3), ("ok", "bg", 3), ("edge", "bg", 3)]


class Reader(HTMLParser):
    """Elements with their attributes, and whether each end tag fits its start tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((name, dict(attrs)))
        if name not in {"input", "meta", "br"}:
            self._open.append(name)

    def handle_startendtag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((name, dict(attrs)))

    def handle_endtag(self, name: str) -> None:
        assert self._open.pop() == name


def html(facts: Facts | None = None) -> str:
    return fragment(build(facts or sample.facts()), NoLinks())


def hostile() -> Facts:
    (timetable, *_), facts = sample.facts().timetables, sample.facts()
    timetable = replace(timetable, job=f"g/{HOSTILE}", expression=f"cron({HOSTILE})")
    (note,), (hold,), (mute,) = facts.deploys, facts.holds, facts.mutes
    return replace(
        facts,
        place=HOSTILE,
        timetables=(timetable, *facts.timetables),
        deploys=(replace(note, key=HOSTILE),),
        holds=(replace(hold, key=HOSTILE),),
        mutes=(replace(mute, reason=HOSTILE, by=HOSTILE),),
        policies=Policies({job: replace(policy, owner=HOSTILE) for job, policy in facts.policies.jobs.items()}),
    )


def test_it_is_well_formed_and_runs_nothing() -> None:
    found = Reader(html()).found
    assert not {"script", "iframe", "link", "use", "image", "img"} & {name for name, _ in found}
    assert not [key for _, attributes in found for key in attributes if key.startswith("on")]


def test_it_needs_no_other_file() -> None:
    assert not re.search(r"url\(|@import|https?:", html())


def test_text_from_elsewhere_is_only_text() -> None:
    found = Reader(html(hostile())).found
    assert "script" not in {name for name, _ in found}
    assert len([name for name, _ in found if name == "style"]) == 1
    assert "\x1b" not in html(hostile())
    assert "\u202e" not in html(hostile())


def test_ids_are_unique() -> None:
    ids = [attributes["id"] for _, attributes in Reader(html()).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_each_picture_has_words() -> None:
    svgs = [attributes for name, attributes in Reader(html()).found if name == "svg"]
    assert all(each.get("aria-label") or each.get("aria-hidden") for each in svgs)
    assert "Last 30 runs of import-orders since Thu 11:03: 28 succeeded, 2 failed and healed; 1 began during" in html()


def test_only_runs_that_were_not_simply_good_are_elements() -> None:
    assert "<title>14:03 failed and healed, by a re-run 6 min later, in a deploy</title>" in html()
    assert html().count("<title>") == sum(
        each.result is not RunResult.SUCCEEDED for row in build(sample.facts()).rows for each in row.bars
    ) + len(["failed", "healed", "missed", "running"])


def test_a_run_of_unknown_length_and_one_that_was_stopped_are_drawn() -> None:
    timetable = sample.facts().timetables[0]
    runs = [PastRun(sample.NOW, RunResult.FAILED), PastRun(sample.NOW.replace(hour=9), RunResult.STOPPED, 5)]
    state = JobState(timetable.job, past=PastRuns.of(runs))
    text = html(Facts(sample.NOW, "here", (timetable,), {timetable.job: state}))
    assert "<title>16:22 failed</title>" in text
    assert "<title>09:22 stopped by hand</title>" in text


def test_the_theme_is_the_readers_or_the_given_one() -> None:
    board = build(sample.facts())
    assert [f'class="cm cm-{each.value}"' in fragment(board, NoLinks(), theme=each) for each in Theme] == [True] * 3


def test_a_page_reloads_itself_only_if_asked() -> None:
    page = document(title(build(sample.facts())), safe("x"), refresh=30)
    assert '<meta http-equiv="refresh" content="30">' in page
    assert "<title>Cronmend: 15 of 16 jobs need nothing from you. One does: charge-tickets</title>" in page
    assert "refresh" not in document("t", safe("x"))


def test_filtered_rows_say_what_was_asked() -> None:
    board = build(sample.facts(), Query(text="<b>", owner="Shop"))
    assert "0 jobs: with “&lt;b&gt;”, of Shop" in fragment(board, NoLinks())
    assert "No job matches." in fragment(board, NoLinks())


def test_an_element_escapes_what_is_not_html() -> None:
    assert tag("a", "<", tag("b", "&"), href='"') == '<a href="&quot;">&lt;<b>&amp;</b></a>'


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "on", "least"), PAIRS)
def test_colors_have_enough_contrast(text: str, on: str, least: float, theme: int) -> None:
    """WCAG 2.2: 4.5 for text, 3 for shapes. A browser checks the page as it is drawn, in test_browser.py."""
    colors = [dict(re.findall(r"--(\w+):(#\w+)", each)) for each in re.findall(r"\{(--bg[^}]*)\}", style())][:2]
    one, other = (_luminance(colors[theme][name]) for name in (text, on))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= least


def _luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * each for each in color[1:])
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("failed", "healed", "fill"),
    [
        (0, 0, ""),
        (2, 1, "linear-gradient(90deg,var(--bad) 0 20%,var(--warn) 0 30%,transparent 0)"),
        (15, 5, "linear-gradient(90deg,var(--bad) 0 75%,var(--warn) 0 100%,transparent 0)"),
    ],
)
def test_a_budgets_bar_is_full_when_it_is_used(failed: int, healed: int, fill: str) -> None:
    drawn = bar(ErrorBudget(Slo(99, 28), 1000, 28, failed, healed))
    assert fill in drawn
    assert ("aria-label" in drawn) is bool(fill)


def test_a_jobs_page_shows_what_used_its_budget() -> None:
    page = job_page(Theme.LIGHT)
    assert "Error budget" in page
    assert "30 % used. 99 % in 28d." in page
    assert "6.7 of about 665 runs may be bad; 4.7 are left." in page
