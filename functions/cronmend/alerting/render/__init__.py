"""Render a report for each channel. Pure.

Text from logs is data: in Slack it can't mention, link or format anything. Each text is cut so that it stays within the
channel's limits.
"""

from cronmend.alerting.render.email import SNS_SUBJECT, SNS_TEXT, sns_subject, sns_text
from cronmend.alerting.render.json_document import MAX_JSON, as_json
from cronmend.alerting.render.slack_message import MAX_TEXT, slack, slack_reply
from cronmend.alerting.render.sms import MAX_SMS, sms
from cronmend.alerting.render.text import clip, inert, one_line

__all__ = [
    "MAX_JSON",
    "MAX_SMS",
    "MAX_TEXT",
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
