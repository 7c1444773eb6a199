"""A report in each channel's own form. Pure.

Text from logs is data: in Slack it can neither mention, link nor format, and every channel's limits hold
by construction, each text cut where it still fits.
"""

from cronmend.render.blocks import slack, slack_reply
from cronmend.render.machine import MAX_JSON, as_json
from cronmend.render.mail import SNS_SUBJECT, SNS_TEXT, sns_subject, sns_text
from cronmend.render.short import MAX_SMS, sms
from cronmend.render.text import clip, inert, one_line

__all__ = [
    "MAX_JSON",
    "MAX_SMS",
    "SNS_SUBJECT",
    "SNS_TEXT",
    "as_json",
    "clip",
    "inert",
    "one_line",
    "slack",
    "slack_reply",
    "sms",
    "sns_subject",
    "sns_text",
]
