"""Where the board leads: a file links to nothing, a server to its own pages."""

from typing import Protocol

from cronmend.board.build import Query
from cronmend.board.html.markup import Content, Html, span, tag
from cronmend.board.model import State


class Links(Protocol):
    def job(self, job: str, text: Content, class_: str) -> Html:
        """The text, leading to the job's page."""
        ...

    def board(self, query: Query, text: Content, class_: str) -> Html:
        """The text, leading to the board with these rows."""
        ...

    def find(self, query: Query) -> Html:
        """A field to find a job or an owner; ``""`` if nothing could answer it."""
        ...

    def back(self) -> Html:
        """From a job's page to the board; ``""`` if nothing leads there."""
        ...

    def actions(self, job: str, incident: str) -> Html:
        """What a person can do about the job; ``""`` if only the command can.

        Args:
            incident: the ID of its open one; ``""`` for none.
        """
        ...

    @property
    def is_live(self) -> bool:
        """Whether something answers: else, rows are filtered where they are shown."""
        ...


class NoLinks:
    """For a file: it has one page, and filters by itself."""

    is_live = False

    def job(self, job: str, text: Content, class_: str) -> Html:
        return span(class_, text)

    def board(self, query: Query, text: Content, class_: str) -> Html:
        return span(class_, text)

    def find(self, query: Query) -> Html:
        return Html("")

    def back(self) -> Html:
        return Html("")

    def actions(self, job: str, incident: str) -> Html:
        return Html("")


def chips_of_file(counts: dict[State, int]) -> Html:
    """Radio buttons, which style.css and :func:`style_of_chips` make filters."""
    total = sum(counts.values())
    every = _radio("all", "All", total, checked="checked")
    return tag("div", every, *(_radio(each.value, each.label, n) for each, n in counts.items()), class_="chips")


def style_of_chips(counts: dict[State, int]) -> Html:
    """Hides the rows of other states, and groups without any row of the chosen one."""
    rules = [
        f".cm:has(#s-{each}:checked) :is(tr[data-s]:not([data-s={each}]),tbody:not(:has([data-s={each}])))"
        for each in counts
    ]
    return Html(f"{','.join(rules)}{{display:none!important}}") if rules else Html("")


def _radio(value: str, label: str, count: int, checked: str | None = None) -> Html:
    box = tag("input", type="radio", name="s", id=f"s-{value}", checked=checked)
    return tag("label", box, label, " ", span("soft", str(count)), class_="chip")
