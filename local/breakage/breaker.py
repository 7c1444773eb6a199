"""Break one thing at a time, in a thread, and report progress."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.account import LocalAccount
from local.breakage.kinds import KINDS, Breakage, Kind, Outcome
from local.breakage.site import BreakFailed, Site

CLOSE_SECONDS = 20.0

type Work = Callable[[], Outcome]


class Refused(Exception):
    """Nothing was started; the message says what to do."""


class Breaker:
    """Breaks things in the account, and fixes them."""

    def __init__(self, account: LocalAccount) -> None:
        self._site = Site(account, self._progress)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._broken: tuple[Kind, Breakage] | None = None
        self._lines: list[str] = []
        self._outcome: Outcome | None = None
        self._error = ""

    @property
    def broken(self) -> str:
        """The kind that isn't fixed; ``""`` if nothing is broken."""
        broken = self._broken
        return broken[0].value if broken else ""

    def start(self, kind: Kind) -> None:
        """
        Raises:
            Refused: something is broken already.
        """
        with self._lock:
            self._must_be_idle()
            if self.broken:
                undo = f"cronmend local break {self.broken} --fix"
                raise Refused(f"'{self.broken}' is already broken. Fix it first: {undo}")
            breakage = KINDS[kind]()
            self._broken = kind, breakage
            self._run(lambda: self._break(breakage))

    def fix(self, kind: Kind | None) -> None:
        """
        Args:
            kind: None for the one that is broken.

        Raises:
            Refused: it isn't broken.
        """
        with self._lock:
            self._must_be_idle()
            if self._broken is None:
                raise Refused("Nothing is broken, so there is nothing to fix.")
            broken, breakage = self._broken
            if kind and kind is not broken:
                undo = f"cronmend local break {broken.value} --fix"
                raise Refused(f"'{kind.value}' isn't broken, but '{broken.value}' is. To undo that: {undo}")
            self._run(lambda: self._fix(breakage))

    def state(self) -> Mapping[str, Any]:
        """The steps so far and, at the end, the outcome or the error."""
        thread = self._thread
        return {
            "broken": self.broken,
            "busy": bool(thread and thread.is_alive()),
            "lines": list(self._lines),
            "error": self._error,
            "outcome": asdict(self._outcome) if self._outcome else None,
        }

    def close(self) -> None:
        """Wait for the step that is running, so that it leaves no process."""
        if self._thread:
            self._thread.join(CLOSE_SECONDS)

    def wait(self, seconds: float) -> Outcome:
        """The outcome of what was started last.

        Raises:
            BreakFailed: it failed, or isn't done in time.
        """
        if self._thread:
            self._thread.join(seconds)
        if self._outcome is None:
            raise BreakFailed(self._error or f"It wasn't done after {seconds:.0f} seconds.")
        return self._outcome

    def _must_be_idle(self) -> None:
        if self._thread and self._thread.is_alive():
            raise Refused("Another `cronmend local break` is running. Wait until it ends.")

    def _run(self, work: Work) -> None:
        self._lines, self._error, self._outcome = [], "", None
        self._thread = threading.Thread(target=self._reported, args=(work,), name="breaker", daemon=True)
        self._thread.start()

    def _reported(self, work: Work) -> None:
        try:
            self._outcome = work()
        except (BreakFailed, ClientError, BotoCoreError, OSError) as error:
            self._error = str(error)

    def _break(self, breakage: Breakage) -> Outcome:
        self._site.settle()
        return breakage.start(self._site)

    def _fix(self, breakage: Breakage) -> Outcome:
        outcome = breakage.fix(self._site)
        self._broken = None
        return outcome

    def _progress(self, line: str) -> None:
        self._lines.append(line)
