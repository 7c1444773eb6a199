"""What holds for every message at every channel, whatever people have seen there."""

from copy import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.alerting.conversations import BURST, Conversation, DeliveryState
from cronmend.alerting.decide import EACH, decide, decide_in_group, is_quiet_line
from cronmend.alerting.members import Form, Member
from cronmend.alerting.moves import Covered, Drop, Group, Join, Offer, Open, Reply, Rewrite, Send, SendFirst
from cronmend.alerting.routes import Healed
from cronmend.model.categories import SEVERITIES
from cronmend.model.report import ALERTS, ENDINGS, MessageKind
from tests.alerting.test_decide import (
    CAUSE,
    GAVE_UP,
    HEALED,
    LATER,
    PROGRESS,
    REF,
    REMINDER,
    SEEN,
    SEEN_FAILING,
    SEEN_OVER,
    UNSEEN,
    offer,
)
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import later, message

PLACES = st.sampled_from((None, REF))
CONVERSATIONS = st.builds(
    lambda seen, place, **changes: replace(SEEN, jobs_shown=int(seen), place=place if seen else None, **changes),
    st.booleans(),
    PLACES,
    key=st.sampled_from((CAUSE, "many", "endings", "other")),
    starts_at=st.sampled_from((None, NOW, LATER)),
    sent_at=st.sampled_from((None, NOW, later(hours=-30))),
    message=st.sampled_from((message(), message(1, GAVE_UP), message(1, HEALED), message(2))),
)
MEMBERS = st.lists(st.booleans(), max_size=3).map(
    lambda healed: tuple(Member(f"site/job-{number}", f"incident-{number}", each) for number, each in enumerate(healed))
)
OFFERS = st.builds(
    lambda known, members, **changes: offer(known=known, members=members, **changes),
    st.none() | CONVERSATIONS,
    MEMBERS,
    kind=st.sampled_from(MessageKind),
    cause=st.sampled_from((CAUSE, "other", "")),
    starts_at=st.sampled_from((None, LATER)),
    acknowledged_by=st.sampled_from((None, "jane")),
    healed=st.sampled_from(Healed),
    least=st.sampled_from(SEVERITIES),
    remind_after=st.sampled_from((None, timedelta(hours=24))),
    groups=st.booleans(),
    threads=st.booleans(),
    lines=st.integers(0, 2 * BURST),
    member=st.sampled_from((None, UNSEEN, SEEN_FAILING, SEEN_OVER)),
    is_over=st.booleans(),
    whole=st.sampled_from((None, SEEN.message.report)),
    is_closed=st.booleans(),
)
given_offers = settings(max_examples=500)


@given_offers
@given(OFFERS)
def test_an_alert_is_dropped_only_if_it_is_too_mild_or_over(given: Offer) -> None:
    move, known = decide(given), given.conversation
    if given.report.kind in ALERTS and not isinstance(move, Group) and move.state is DeliveryState.DROPPED:
        unsent = known is not None and not known.is_first_sent
        over = unsent and bool(given.members) and all(each.healed for each in given.members)
        late = given.terms.is_over or given.is_closed
        assert over or late or not given.terms.route.sends(given.report.severity)


@given_offers
@given(OFFERS)
def test_no_recovery_is_sent_of_a_failure_that_was_not(given: Offer) -> None:
    if given.groups and given.report.kind is MessageKind.RECOVERED:
        known = given.conversation is not None and given.conversation.is_first_sent
        seen = known and given.member is not None and given.member.fact.form is Form.FAILED
        assert seen or not isinstance(decide(given), Send | Reply | Group)


@given_offers
@given(OFFERS)
def test_nothing_but_its_end_is_sent_of_an_incident_that_is_over(given: Offer) -> None:
    if given.groups and given.terms.is_over and not given.is_ending:
        assert isinstance(decide(given), Drop | Covered)


@given_offers
@given(OFFERS)
def test_an_ending_opens_no_conversation_unless_it_waits_or_there_are_too_many(given: Offer) -> None:
    if given.report.kind in ENDINGS and isinstance(decide(given), Group):
        assert given.terms.starts_at or (is_quiet_line(given) and given.lines > BURST)


@given_offers
@given(OFFERS)
def test_what_has_to_wait_notifies_nobody(given: Offer) -> None:
    keeps = {*ALERTS, PROGRESS, REMINDER}
    if given.groups and given.terms.starts_at and given.report.kind in keeps and given.report.cause:
        assert not isinstance(decide(given), Send | Reply)


@given_offers
@given(OFFERS)
def test_only_a_message_that_can_be_updated_is(given: Offer) -> None:
    move = decide(given)
    if isinstance(move, Reply | Rewrite):
        assert (given.threads, move.conversation) == (True, given.conversation)
        assert move.conversation.place
        assert len(given.members) < 2


@given_offers
@given(OFFERS)
def test_a_machine_is_sent_every_message(given: Offer) -> None:
    assert decide(replace(given, groups=False, is_closed=False)) == Send(EACH)


@given_offers
@given(OFFERS, st.none() | CONVERSATIONS, st.integers(0, 2 * BURST), st.booleans())
def test_a_group_is_found_at_the_second_time_of_asking(
    given: Offer, current: Conversation | None, count: int, counted: bool
) -> None:
    move = decide_in_group(given, Group(CAUSE, counted), current, count)
    if isinstance(move, Group):
        assert counted and count > BURST and current is None
        move = decide_in_group(given, move, None, 0)
    assert isinstance(move, Open | Join | SendFirst)
    assert move.reason
