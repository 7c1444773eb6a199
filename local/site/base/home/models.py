from django.db import models
from wagtail.models import Page


class HomePage(Page):
    """The front page of the town hall's site."""


class EventPage(Page):
    """Something that happens in town, published at the hour its editor chose."""

    starts_on = models.DateField(null=True, blank=True)
    district = models.CharField(max_length=40, default="harbour")
