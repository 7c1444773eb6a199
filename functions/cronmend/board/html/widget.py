"""The board as a custom widget of a CloudWatch dashboard: buttons instead of links, because it runs no JavaScript.

CloudWatch gives the element before a ``<cwdb-action>`` its behavior:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html.
"""

import json
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from cronmend.alerting.headlines import name_of
from cronmend.board.build import Query
from cronmend.board.html.markup import Content, Html, div, tag
from cronmend.board.html.page import Theme, styled
from cronmend.model.presses import Button

_OWN_STYLES: Final = Html('<div class="cwdb-no-default-styles"></div>')
"""Anywhere in a widget: CloudWatch then adds none of its styles."""
_QUESTIONS: Final = {
    Button.ACKNOWLEDGE: "Acknowledge the incident of {}? Its reminders and its escalation stop.",
    Button.RERUN: "Run {} now? Cronmend checks every guard first.",
    Button.MUTE: "Mute {} for a day? Failures are still recorded, and healed.",
}
_IN_JSON: Final = {ord(each): f"\\u{ord(each):04x}" for each in "<>&"}
"""JSON without what markup escapes: the same whether CloudWatch reads it as text or as markup."""


class DashboardLinks(Struct, frozen=True):
    board_function: str
    """The ARN of the function that shows the board."""
    action_function: str
    """The ARN of the function that acts: who may invoke it decides who may act."""
    is_live = True

    def job(self, job: str, text: Content, class_: str) -> Html:
        return _calling(
            tag("button", text, class_=f"{class_} link".strip()), self.board_function, {"job": job}, "popup"
        )

    def board(self, query: Query, text: Content, class_: str) -> Html:
        given = {"find": query.text, "state": query.state, "page": query.page if query.page > 1 else ""}
        return _calling(tag("button", text, class_=class_), self.board_function, given, None)

    def find(self, query: Query) -> Html:
        """Without a form, which the Enter key would send to the console's own address."""
        label = "Find a job or an owner"
        field = tag("input", type="search", name="find", value=query.text, placeholder=label, aria_label=label)
        return tag("div", field, self.board(Query(state=query.state), "Find", "btn"), class_="find", role="search")

    def back(self) -> Html:
        """The page of a job is a popup over the board."""
        return Html("")

    def actions(self, job: str, incident: str) -> Html:
        offered = [each for each in Button if incident or each is not Button.ACKNOWLEDGE]
        name = tag(
            "label", "Your name, for others to see ", tag("input", name="by", maxlength="80"), class_="by soft sm"
        )
        buttons = div("acts", *(self._press(each, job, incident) for each in offered))
        return div("act", name, buttons)

    def _press(self, button: Button, job: str, incident: str) -> Html:
        label = tag("button", button.label, class_="btn")
        given = {"button": button.value, "job": job, "incident": incident}
        return _calling(label, self.action_function, given, "popup", _QUESTIONS[button].format(name_of(job)))


def widget(page: Html) -> str:
    """A page as the answer of a widget's function."""
    return _OWN_STYLES + page


def answer(sentence: str, theme: Theme) -> str:
    """A sentence for the person who clicked; backticks mark code, and line breaks are kept."""
    lines = [tag("p", *_with_code(line)) for line in sentence.split("\n")]
    return widget(styled(div("answer", *lines), theme))


def _with_code(line: str) -> list[Html | str]:
    parts = line.split("`")
    return [tag("code", each) if number % 2 else each for number, each in enumerate(parts)]


def _calling(
    element: Html, function: str, given: Mapping[str, object], display: str | None, question: str | None = None
) -> Html:
    content = json.dumps({name: value for name, value in given.items() if value}, separators=(",", ":"))
    call = tag(
        "cwdb-action",
        Html(content.translate(_IN_JSON)),
        action="call",
        display=display,
        confirmation=question,
        endpoint=function,
    )
    return Html(element + call)
