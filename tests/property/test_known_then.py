"""What the read model answers "as known at" a position is what the log itself says, at each of them."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.application import Ledger
from ledger.application.scopes import EVERYBODY, Scope
from ledger.application.standpoint import NOW, When
from ledger.application.statistics import FIRST_MONTH, Level
from ledger.domain.events import DeliveryReceived
from ledger.domain.policies import POLICIES
from ledger.domain.purposes import Neighbour, Purpose
from ledger.domain.streams import patient_stream
from tests.builders import a_neighbour
from tests.databases import Databases
from tests.property.histories import DAYS, PRACTICES, History, of_entries, of_everything
from tests.property.kept import NUMBERS, a_ledger, keep_and_catch_up
from tests.property.tries import tries


@tries(3, shrink=False)
@given(history=of_entries(patients=3, steps=6), at=st.sampled_from(DAYS))
def test_a_replay_from_the_log_is_the_same_at_every_position(
    databases: Databases, history: History, at: date
) -> None:
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, [7])

        def assert_both_say_the_same(scope: Scope, known_at: int) -> None:
            by_tables, by_log = (
                list(ledger.replay(scope, at=at, known_at=known_at, from_log=from_log).lines)
                for from_log in (False, True)
            )
            assert by_tables == by_log

        for known_at in range(history.last + 1):
            assert_both_say_the_same(EVERYBODY, known_at)
        for scope in (Scope(practice=PRACTICES[1]), Scope(NUMBERS[0])):
            assert_both_say_the_same(scope, history.last)
            assert_both_say_the_same(scope, history.last // 2)


@tries(2, shrink=False)
@given(history=of_entries(patients=3, steps=8), at=st.sampled_from(DAYS))
def test_a_replay_of_everybody_says_of_each_what_their_status_says(
    databases: Databases, history: History, at: date
) -> None:
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, [7])

        for known_at in (history.last // 2, history.last):
            for line in ledger.replay(at=at, known_at=known_at).lines:
                assert line.nhs_number is not None
                [status] = ledger.statuses(
                    [line.nhs_number], Purpose(line.purpose), at=at, known_at=known_at
                )
                assert (line.status, line.rule) == (status.status, status.rule)
                assert line.entry == (status.because and status.because.position)
                assert line.withheld_by == status.withheld_by


@tries(2, shrink=False)
@given(history=of_entries(patients=3, steps=12), at=st.sampled_from(DAYS))
def test_what_differs_is_what_two_replays_differ_in_and_each_event_told_made_it_so(
    databases: Databases, history: History, at: date
) -> None:
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, [7])

        def answers(known_at: int) -> dict[tuple[str | None, str], str]:
            lines = ledger.replay(at=at, known_at=known_at).lines
            return {(line.nhs_number, line.purpose): line.status for line in lines}

        for before, after in ((0, history.last), (history.last // 3, 2 * history.last // 3)):
            was, is_ = answers(before), answers(after)
            told = ledger.known_differences(before, after, at=at).lines
            objections = [line for line in told if line.what == "objection"]
            assert {(o.nhs_number, o.purpose): (o.before, o.after) for o in objections} == {
                key: (was.get(key, "not-objecting"), status)
                for key, status in is_.items()
                if was.get(key, "not-objecting") != status
            }
            for one in objections:
                key = (one.nhs_number, one.purpose)
                said = [one.before]
                for position in one.positions:
                    assert before < position <= after
                    assert answers(position - 1).get(key, "not-objecting") == said[-1]
                    said.append(answers(position).get(key, "not-objecting"))
                    assert said[-1] != said[-2]
                assert said[-1] == one.after


@tries(2, shrink=False)
@given(history=of_everything(patients=3, steps=12), at=st.sampled_from(DAYS))
def test_by_any_policy_log_tables_and_differences_say_the_same(
    databases: Databases, history: History, at: date
) -> None:
    # Steps tell of nothing close by, which one policy takes for a dissent; of that patient nothing
    # else may be known.
    close_by = a_neighbour(Neighbour.SUMMARY_CARE_RECORD, practice=PRACTICES[0], code="XaXj6")
    history.append(patient_stream(history.patients[-1]), close_by)
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, [7])

        points = (history.last // 3, history.last)
        for policy in (policy.name for policy in POLICIES):
            met = set()
            for known_at in points:
                by_tables, by_log = (
                    list(
                        ledger.replay(
                            at=at, known_at=known_at, policy=policy, from_log=from_log
                        ).lines
                    )
                    for from_log in (False, True)
                )
                assert by_tables == by_log
                met |= {(line.nhs_number or "", line.purpose) for line in by_tables}
            was, is_ = (
                {
                    (told.nhs_number, told.purpose): told.status
                    for purpose in {purpose for _, purpose in met}
                    for told in ledger.statuses(
                        NUMBERS, Purpose(purpose), at=at, known_at=known_at, policy=policy
                    )
                }
                for known_at in points
            )

            moved = ledger.known_differences(*points, at=at, policy=policy).lines

            assert {
                (line.nhs_number, line.purpose): (line.before, line.after)
                for line in moved
                if line.what == "objection"
            } == {key: (was[key], is_[key]) for key in met if was[key] != is_[key]}


@tries(3, shrink=False)
@given(history=of_everything(patients=2, steps=14), data=st.data())
def test_what_was_known_then_is_what_a_ledger_says_that_ends_there(
    databases: Databases, history: History, data: st.DataObject
) -> None:
    # What came together is judged together, at its last event.
    ends = [kept.position for kept in history.log if isinstance(kept.event, DeliveryReceived)]
    then = data.draw(st.sampled_from(ends[len(ends) // 2 :]))
    with a_ledger(databases) as whole, a_ledger(databases) as short:
        keep_and_catch_up(whole.engine, history.log, [7])
        keep_and_catch_up(short.engine, history.log[:then], [7])

        assert told(whole, When(known_at=then)) == told(short, NOW)


def told(ledger: Ledger, when: When) -> dict[str, Any]:
    """What the ledger answers, but for the words of findings, which are always today's."""
    return {
        "findings": [
            (one.id, one.rule, one.state, one.found_at, one.closed_at)
            for one in sorted(ledger.findings(state="all", when=when), key=lambda one: one.id)
        ],
        "counted": {
            state: sum(ledger.counted(state=state, when=when).values())
            for state in ("open", "closed", "dismissed", "all")
        },
        "by practice": {
            code: sum(counts.values())
            for code, counts in ledger.counted_by_practice(when=when).items()
        },
        "actions": sorted(
            (one.id, one.state, one.due, one.owed_from, one.days_open, one.taken_at, one.seen_done)
            for one in ledger.actions(state="all", when=when)
        ),
        "transmission": ledger.transmission(when=when),
        "of practices": ledger.practices_transmission(when=when),
        "collections": ledger.collections(when=when),
        "statistics": ledger.statistics(level=Level.PRACTICE, since=FIRST_MONTH, when=when),
        "sharing": [
            (ledger.sharing(code, at=DAYS[-1], known_at=when.known_at)) for code in PRACTICES
        ],
    }
