"""Rewrite the public calendar of events. Every run writes all of it."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from home.models import EventPage


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for event in EventPage.objects.order_by("starts_on"):
            # The bug of this version: a date minus a date and time.
            left = event.starts_on - timezone.now()
            self.stdout.write(f"in {left.days} days  {event.title}, {event.district}")
