from django.db import models
from wagtail.models import Page


class HomePage(Page):
    """The front page of the town hall's site."""


class EventPage(Page):
    """An event in town, published at the time that its editor chose."""

    starts_on = models.DateField(null=True, blank=True)
    district = models.CharField(max_length=40, default="harbour")
    summary = models.CharField(max_length=200, blank=True, default="")
    # New in this release, with a mistake: the existing rows can't all have the same default in a unique column.
    ticket_code = models.CharField(max_length=20, unique=True, default="")
