"""Rewrite the public calendar of events. Every run writes all of it."""

from typing import Any

from django.core.management.base import BaseCommand

from home.models import EventPage


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for event in EventPage.objects.live().order_by("starts_on"):
            self.stdout.write(f"{event.starts_on}  {event.title}, {event.district}")
