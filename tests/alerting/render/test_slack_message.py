"""Reports in Slack's form: within every limit, and with log text that can't act."""

import json
import re
from collections.abc import Callable
from copy import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from cronmend.alerting import details, render, reports
from cronmend.alerting.render.slack_fitting import MAX_BLOCKS, MAX_TOTAL, Part, fitting
from cronmend.alerting.render.slack_parts import SECTION, VALUE
from cronmend.model import Category
from cronmend.model.report import ALERTS, ENDINGS, Fact, FactKey, MessageKind, Report, Stage
from local.slack_blocks import problem

REPORT = Report(
    kind=MessageKind.ALERT,
    job="cronmend-jobs/publish-scheduled",
    headline="publish-scheduled failed: the database has no column home_homepage.summary",
    category=Category.SCHEMA_MISMATCH,
    what_happens="No re-run: a later run would end the same way.",
    facts=(details.fact(FactKey.DEPLOY, "none"), details.fact(FactKey.TASK, "a1")),
    excerpt=("Traceback (most recent call last):", "ProgrammingError: column x does not exist"),
    advice="run the migration",
    incident="a1",
    cause="c1",
    status="failed",
    links=(("Log", "https://eu-west-2.console.aws.amazon.com/x?a=1&b=2"),),
    command="cronmend why a1",
)
HOSTILE = ("<!channel> <@U123> <#C1> <http://evil|click>", "``` *bold* _it_ ~no~ `code` :bomb:", "```", "&lt;!here&gt;")
ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=400)
LONG = st.one_of(
    ANY, st.sampled_from(["&", "<", '"', "\\", "ü", "`", "😀", "\x1b", "```", "<!channel>"]).map(lambda s: s * 4_000)
)


def texts(value: Any) -> list[dict[str, Any]]:
    """Every text object of a message."""
    if isinstance(value, list):
        return [found for each in value for found in texts(each)]
    if not isinstance(value, dict):
        return []
    own = [value] if value.get("type") in {"mrkdwn", "plain_text"} else []
    return own + [found for each in value.values() for found in texts(each)]


def section_of(message: dict[str, Any], word: str) -> dict[str, Any]:
    return next(block for block in message["blocks"] if word in json.dumps(block, ensure_ascii=False))


def test_an_alert_reads_from_the_cause_down() -> None:
    blocks = render.slack(REPORT)["blocks"]
    kinds = ["context", "header", "section", "section", "section", "section", "context"]
    assert [block["type"] for block in blocks] == kinds
    assert blocks[0]["elements"][1]["text"] == "failed · error · schema_mismatch"
    assert blocks[1]["text"]["text"] == REPORT.headline
    assert "run the migration" in blocks[3]["text"]["text"]
    assert blocks[4]["text"]["text"].startswith("```\nTraceback")
    assert blocks[6]["elements"][0]["text"] == "<https://eu-west-2.console.aws.amazon.com/x?a=1&amp;b=2|Log>"
    assert blocks[6]["elements"][1]["text"] == "`cronmend why a1`"


def test_an_update_shows_where_it_stands() -> None:
    healed = render.slack(
        reports.with_status(REPORT, Stage.HEALED, "healed after 2 attempts"), buttons=True, mention="<!here>"
    )
    assert healed["blocks"][0]["elements"][0]["text"] == ":white_check_mark:"
    assert healed["blocks"][0]["elements"][1]["text"].startswith("healed after 2 attempts")
    assert all(block["type"] != "actions" for block in healed["blocks"])
    assert "<!here>" not in healed["text"]
    shown = json.dumps(healed)
    assert "What happened:" in shown
    assert not any(gone in shown for gone in ("What happens now", "What to do"))


@pytest.mark.parametrize("kind", [MessageKind.HEALED, MessageKind.RECOVERED])
def test_good_news_is_one_quiet_line(kind: MessageKind) -> None:
    message = render.slack(replace(REPORT, kind=kind, quiet=True), buttons=True, mention="<!here>")
    assert [block["type"] for block in message["blocks"]] == ["context"]
    assert "<!here>" not in json.dumps(message)
    assert [block["type"] for block in render.slack(reports.of_endings(["g/a", "g/b"]))["blocks"]] == ["context"]


