"""Build the search index anew, all of it in memory before it is written."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from wagtail.models import Page

MIB = 600
"""What the index of a site with a hundred thousand pages takes; this one has a handful."""


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"indexing {Page.objects.count()} pages")
        index = [b"x" * 2**20 for _ in range(MIB)]
        # Written in a second: as long as it takes until a container is asked how much it holds.
        time.sleep(1)
        self.stdout.write(f"written: {len(index)} MiB")
