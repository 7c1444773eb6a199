from django.db import models
from wagtail.models import Page


class HomePage(Page):
    """The front page of the town hall's site."""


class EventPage(Page):
    """An event in town, published at the time that its editor chose."""

    starts_on = models.DateField(null=True, blank=True)
    district = models.CharField(max_length=40, default="harbour")
    # New in this release. The code needs the column from its first query on.
    summary = models.CharField(max_length=200, blank=True, default="")