@pytest.mark.parametrize("kind", [*sorted(ENDINGS), MessageKind.FINDING])
def test_a_quiet_line_has_the_headline_and_the_advice_and_no_story_that_the_headline_tells(kind: MessageKind) -> None:
    told = replace(REPORT, kind=kind, quiet=True, headline="It is so", what_happens="It was so.", advice="Do this.")
    (block, *_) = render.slack(told)["blocks"]
    line = block["elements"][-1]["text"]
    assert line.endswith("It is so. Do this." if kind in ENDINGS else "It is so. It was so. Do this.")


@pytest.mark.parametrize(
    ("without", "heading"),
    [(replace(REPORT, advice=""), "What to do"), (replace(REPORT, what_happens=""), "What happens now")],
)
def test_what_is_not_known_has_no_heading(without: Report, heading: str) -> None:
    assert heading in json.dumps(render.slack(REPORT))
    assert heading not in json.dumps(render.slack(without))


def test_ten_mentions_are_more_than_enough() -> None:
    people = [f"<@U{number}>" for number in range(11)]
    text = render.slack(REPORT, mention=" ".join(people))["text"]
    assert [each in text for each in people] == [True] * 10 + [False]


def test_buttons_say_which_incident_they_are_about() -> None:
    elements = render.slack(REPORT, buttons=True)["blocks"][-1]["elements"]
    assert [each["action_id"] for each in elements] == ["cronmend_ack", "cronmend_rerun", "cronmend_mute"]
    assert {each["value"] for each in elements} == {'{"job":"cronmend-jobs/publish-scheduled","incident":"a1"}'}
    known = render.slack(reports.with_status(REPORT, Stage.ACKNOWLEDGED, "acknowledged by jane"), buttons=True)[
        "blocks"
    ][-1]
    assert [each["action_id"] for each in known["elements"]] == ["cronmend_rerun", "cronmend_mute"]
    group = render.slack(reports.of_group(REPORT, ["g/a", "g/b"], 0), buttons=True)
    assert all(block["type"] != "actions" for block in group["blocks"])


@pytest.mark.parametrize("kind", MessageKind)
def test_only_what_asks_people_to_act_calls_them(kind: MessageKind) -> None:
    message = render.slack(replace(REPORT, kind=kind, quiet=kind in ENDINGS), mention="<!subteam^S0123ABCD>")
    others = (MessageKind.GROUP, MessageKind.ESCALATION, MessageKind.CIRCUIT, MessageKind.ALARM, MessageKind.FINDING)
    calls = kind in ALERTS | {*others}
    assert ("<!subteam^S0123ABCD>" in json.dumps(message["blocks"])) == calls
    assert message["text"].startswith("<!subteam^S0123ABCD>") == calls


def test_a_mention_is_nothing_but_a_mention() -> None:
    assert "evil" not in json.dumps(render.slack(REPORT, mention="<http://evil|x> <@U1A> *hello*"))


def test_text_from_logs_can_neither_mention_nor_link_nor_format_nor_leave_its_fence() -> None:
    for line in HOSTILE:
        report = replace(
            REPORT, headline=line, what_happens=line, advice=line, excerpt=HOSTILE, status=line,
            facts=(Fact(FactKey.LINE, line, line),),
            command=line, jobs=(line,), links=((line, "https://x.test/|<!channel>"), ("x", "javascript:x")),
        )  # fmt: skip
        for message in (render.slack(report, buttons=True), render.slack_reply(report)):
            body = json.dumps(message, ensure_ascii=False).replace("<https://x.test/%7C&lt;!channel&gt;|", "")
            assert not any(markup in body for markup in ("<!", "<@", "<#", "<http", "javascript"))
            assert not any(inert_is_broken(each) for each in texts(message["blocks"]))


def inert_is_broken(text: dict[str, Any]) -> bool:
    """Whether formatting from outside is live: in mrkdwn, outside code and fences."""
    if text["type"] == "plain_text":
        return ":bomb:" in text["text"]
    shown = text["text"]
    if shown.startswith("```"):
        return bool(shown.count("```") != 2 or not shown.endswith("```"))
    bare = "".join(shown.split("`")[::2])
    return not text["verbatim"] or any(live in bare for live in ("*bold*", "_it_", "~no~", ":bomb:"))


