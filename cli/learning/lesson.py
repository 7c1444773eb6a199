"""A failure → the two files of a lesson: its fixture, and a rule to fill in. Pure."""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cli.diagnosis.labeled import Label
from cli.jobs.toml_text import value as toml
from cli.learning.failure import Failure
from cli.stopped_runs.ending import BadOption
from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.fatal_error.stated_error import flat
from cronmend.diagnosis.rule_fields import FILL_IN
from cronmend.diagnosis.ruleset import Where
from cronmend.model import Category, FatalError
from cronmend.model.categories import RULE_CATEGORIES

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_WORDS_OF_NAME: Final = 5
_LONGEST_EXAMPLE: Final = 400
_SPECIAL: Final = re.compile(r"[\\.^$|?*+()\[\]{}]")

_RULE: Final = """\
# From {source}, {day}. Cronmend's own rules said {said}.
# Replace each {fill_in}, then run `cronmend rules check` with this folder. docs/rules.md explains the fields.
[[rule]]
id = {id}
where = {where}
# What every such failure says, without what differs between runs. Of this one: {suggestion}
pattern = "{fill_in}"
{category}
# What to do if no deploy is in progress, in short sentences.
advice = "{fill_in}"
# Where this error is documented.
source = "{fill_in}"
examples = [{example}]
# A text that looks similar and means something else.
counter_examples = []
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """The text by which a rule can recognize the failure, and the place where rules see it."""

    where: Where
    text: str


@dataclass(frozen=True, slots=True)
class Right:
    """The right answer, as far as the person has given it."""

    category: Category | None = None
    action: Label | None = None

    def __post_init__(self) -> None:
        allowed = (*RULE_CATEGORIES, Category.DEPLOY_RACE)
        if self.category and self.category not in allowed:
            raise BadOption(f"--category: no rule gives {self.category}. Use one of {', '.join(allowed)}.")


def telling(failure: Failure, text: str | None = None) -> Telling:
    """
    Args:
        text: a part of the line that says what happened; by default what decided.

    Raises:
        BadOption: no line of the log has this text, or nothing says what happened.
    """
    if text:
        lines = [line for line in failure.log if text in line]
        if not lines:
            raise BadOption(f"--line: no line of the log has '{text}'. Name a part of the line that tells the cause.")
        return _in_log(lines[-1], failure)
    diagnosis, _ = failure.verdict()
    if diagnosis.fatal_error:
        return Telling(Where.ERROR, _first_line(flat(diagnosis.fatal_error)[-1]))
    said = [line for line in failure.log if line.strip()]
    if said:
        return _in_log(next((line for line in reversed(said) if diagnosis.line in line), said[-1]), failure)
    return Telling(Where.REASON, _reason(failure))


def _in_log(line: str, failure: Failure) -> Telling:
    """The error that the line states; a line that states none is matched as it is."""
    reading = fatal_error.read(failure.log)
    stated = [one.error for one in (*reading.errors, *reading.loose, *reading.survived)]
    texts = [_first_line(error) for whole in stated for error in flat(whole) if error.message.strip()]
    found = next((text for text in texts if text in line or line.strip() in text), None)
    return Telling(Where.ERROR, found) if found else Telling(Where.LINE, line.strip()[:_LONGEST_EXAMPLE])


def _first_line(error: FatalError) -> str:
    return error.text.split("\n", 1)[0][:_LONGEST_EXAMPLE]


def _reason(failure: Failure) -> str:
    task = failure.sample.evidence.task
    reasons = [*(each.reason for each in task.containers), task.stopped_reason]
    found = next((reason for reason in reasons if reason), "")
    if not found:
        raise BadOption(
            "Nothing says what happened: the log is empty, and so are ECS's reasons. Name a file with a log."
        )
    return found[:_LONGEST_EXAMPLE]


def name_of(tells: Telling) -> str:
    """A name for the files, from the first words of the telling text."""
    words = re.findall(r"[a-z]+", tells.text.lower())[:_WORDS_OF_NAME]
    return "-".join(words)[:60] or "failure"


def fixture(name: str, failure: Failure, right: Right) -> str:
    """One line of a corpus of labeled samples."""
    expect: dict[str, Any] = {
        "category": right.category or FILL_IN,
        "action": right.action or FILL_IN,
        "also": [],
        "contested": False,
    }
    row = {"id": name, "expect": expect, "source": failure.source, "said": failure.said, **failure.raw}
    return json.dumps(row, ensure_ascii=False) + "\n"


def rule(name: str, failure: Failure, tells: Telling, right: Right, day: date) -> str:
    """A file with one row; what only a person knows is to be filled in."""
    return _RULE.format(
        source=toml(failure.source),
        day=day.isoformat(),
        said=failure.said,
        fill_in=FILL_IN,
        id=toml(f"team.{name.replace('-', '_')}"),
        where=toml(tells.where.value),
        suggestion=toml(suggestion(tells.text)),
        category=_category(right.category),
        example=toml(tells.text),
    )


def _category(given: Category | None) -> str:
    """Of a ``deploy_race``, a rule gives the category that the failure has without a deploy."""
    if given and given is not Category.DEPLOY_RACE:
        return f'category = "{given}"'
    row = f'# One of {", ".join(RULE_CATEGORIES)}\ncategory = "{FILL_IN}"'
    return f"{row}\ndeploy_explains = true" if given else row


def suggestion(text: str) -> str:
    """The text as a pattern that ignores case, with numbers left open."""
    return re.sub(r"\d+", r"\\d+", _SPECIAL.sub(r"\\\g<0>", text.lower()))
