"""An error budget as a bar: what failures, healing and misses used of it, from the left."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from cronmend.board.html.markup import Html, div, span, tag
from cronmend.jobs.error_budgets import ErrorBudget, percent

_KINDS: Final = {"failed": "bad", "healed": "warn", "missed": "edge"}


def bar(budget: ErrorBudget) -> Html:
    """Full if the budget is used; nothing if none of it is."""
    if not budget.bad:
        return Html("")
    whole = max(1.0, budget.used)
    ends = accumulate(budget.share(count) / whole for _, count in budget.parts)
    stops = "".join(
        f",var(--{_KINDS[word]}) 0 {end:.0%}" for (word, count), end in zip(budget.parts, ends, strict=True) if count
    )
    name = f"{percent(budget.used)} of the error budget used: {budget.in_words}"
    fill = f"background-image:linear-gradient(90deg{stops},transparent 0)"
    return tag("div", class_="bud", role="img", title=name, aria_label=name, style=fill)


def section_body(budget: ErrorBudget) -> Iterator[Html]:
    """The bar, each kind of run with its share, and what is left."""
    yield bar(budget)
    items = [
        tag(
            "li",
            tag("i", style=f"background:var(--{_KINDS[word]})"),
            f"{count} {word}",
            span("soft", _share(budget, count)),
        )
        for word, count in budget.parts
    ]
    yield tag("ul", *items, class_="budkey")
    yield div("soft sm", _left(budget))


def _share(budget: ErrorBudget, count: int) -> str:
    return percent(budget.share(count)) if count else ""


def _left(budget: ErrorBudget) -> str:
    allowed = f"{budget.allowed:.1f} of about {budget.expected:.0f} runs may be bad"
    left = f"{budget.allowed - budget.bad:.1f} are left" if budget.used < 1 else "none are left"
    counted = "" if budget.covered == budget.slo.days else f" Runs are counted for {budget.covered} days so far."
    return f"{allowed}; {left}.{counted}"
