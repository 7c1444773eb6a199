"""What each answer of a channel means, as rows with their sources: the first row that fits decides.

docs/alerts.md shows the same rows; a test compares them.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from cronmend.errors import CronmendError, Gone, Permanent, RateLimited, Retryable, is_status


class Nature(StrEnum):
    """docs/alerts.md says what Cronmend does after each."""

    DELIVERED = "delivered"
    RATE_LIMITED = "rate limited"
    PASSING = "passing"
    PLAIN_TEXT = "form rejected"
    """The same message may be accepted as plain text."""
    GONE = "gone"
    """The same report may be accepted as a new message."""
    PERMANENT = "permanent"


FOREIGN: Final = "(not from Slack)"
"""In place of a word, if the answer is none of Slack's: empty, HTML, cut off, or JSON of another form."""
UNTHREADED: Final = "(reply outside of its thread)"
"""In place of ``ok``, if Slack posted a reply as a message of its own, because the message it answers was deleted."""
OK: Final = "ok"
UNSAID: Final = timedelta(seconds=30)
"""How long to wait after a rate limit if the channel doesn't say."""


class Row(Struct, frozen=True):
    nature: Nature
    source: str
    words: tuple[str, ...] = ()
    """Error words or codes; ``()`` for any answer."""
    status: str = ""
    """An HTTP status such as ``429`` or ``5xx``; ``""`` for any."""

    def fits(self, status: int, word: str) -> bool:
        """AWS adds the ending "Exception" to some codes in some versions of an API."""
        said = {word, word.removesuffix("Exception")}
        return is_status(status, self.status) and (not self.words or bool(said & {*self.words}))


_POST: Final = "https://docs.slack.dev/reference/methods/chat.postMessage"
_UPDATE: Final = "https://docs.slack.dev/reference/methods/chat.update"
_LIMITS: Final = "https://docs.slack.dev/apis/web-api/rate-limits"
_WEBHOOKS: Final = "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"
_WEBHOOK_ERRORS: Final = "https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks"
_REDIRECTS: Final = "https://github.com/slackapi/java-slack-sdk/issues/1122"
_THREADS: Final = "https://github.com/slackapi/bolt-js/issues/2307"
_UNTHREADED: Final = "https://github.com/slack-go/slack/issues/1571"
_BLOCKS: Final = "https://github.com/slackapi/bolt-js/issues/2509"
_HTTP: Final = "https://www.rfc-editor.org/rfc/rfc9110.html#name-status-codes"
_PUBLISH: Final = "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors"
_COMMON: Final = "https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html"
_THROTTLED: Final = (
    "https://docs.aws.amazon.com/botocore/latest/reference/services/sns/client/exceptions/ThrottledException.html"
)
_ENTRY: Final = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html"

SLACK_BOT: Final = (
    Row(Nature.DELIVERED, _POST, (OK,), "200"),
    Row(Nature.RATE_LIMITED, _LIMITS, ("ratelimited", "rate_limited")),
    Row(Nature.RATE_LIMITED, _LIMITS, status="429"),
    Row(
        Nature.PASSING,
        _POST,
        (
            *("fatal_error", "internal_error", "request_timeout", "service_unavailable"),
            *("message_limit_exceeded", "team_added_to_org", "org_login_required"),
        ),
    ),
    Row(Nature.PASSING, _HTTP, status="408"),
    Row(Nature.PASSING, _HTTP, status="5xx"),
    Row(Nature.PASSING, _POST, (FOREIGN,)),
    Row(Nature.GONE, _UPDATE, ("message_not_found", "cant_update_message", "edit_window_closed")),
    Row(Nature.GONE, _THREADS, ("thread_not_found", "cannot_reply_to_message")),
    Row(Nature.GONE, _UNTHREADED, (UNTHREADED,), "200"),
    Row(Nature.GONE, _POST, ("channel_not_found", "is_archived", "not_in_channel")),
    Row(Nature.PLAIN_TEXT, _BLOCKS, ("msg_blocks_too_long",)),
    Row(Nature.PLAIN_TEXT, _POST, ("invalid_blocks", "invalid_blocks_format", "msg_too_long")),
    Row(
        Nature.PERMANENT,
        _POST,
        (
            *("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked", "missing_scope"),
            *("no_permission", "access_denied", "ekm_access_denied", "team_access_not_granted", "restricted_action"),
        ),
    ),
    Row(Nature.PERMANENT, _POST),
)
"""Answers of the Web API; the word is the field ``error``."""

