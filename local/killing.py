"""Kill Lambda functions between two effects: after a call has taken effect and before they get its answer.

Armed with the start of a call's name, such as ``DynamoDB_20120810.TransactWriteItems`` or ``POST /schedules/``, and
with how many such calls are fatal.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Killing:
    kill: Callable[[], None]
    """Ends every function that is running, as SIGKILL does."""
    kills: int = 0
    _call: str = ""
    _left: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, call: str, times: int) -> None:
        with self._lock:
            self._call, self._left, self.kills = call, times, 0

    def is_fatal(self, call: str) -> bool:
        """Count a call that is to be fatal: :meth:`kill` follows once it has taken effect."""
        with self._lock:
            fatal = bool(self._left) and call.startswith(self._call)
            self._left -= fatal
            self.kills += fatal
        return fatal