@given(LONG, st.lists(LONG, max_size=30), st.sampled_from(MessageKind), st.booleans(), st.sampled_from(["", "<!here>"]))
def test_slacks_limits_hold_whatever_the_text(
    text: str, lines: list[str], kind: MessageKind, buttons: bool, mention: str
) -> None:
    facts = tuple(Fact(FactKey.LINE, line[:50], line) for line in lines)
    links = tuple((line, f"https://x.test/{line}") for line in lines)
    report = Report(
        kind, text, text, Category.UNKNOWN, text, facts, tuple(lines), text, text, text, text, text, links, text,
        tuple(lines), 7, mention,
    )  # fmt: skip
    for message in (render.slack(report, buttons=buttons, mention=mention), render.slack_reply(report)):
        json.dumps(message).encode()
        assert problem(message) == ""
        assert len(message["blocks"]) <= MAX_BLOCKS
        assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= MAX_TOTAL + 2
        for block in Block.parse_all(message["blocks"]):
            block.validate_json()
        assert all(1 <= len(each["text"]) <= SECTION for each in texts(message["blocks"]))


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_each_part_is_cut_at_its_limit_and_not_before(over: int) -> None:
    header = render.slack(replace(REPORT, headline="x" * (150 + over)))["blocks"][1]["text"]["text"]
    assert (len(header), header.endswith("…")) == (150 + min(over, 0), over > 0)
    value = len(render.slack(REPORT, buttons=True)["blocks"][-1]["elements"][0]["value"])
    job = "j" * (VALUE - value + len(REPORT.job) + over)
    buttons = [
        each for each in render.slack(replace(REPORT, job=job), buttons=True)["blocks"] if each["type"] == "actions"
    ]
    assert bool(buttons) == (over <= 0)
    address = "https://x.test/".ljust(SECTION - len("<|L>") + over, "a")
    assert (address in json.dumps(render.slack(replace(REPORT, links=(("L", address),))))) == (over <= 0)


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        pytest.param(900, lambda text: render.slack(replace(REPORT, headline=text)), id="headline"),
        pytest.param(600, lambda text: render.slack_reply(replace(REPORT, headline=text)), id="reply"),
        pytest.param(1_200, lambda text: render.slack(replace(REPORT, advice=text)), id="advice"),
        pytest.param(2_400, lambda text: render.slack(replace(REPORT, excerpt=(text,))), id="excerpt"),
        pytest.param(300, lambda text: render.slack(replace(REPORT, command=text)), id="command"),
        pytest.param(300, lambda text: render.slack(replace(REPORT, jobs=(text,))), id="job"),
        pytest.param(300, lambda text: render.slack(with_fact("Deploy", text)), id="fact"),
        pytest.param(75, lambda text: render.slack(with_fact(text, "none")), id="label"),
    ],
)
def test_a_text_is_shown_up_to_its_length_and_a_longer_one_ends_in_an_ellipsis(
    limit: int, shown: Callable[[str], dict[str, Any]]
) -> None:
    whole = "x" * limit
    assert whole in json.dumps(shown(whole)["blocks"])
    longer = json.dumps(shown(f"{whole}x")["blocks"], ensure_ascii=False)
    assert f"{whole[1:]}…" in longer
    assert whole not in longer


def with_fact(label: str, value: str) -> Report:
    return replace(REPORT, facts=(Fact(FactKey.DEPLOY, label, value),))


@pytest.mark.parametrize("over", [0, 1])
def test_a_notification_is_cut_at_the_length_that_slack_allows(over: int) -> None:
    text = render.slack(replace(REPORT, headline="x" * (3_000 - len(":red_circle: ") + over)))["text"]
    assert (len(text), text.endswith("…")) == (3_000, bool(over))


@pytest.mark.parametrize("count", [MAX_BLOCKS - 1, MAX_BLOCKS, MAX_BLOCKS + 1])
def test_the_least_important_blocks_are_left_out(count: int) -> None:
    parts = [Part(number % 2, {"type": "divider", "n": number}) for number in range(count)]
    kept = [block["n"] for block in fitting(parts)]
    assert len(kept) == min(count, MAX_BLOCKS)
    assert kept == sorted(kept)
    assert set(range(0, count, 2)) <= set(kept)


