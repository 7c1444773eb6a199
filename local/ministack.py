"""The emulator's process: ministack, with three changes for this account.

Its Scheduler checks for due schedules every 0.5 seconds, not every 10; its SNS delivers emails and text messages; and
its DynamoDB can be throttled. The first two use private names. ``tests/local/test_starting.py`` fails if another
version doesn't have them.
"""

import os

from ministack import app
from ministack.services import scheduler

from local import sns_delivery
from local.emulator import INBOX
from local.emulator_front import EmulatorFront

INTERVAL = "_SCHEDULE_TICK_INTERVAL"
SECONDS = 0.5


def main() -> None:
    setattr(scheduler, INTERVAL, SECONDS)
    if address := os.environ.get(INBOX):
        sns_delivery.install(address)
    app.app = EmulatorFront(app.app)
    app.main()


if __name__ == "__main__":
    main()