SLACK_WEBHOOK: Final = (
    Row(Nature.DELIVERED, _WEBHOOKS, (OK,), "200"),
    Row(Nature.RATE_LIMITED, _LIMITS, ("rate_limited",)),
    Row(Nature.RATE_LIMITED, _LIMITS, status="429"),
    Row(Nature.PASSING, _WEBHOOK_ERRORS, ("rollup_error",)),
    Row(Nature.PASSING, _HTTP, status="408"),
    Row(Nature.PASSING, _HTTP, status="5xx"),
    Row(Nature.PERMANENT, _REDIRECTS, status="3xx"),
    Row(Nature.PASSING, _WEBHOOKS, (FOREIGN,)),
    Row(Nature.PLAIN_TEXT, _WEBHOOKS, ("invalid_payload", "invalid_blocks", "invalid_blocks_format")),
    Row(Nature.PERMANENT, _WEBHOOK_ERRORS, ("action_prohibited", "channel_is_archived", "channel_not_found")),
    Row(Nature.PERMANENT, _WEBHOOKS, ("invalid_token", "no_active_hooks", "no_service", "no_team", "team_disabled")),
    Row(Nature.PERMANENT, _WEBHOOKS),
)
"""Answers of incoming webhooks; the word is the whole body. Their messages can't be updated, so none is ever gone."""

SNS: Final = (
    Row(Nature.RATE_LIMITED, _THROTTLED, ("Throttled", "Throttling")),
    Row(Nature.RATE_LIMITED, _PUBLISH, ("KMSThrottling",)),
    Row(Nature.RATE_LIMITED, _HTTP, status="429"),
    Row(Nature.PASSING, _PUBLISH, ("InternalError",)),
    Row(Nature.PASSING, _COMMON, ("InternalFailure", "RequestExpired", "ServiceUnavailable")),
    Row(Nature.PASSING, _HTTP, status="5xx"),
    Row(
        Nature.PERMANENT,
        _PUBLISH,
        (
            *("AuthorizationError", "EndpointDisabled", "InvalidParameter", "InvalidSecurity", "KMSAccessDenied"),
            *("KMSDisabled", "KMSInvalidState", "KMSNotFound", "NotFound", "ParameterValueInvalid"),
        ),
    ),
    Row(Nature.PERMANENT, _COMMON),
)
"""Error codes of ``Publish``."""

EVENTS: Final = (
    Row(Nature.RATE_LIMITED, _ENTRY, ("ThrottlingException", "LimitExceededException")),
    Row(Nature.RATE_LIMITED, _HTTP, status="429"),
    Row(Nature.PASSING, _ENTRY, ("InternalException", "InternalFailure", "ServiceUnavailable")),
    Row(Nature.PASSING, _HTTP, status="5xx"),
    Row(
        Nature.PERMANENT,
        _ENTRY,
        (
            *("AccessDeniedException", "InvalidAccountIdException", "InvalidArgument", "MalformedDetail"),
            *("NotAuthorizedForDetailTypeException", "NotAuthorizedForSourceException", "RedactionFailure"),
        ),
    ),
    Row(Nature.PERMANENT, _ENTRY),
)
"""Error codes of ``PutEvents`` and of its entries."""

TABLES: Final = {
    "Slack as a bot": SLACK_BOT,
    "Slack through a webhook": SLACK_WEBHOOK,
    "SNS": SNS,
    "EventBridge": EVENTS,
}


def nature_of(rows: tuple[Row, ...], status: int, word: str) -> Nature:
    """``status`` is 0 if the answer has none of its own, as an entry of PutEvents."""
    return next(row.nature for row in rows if row.fits(status, word))


def refusal(nature: Nature, text: str, after: timedelta | None = None) -> CronmendError:
    """The error for an answer other than ``DELIVERED``; ``after`` is how long the channel asks to wait."""
    match nature:
        case Nature.RATE_LIMITED:
            return RateLimited(text, UNSAID if after is None else after)
        case Nature.PASSING:
            return Retryable(text)
        case Nature.GONE:
            return Gone(text)
        case _:
            return Permanent(text)