@pytest.mark.parametrize("over", [0, 1])
def test_all_blocks_together_stay_below_the_undocumented_bound(over: int) -> None:
    block = {"type": "x" * (MAX_TOTAL // 2 - len('{"type": ""}') - 2)}
    last = {"type": block["type"] + "x" * over}
    assert len(fitting([Part(0, block), Part(1, last)])) == 2 - over


def test_links_are_left_out_before_facts() -> None:
    facts = tuple(details.fact(key, "<" * 290) for key in (FactKey.DEPLOY, FactKey.IMAGE, FactKey.ATTEMPT))
    links = tuple((f"l{number}", f"https://x.test/{number}".ljust(270, "a")) for number in range(10))
    wide: dict[str, Any] = {"headline": "<" * 900, "what_happens": "<" * 1_200, "advice": "<" * 1_200}
    wide |= {"jobs": tuple("<" * 290 for _ in range(9)), "excerpt": ("<" * 2_400,)}
    shown = json.dumps(render.slack(replace(REPORT, facts=facts, links=links, **wide)))
    assert all(f"*{each.label}*" in shown for each in facts)
    assert "|l0>" not in shown


def test_facts_are_left_out_before_jobs_and_advice() -> None:
    """Quotation marks count twice in a message's size."""
    facts = tuple(details.fact(key, '"' * 290) for key in (FactKey.DEPLOY, FactKey.IMAGE, FactKey.ATTEMPT))
    wide: dict[str, Any] = {"headline": '"' * 900, "what_happens": '"' * 1_200, "advice": '"' * 1_200}
    report = replace(REPORT, facts=facts, jobs=tuple('"' * 290 for _ in range(6)), **wide)
    shown = json.dumps(render.slack(report), ensure_ascii=False)
    assert all(each in shown for each in ("What happens now", "What to do", "• `"))
    assert "*Deploy*" not in shown


@pytest.mark.parametrize(
    ("advice", "formatted"),
    [
        ("run `cronmend why a1` again", True),
        ("run the migration", True),
        ("it said ` and no more", False),
        ("see *this*", False),
    ],
)
def test_only_our_own_words_have_code_in_them(advice: str, formatted: bool) -> None:
    """A tick without another one, or one from outside, would format what follows."""
    shown = section_of(render.slack(replace(REPORT, advice=advice)), "What to do")
    assert shown["text"]["type"] == ("mrkdwn" if formatted else "plain_text")
    happens = section_of(render.slack(replace(REPORT, what_happens=advice)), "What happens now")
    assert happens["text"]["type"] == ("mrkdwn" if formatted and "`" not in advice else "plain_text")


def test_a_tick_in_code_is_an_apostrophe() -> None:
    shown = render.slack(replace(REPORT, command="cronmend why `a1`"))["blocks"][-1]
    assert shown["elements"][-1]["text"] == "`cronmend why 'a1'`"


def test_a_message_shows_three_facts_and_the_owner_in_its_first_line() -> None:
    facts = tuple(details.fact(key, "told") for key in FactKey)
    blocks = render.slack(replace(REPORT, facts=facts))["blocks"]
    (fields,) = [block["fields"] for block in blocks if "fields" in block]
    assert [each["text"] for each in fields] == ["*Deploy*\ntold", "*Deploy then*\ntold", "*Image*\ntold"]
    assert blocks[0]["elements"][1]["text"] == "failed · error · schema_mismatch · owner: told"


def test_a_long_excerpt_keeps_the_marked_line_and_its_end() -> None:
    lines = ("before", "→ KeyError: x", "pointer", *(f"frame {number}" for number in range(9)), "the end")
    shown = section_of(render.slack(replace(REPORT, excerpt=lines)), "KeyError")["text"]["text"]
    frames = [f"frame {number}" for number in range(5, 9)]
    assert shown.split("\n")[1:-1] == ["→ KeyError: x", "pointer", "…", *frames, "the end"]
    last = (*lines[3:], "→ ValueError: y")
    shown = section_of(render.slack(replace(REPORT, excerpt=last)), "ValueError")["text"]["text"]
    assert shown.split("\n")[1:-1] == list(last[-8:])
    cut = (*lines[:-5], "…", *lines[-4:])
    assert section_of(render.slack(replace(REPORT, excerpt=cut)), "KeyError")["text"]["text"].count("…") == 1


def test_one_line_that_is_longer_than_an_excerpt_is_cut() -> None:
    shown = section_of(render.slack(replace(REPORT, excerpt=("before", "KeyError " + "x" * 5_000))), "KeyError")
    text = shown["text"]["text"]
    assert text.startswith("```\nKeyError xx")
    assert text.endswith("x…\n```")


def test_the_error_at_the_end_of_an_excerpt_is_kept() -> None:
    lines = tuple(f"{number} {'x' * 400}" for number in range(19))
    message = render.slack(replace(REPORT, excerpt=(*lines, "KeyError: the end")))
    fence = section_of(message, "KeyError: the end")["text"]["text"]
    assert fence.endswith("KeyError: the end\n```")
    assert lines[0] not in fence


def test_a_groups_list_counts_what_it_does_not_name() -> None:
    group = reports.of_group(REPORT, [f"group/job-{number}" for number in range(300)], 0)
    listed = section_of(render.slack(group), "• `group/job-0`")["text"]["text"]
    assert listed.count("•") == 40
    assert listed.endswith("… and 260 more")
    long = section_of(render.slack(replace(group, jobs=tuple("j" * 250 for _ in range(40)))), "more")["text"]["text"]
    assert int(long.rsplit(" ", 2)[-2]) == 300 - long.count("•")


def test_a_thread_is_told_what_is_new_in_one_line() -> None:
    healed = replace(
        REPORT,
        kind=MessageKind.HEALED,
        stage=Stage.HEALED,
        status="healed after 2 attempts",
        what_happens="Run 2 succeeded.",
    )
    (block,) = render.slack_reply(healed)["blocks"]
    assert block["text"]["text"] == ":white_check_mark: Healed after 2 attempts. Run 2 succeeded."
    called = render.slack_reply(replace(REPORT, kind=MessageKind.GAVE_UP, mention="<@U0A>"))
    assert called["blocks"][0]["text"]["text"] == "<@U0A>"


@pytest.mark.parametrize("kind", sorted({*ALERTS, MessageKind.REMINDER, MessageKind.ESCALATION, MessageKind.CANARY}))
def test_a_thread_is_told_by_the_headline_what_the_alert_above_does_not_say(kind: MessageKind) -> None:
    reply = render.slack_reply(replace(REPORT, kind=kind, headline="the headline", status="the status"))
    shown = json.dumps(reply)
    assert "the headline" in reply["text"]
    assert not any(left_out in shown for left_out in ("he status", REPORT.what_happens))


def test_every_kind_has_an_icon_and_the_circuit_one_of_its_own() -> None:
    icons = {kind: render.slack(replace(REPORT, kind=kind))["text"].split()[0] for kind in MessageKind}
    assert all(re.fullmatch(":[a-z_]+:", icon) for icon in icons.values())
    assert list(icons.values()).count(icons[MessageKind.CIRCUIT]) == 1


@given(st.text(alphabet="&<>ab", max_size=60), st.integers(min_value=6, max_value=40))
def test_a_cut_never_splits_an_escaped_character(text: str, limit: int) -> None:
    cut = render.clip(render.inert(text), limit)
    assert len(cut) <= limit
    rest = cut.removesuffix("…")
    for entity in ("&amp;", "&lt;", "&gt;"):
        rest = rest.replace(entity, "")
    assert "&" not in rest


def test_an_end_has_what_had_failed_in_small_print() -> None:
    keys = (FactKey.FAILED_WITH, FactKey.DEPLOY_THEN, FactKey.ALERT, FactKey.JOB)
    report = replace(
        REPORT, kind=MessageKind.HEALED, quiet=True, facts=tuple(details.fact(key, f"_{key}_") for key in keys)
    )
    small = render.slack(report)["blocks"][1]["elements"]
    shown = "Failed with: _failed_with_ · Deploy then: _deploy_then_"
    assert small == [{"type": "plain_text", "text": shown, "emoji": False}]


def test_a_reply_is_plain_text_with_an_icon() -> None:
    """Only Cronmend's own icon is an emoji: the line's have been broken up."""
    (block,) = render.slack_reply(replace(REPORT, headline="it said :bomb:"))["blocks"]
    assert (block["type"], block["text"]["type"], block["text"]["emoji"]) == ("section", "plain_text", True)
    assert block["text"]["text"].startswith(":red_circle: it said :\u200b")


def test_a_headline_that_fits_is_said_once() -> None:
    assert json.dumps(render.slack(replace(REPORT, headline="x" * 150))["blocks"]).count("xxx") == 50
    longer = render.slack(replace(REPORT, headline="x" * 151))["blocks"]
    assert [block["type"] for block in longer[:3]] == ["context", "header", "section"]
    assert longer[2]["text"]["text"] == "x" * 151


@pytest.mark.parametrize(
    ("value", "shown"), [("`", "`'`"), ("a:b", "a:b"), ("*bold*", "`*bold*`"), ("web_1", "web_1"), ("_it_", "`_it_`")]
)
def test_a_fact_that_slack_would_format_is_code(value: str, shown: str) -> None:
    message = render.slack(replace(REPORT, facts=(Fact(FactKey.DEPLOY, "Deploy", value),)))
    (fields,) = [block["fields"] for block in message["blocks"] if "fields" in block]
    assert fields == [{"type": "mrkdwn", "text": f"*Deploy*\n{shown}", "verbatim": True}]


def test_a_fact_without_a_value_is_left_out() -> None:
    facts = (Fact(FactKey.DEPLOY, "Deploy", " \n "), Fact(FactKey.SLOT, "Slot", "11:00"))
    (fields,) = [block["fields"] for block in render.slack(replace(REPORT, facts=facts))["blocks"] if "fields" in block]
    assert [each["text"] for each in fields] == ["*Slot*\n11:00"]


def test_a_fact_of_control_characters_takes_the_place_of_no_other() -> None:
    told = tuple(details.fact(key, "told") for key in (FactKey.IMAGE, FactKey.ATTEMPT, FactKey.SLOT))
    report = replace(REPORT, facts=(Fact(FactKey.DEPLOY, "Deploy", "\x07"), *told))
    (fields,) = [block["fields"] for block in render.slack(report)["blocks"] if "fields" in block]
    assert [each["text"] for each in fields] == [f"*{each.label}*\ntold" for each in told]


@pytest.mark.parametrize("address", ["https://x.test/", "http://x.test/"])
def test_a_link_leads_to_a_web_page(address: str) -> None:
    assert f"<{address}|L>" in json.dumps(render.slack(replace(REPORT, links=(("L", address),))))


@pytest.mark.parametrize("address", ["javascript:x", "ftp://x.test/", "", "https://x.test/\n"])
def test_a_link_that_leads_elsewhere_leaves_no_trace(address: str) -> None:
    web = ("L", "https://x.test/")
    assert render.slack(replace(REPORT, links=(("E", address), web))) == render.slack(replace(REPORT, links=(web,)))


def test_a_group_that_names_all_of_its_jobs_counts_no_others() -> None:
    shown = section_of(render.slack(reports.of_group(REPORT, ["g/a", "g/b"], 0)), "• `g/a`")
    assert shown["text"]["text"] == "• `g/a`\n• `g/b`"
    assert "more" not in json.dumps(render.slack(replace(REPORT, jobs=(), others=3)))


def test_of_an_excerpt_as_many_lines_are_shown_as_fit() -> None:
    """Each takes a line break."""
    lines = ("first", "x" * (2_400 - 1 - len("last") - 1 - len("first") - 1), "last")
    assert "first" in section_of(render.slack(replace(REPORT, excerpt=lines)), "last")["text"]["text"]
    longer = (lines[0], f"{lines[1]}x", lines[2])
    assert "first" not in section_of(render.slack(replace(REPORT, excerpt=longer)), "last")["text"]["text"]


@pytest.mark.parametrize("links", [(), (("L", "https://x.test/"),)])
def test_the_command_is_the_last_line_whether_there_are_links_or_not(links: tuple[tuple[str, str], ...]) -> None:
    blocks = render.slack(replace(REPORT, links=links))["blocks"]
    assert blocks[-1]["elements"][-1]["text"] == "`cronmend why a1`"
    assert "cronmend why" not in json.dumps(render.slack(replace(REPORT, links=links, command=""))["blocks"])


def test_advice_outlives_an_excerpt_and_what_happens_outlives_advice() -> None:
    """Slack bounds a message as a whole: what people need least is left out first."""
    wide: dict[str, Any] = {"excerpt": ("😀" * 2_300,), "jobs": tuple(f"g/{n}{'j' * 200}" for n in range(10))}
    wide |= {"headline": "x" * 900, "what_happens": "<" * 1_200, "advice": "<" * 1_200}
    links = tuple((f"l{n}", f"https://x.test/{n}".ljust(270, "a")) for n in range(10))
    report = replace(REPORT, links=links, **wide)
    shown = json.dumps(render.slack(report, buttons=True), ensure_ascii=False)
    assert all(each in shown for each in ("What happens now", "What to do", "cronmend_ack", "😀😀", "• `g/0"))
    assert "|l1>" not in shown


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("&amp;bcdef", 6, "&amp;…"),
        ("&amp;bcdef", 5, "…"),
        ("a&amp;cdef", 5, "a…"),
        ("a&lt;b&gt;c", 7, "a&lt;b…"),
    ],
)
def test_an_escaped_character_is_cut_whole(text: str, limit: int, cut: str) -> None:
    assert render.clip(text, limit) == cut
