"""Create the site, and one more event page that is due for publishing now. Can be run before every hour."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from wagtail.models import Page, Site

from home.models import EventPage, HomePage

DISTRICTS = ("harbour", "old town", "hillside")


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        page = schedule_event(home_page())
        self.stdout.write(f"scheduled: {page.title}")


def home_page() -> HomePage:
    existing = HomePage.objects.first()
    if existing:
        return existing
    # Wagtail's first migration leaves a plain welcome page under the root, with the default site on it.
    welcome = Page.objects.filter(depth=2).first()
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Town hall", slug="town-hall"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "root_page": home, "site_name": "Town hall"}
    )
    if welcome:
        welcome.delete()
    return HomePage.objects.get()


def schedule_event(home: HomePage) -> EventPage:
    """A draft that is due, as if an editor had chosen this hour."""
    number = EventPage.objects.count() + 1
    due = timezone.now() - timedelta(seconds=1)
    page = EventPage(
        title=f"Market day {number}",
        slug=f"market-day-{number}",
        district=DISTRICTS[(number - 1) % len(DISTRICTS)],
        starts_on=timezone.localdate() + timedelta(days=7),
        live=False,
        go_live_at=due,
    )
    home.add_child(instance=page)
    page.save_revision(approved_go_live_at=due)
    return page
