"""The emulator's process: ministack, with a Scheduler that looks for what is due twice a second, not every ten.

The interval is a name of its inside. ``tests/local/test_starting.py`` says so when another version has none.
"""

from ministack import app
from ministack.services import scheduler

INTERVAL = "_SCHEDULE_TICK_INTERVAL"
SECONDS = 0.5


def main() -> None:
    setattr(scheduler, INTERVAL, SECONDS)
    app.main()


if __name__ == "__main__":
    main()
