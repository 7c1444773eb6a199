"""Seeded random draws. Each is derived from a name, so leaving out one event changes no other draw."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from struct import Struct

_WHOLE = 2.0**32
_FOUR = Struct(">4I").unpack


class Chance:
    """``dropped`` names optional events that don't happen; ``happened`` lists those that did, in order."""

    def __init__(self, seed: int, dropped: frozenset[str] = frozenset()) -> None:
        self._key = str(seed).encode()
        self.dropped = dropped
        self.happened: dict[str, None] = {}
        self.on_happened: Callable[[str], None] = lambda name: None
        """Called with the name of each optional event that happens."""

    def numbers(self, name: str) -> tuple[float, float, float, float]:
        """Four independent numbers from 0 up to 1."""
        raw = blake2b(name.encode(), key=self._key, digest_size=16).digest()
        first, second, third, fourth = _FOUR(raw)
        return first / _WHOLE, second / _WHOLE, third / _WHOLE, fourth / _WHOLE

    def number(self, name: str) -> float:
        return self.numbers(name)[0]

    def between(self, low: float, high: float, name: str) -> float:
        return low + (high - low) * self.number(name)

    def one[T](self, choices: Sequence[T], name: str) -> T:
        return choices[int(self.number(name) * len(choices))]

    def likely(self, share: float, name: str) -> bool:
        """Whether the history has a property, which can't be dropped."""
        return self.number(name) < share

    def happens(self, share: float, name: str) -> bool:
        """Whether an optional event happens; it is then known by its name."""
        return self.number(name) < share and self.keeps(name)

    def keeps(self, name: str) -> bool:
        """Whether an event that is due may happen."""
        if name in self.dropped:
            return False
        self.happened[name] = None
        self.on_happened(name)
        return True
