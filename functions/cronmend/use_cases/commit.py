"""Read, decide, write: again where somebody else wrote in between."""

from collections.abc import Callable
from datetime import datetime

from cronmend.alerting import news
from cronmend.errors import Retryable
from cronmend.model.incident import Change, Commit, JobBook
from cronmend.ports.healing import Books

TRIES = 5
"""A job's events are few: more collisions than this mean that something is wrong."""


def write(books: Books, job: str, now: datetime, decide: Callable[[JobBook], Change | None]) -> tuple[Change, Commit]:
    """Commit what ``decide`` makes of the job's book; a decision of None writes nothing.

    Raises:
        Retryable: the book kept changing under the decision.
    """
    for _ in range(TRIES):
        book = books.read(job)
        change = decide(book)
        if change is None:
            return Change(book), Commit.DONE
        change = news.voiced(book, change, now)
        if (commit := books.commit(change, now)) is not Commit.AGAIN:
            return change, commit
    raise Retryable(f"the book of {job} changed {TRIES} times while a decision was being written")
