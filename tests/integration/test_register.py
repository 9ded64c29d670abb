"""What does the ledger keep of the national register, and what does a merger change?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.application.records import StatusRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.entries import SettingChange
from ledger.domain.events import Event, Mode, PracticeClosed, PracticeListed, SystemChanged
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAllowed
from ledger.projections.practices import PracticeLine, Wanted
from ledger.store.engine import open_engine
from ledger.store.log import read_events
from ledger.store.projection import decoded
from tests.databases import Databases
from tests.files import (
    EMIS_PRACTICE,
    PRACTICE,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    an_emis_delivery,
    found_in,
)
from tests.nhs_numbers import nhs_number
from tests.projected import everything
from tests.registers import (
    a_line,
    a_succession,
    a_summary,
    an_answer,
    epraccur,
    ord_file,
)

CLOSED, SUCCESSOR, THIRD, STRANGER = PRACTICE, EMIS_PRACTICE, "X99903", "X99904"
DISSENTER, UNDECIDED = nhs_number(0), nhs_number(1)
SHUT, TAKEN_OVER = "2018-03-31", "2018-04-01"
MARCH_2017 = datetime(2017, 3, 31, 22)  # noqa: DTZ001  clinical systems write their clock without zone
JUNE_2018 = datetime(2018, 6, 1, 22)  # noqa: DTZ001


def controller(*practices: str) -> Caller:
    return Caller("a controller", Role.CONTROLLER, frozenset(practices))


def its_own_word(by: str = SUCCESSOR) -> dict[str, Any]:
    """The closed practice's answer names its successor."""
    told = [a_succession("Successor", by, TAKEN_OVER)]
    return an_answer(CLOSED, name="MARLOW SURGERY", ended=SHUT, successions=told)


def its_successors_word(*, of: str = CLOSED, by: str = SUCCESSOR) -> dict[str, Any]:
    """The successor's answer names its predecessor."""
    return an_answer(by, successions=[a_succession("Predecessor", of, TAKEN_OVER)])


@pytest.fixture(scope="module")
def two_practices(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two practices in June 2018: one that will have closed, with a dissent and a conflict
    delivered in March 2017, and one that delivers still.
    """
    folder = tmp_path_factory.mktemp("deliveries")
    changes = [a_setting_change(changed_at="2017-03-01T09:30:00Z")]
    delivered = found_in(
        a_systmone_delivery(
            folder / "systmone",
            ends=MARCH_2017,
            entries=[
                a_systmone_entry(1, patient=1),
                a_systmone_entry(2, patient=2),
                a_systmone_entry(3, code="XaZ8A", patient=2),
            ],
            patients=[a_systmone_patient(1, DISSENTER), a_systmone_patient(2, UNDECIDED)],
        ),
        a_sharing_file(folder / "sharing", dated=date(2017, 4, 1), changes=changes),
        an_emis_delivery(folder / "emis", dated=JUNE_2018, bulk=True),
    )
    with databases.copy() as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        ledger.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
        for found in delivered:
            ledger.ingest(found)
        ledger.catch_up()
        engine.dispose()
        yield url


@pytest.fixture
def database_url(databases: Databases, two_practices: str) -> Iterator[str]:
    """One like it, of the test's own."""
    with databases.lent(two_practices) as url:
        yield url


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Their ledger."""
    return Ledger(engine)


def take(ledger: Ledger, *paths: Path) -> None:
    for path in paths:
        ledger.import_practices(path)
    ledger.catch_up()


def line(ledger: Ledger, code: str = CLOSED) -> PracticeLine:
    [found] = ledger.practices(code=code)
    return found


def the_registers_events(ledger: Ledger) -> list[Event]:
    kinds = (PracticeListed, PracticeClosed, SystemChanged)
    with ledger.engine.connect() as connection:
        kept = decoded(read_events(connection, after=0, limit=1_000))
    return [
        one.event for one in kept if isinstance(one.event, kinds) and one.event.by == "register"
    ]


# --- what is kept


def test_the_same_file_again_adds_nothing(ledger: Ledger, tmp_path: Path) -> None:
    path = ord_file(tmp_path, its_own_word(), its_successors_word())
    take(ledger, path)
    before = the_registers_events(ledger)

    again = ledger.import_practices(path)

    assert (again.rows_read, again.changed, again.unchanged) == (2, 0, 2)
    assert again.position is None
    assert the_registers_events(ledger) == before


@pytest.mark.parametrize("word", [its_own_word, its_successors_word])
def test_either_end_of_a_merger_leads_to_the_same(
    ledger: Ledger, tmp_path: Path, word: Any
) -> None:
    take(ledger, ord_file(tmp_path, word()))

    assert line(ledger).status == "closed"
    assert line(ledger).successors == (SUCCESSOR,)
    assert line(ledger, SUCCESSOR).predecessors == (CLOSED,)


def test_epraccur_after_the_api_takes_no_successor_back(ledger: Ledger, tmp_path: Path) -> None:
    csv = epraccur(tmp_path, a_line(CLOSED, status="C", closed="20180331"), a_line(SUCCESSOR))

    take(ledger, ord_file(tmp_path, its_successors_word()), csv)

    assert (line(ledger).closed_on, line(ledger).successors) == (date(2018, 3, 31), (SUCCESSOR,))


def test_a_corrected_successor_takes_the_wrong_ones_place(ledger: Ledger, tmp_path: Path) -> None:
    take(
        ledger,
        ord_file(tmp_path, its_own_word(), name="wrong.json"),
        ord_file(tmp_path, its_own_word(THIRD), name="right.json"),
    )

    assert line(ledger).successors == (THIRD,)
    assert line(ledger, SUCCESSOR).predecessors == ()


def test_a_successor_that_no_longer_says_so_has_taken_nobody_over(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(
        ledger,
        ord_file(tmp_path, its_successors_word(), name="wrong.json"),
        ord_file(tmp_path, an_answer(SUCCESSOR), name="right.json"),
    )

    assert (line(ledger).status, line(ledger).successors) == ("unknown", ())


def test_a_practice_that_is_listed_as_open_again_has_its_patients_back(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, ord_file(tmp_path, its_own_word()), epraccur(tmp_path, a_line(CLOSED)))

    assert (line(ledger).status, line(ledger).successors) == ("active", ())
    assert line(ledger, SUCCESSOR).predecessors == ()


def test_a_practice_that_is_open_has_not_been_taken_over(ledger: Ledger, tmp_path: Path) -> None:
    path = ord_file(tmp_path, an_answer(CLOSED), its_successors_word())

    tally = ledger.import_practices(path)

    ledger.catch_up()
    assert [(row.file, row.row, row.column) for row in tally.refused] == [("ord.json", 2, "Succs")]
    assert line(ledger).status == "active"


def test_a_summary_tells_of_a_practice_that_is_known_and_of_no_other(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, ord_file(tmp_path, its_own_word()))
    hits = [a_summary(CLOSED, name="MARLOW", status="Inactive"), a_summary(STRANGER)]

    tally = ledger.import_practices(ord_file(tmp_path, {"Organisations": hits}, name="search.json"))

    ledger.catch_up()
    assert [row.row for row in tally.refused] == [2]
    assert (line(ledger).name, line(ledger).commissioner) == ("MARLOW", "99X")
    assert line(ledger).successors == (SUCCESSOR,)


def test_a_list_of_systems_alone_is_taken_by_its_content(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "whatever.txt"
    path.write_text(f"ODSCode,Supplier\n{STRANGER},INPS\n{CLOSED},EMIS\n")

    take(ledger, path)

    assert [code for code in ledger.practice_codes() if code == STRANGER] == [STRANGER]
    # A list is older than a delivery.
    assert line(ledger).clinical_system == "systmone"


def test_a_refused_file_leaves_nothing(ledger: Ledger, tmp_path: Path) -> None:
    before = ledger.known().position
    path = tmp_path / "page.html"
    path.write_text("<html>Sign in</html>")

    with pytest.raises(Exception, match="web page"):
        ledger.import_practices(path)

    assert ledger.known().position == before


def test_a_rebuild_tells_the_same_of_mergers(ledger: Ledger, tmp_path: Path) -> None:
    take(
        ledger,
        ord_file(tmp_path, its_own_word(), name="wrong.json"),
        ord_file(tmp_path, its_own_word(THIRD), its_successors_word(of=THIRD), name="right.json"),
        epraccur(tmp_path, a_line(STRANGER, status="C", closed="20170101")),
    )
    before = everything(ledger.engine)

    ledger.rebuild("practices")

    assert everything(ledger.engine) == before


# --- what a merger changes


@pytest.fixture
def merged(ledger: Ledger, tmp_path: Path) -> Ledger:
    """The same, after the register told of the merger."""
    take(ledger, ord_file(tmp_path, its_own_word(), its_successors_word()))
    return ledger


def test_a_merger_changes_nobodys_status(ledger: Ledger, tmp_path: Path) -> None:
    def statuses() -> list[tuple[str, int | None]]:
        answers = ledger.statuses([DISSENTER, UNDECIDED, nhs_number(5)], Purpose.TYPE_1)
        return [(a.status, a.because.position if a.because else None) for a in answers]

    before = statuses()

    take(ledger, ord_file(tmp_path, its_own_word(), its_successors_word()))

    assert [status for status, _ in before] == ["objecting", "objecting", "not-objecting"]
    assert statuses() == before


def test_a_successors_controller_sees_what_is_open_at_the_closed_practice(merged: Ledger) -> None:
    by = controller(SUCCESSOR)

    [found] = merged.findings(practice=CLOSED, rule="CO01", by=by)

    assert found.nhs_number == UNDECIDED
    assert merged.finding(found.id, by=by).practice == CLOSED
    assert merged.explained(found.id, by=by).evidence
    assert CLOSED in merged.counted_by_practice(by=by)
    assert sum(merged.counted(practice=CLOSED, rule="CO01", by=by).values()) == 1
    assert merged.actions(practice=CLOSED, rule="CO01", by=by)
    assert merged.sharing(CLOSED, by=by).history
    assert merged.objecting(CLOSED, by=by)
    assert merged.deliveries(practice=CLOSED, by=by)
    assert [one.code for one in merged.practices(by=by)] == [CLOSED, SUCCESSOR]


def test_before_the_register_tells_it_nobody_else_sees_them(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed):
        ledger.findings(practice=CLOSED, by=controller(SUCCESSOR))


def test_the_closed_practices_own_controller_loses_nothing(merged: Ledger) -> None:
    assert merged.findings(practice=CLOSED, rule="CO01", by=controller(CLOSED))


def test_a_predecessor_does_not_see_its_successor(merged: Ledger) -> None:
    with pytest.raises(NotAllowed):
        merged.sharing(SUCCESSOR, by=controller(CLOSED))


def test_no_other_practice_sees_either(merged: Ledger) -> None:
    for practice in (CLOSED, SUCCESSOR):
        with pytest.raises(NotAllowed):
            merged.findings(practice=practice, by=controller(STRANGER))


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.EXTRACT])
def test_only_a_controller_stands_in_for_a_closed_practice(merged: Ledger, role: Role) -> None:
    with pytest.raises(NotAllowed):
        merged.findings(practice=CLOSED, by=Caller("a program", role, frozenset({SUCCESSOR})))


def test_a_successors_controller_may_ask_about_the_patients_it_took_over(merged: Ledger) -> None:
    [answer] = merged.statuses([DISSENTER], Purpose.TYPE_1, by=controller(SUCCESSOR))

    assert answer.status == "objecting"


def test_it_settles_what_is_open_there(merged: Ledger) -> None:
    by = controller(SUCCESSOR)
    [found] = merged.findings(practice=CLOSED, rule="CO01", by=by)
    action = merged.actions(practice=CLOSED, rule="CO01", by=by)[0]

    taken = merged.take_action(CLOSED, action.id, note="asked the patient", by=by)
    dismissed = merged.dismiss_finding(CLOSED, found.id, reason="two patients' notes", by=by)

    assert (taken.state, taken.taken_by) == ("taken", "a controller")
    assert dismissed.state == "dismissed"


def test_nothing_new_is_recorded_for_a_closed_practice(merged: Ledger) -> None:
    change = SettingChange.model_validate(
        {
            "practice": CLOSED,
            "changed_at": datetime(2018, 6, 1, tzinfo=UTC),
            "changed_by": "a controller",
            "setting": "auto-share-out",
            "value": "off",
        },
        strict=False,
    )

    with pytest.raises(NotAllowed):
        merged.change_setting(change, by=controller(SUCCESSOR))


def test_a_chain_of_mergers_leads_to_the_last(merged: Ledger, tmp_path: Path) -> None:
    told = [a_succession("Predecessor", SUCCESSOR, "2018-05-01")]
    take(merged, ord_file(tmp_path, an_answer(THIRD, successions=told), name="later.json"))

    assert merged.findings(practice=CLOSED, rule="CO01", by=controller(THIRD))


def test_a_merger_to_come_shows_nothing_yet(ledger: Ledger, tmp_path: Path) -> None:
    told = [a_succession("Predecessor", CLOSED, "2018-07-01")]
    take(ledger, ord_file(tmp_path, an_answer(SUCCESSOR, successions=told)))

    with pytest.raises(NotAllowed):
        ledger.findings(practice=CLOSED, by=controller(SUCCESSOR))


def test_a_register_that_leads_in_a_circle_comes_to_an_end(merged: Ledger, tmp_path: Path) -> None:
    told = an_answer(
        SUCCESSOR, ended="2018-05-01", successions=[a_succession("Successor", CLOSED, TAKEN_OVER)]
    )
    take(merged, ord_file(tmp_path, told, name="circle.json"))

    assert merged.findings(practice=CLOSED, by=controller(SUCCESSOR))
    assert asked_of(merged, CLOSED).status == "cannot-tell"


def test_a_closed_practice_owes_no_standing_actions(merged: Ledger) -> None:
    states = {a.state for a in merged.actions(practice=CLOSED, state="all") if a.standing}

    assert states == {"not-needed"}
    assert merged.actions(practice=CLOSED, rule="CO01")


# --- whose evidence a status rests on


def asked_of(ledger: Ledger, practice: str, **told: Any) -> StatusRecord:
    """The status of somebody who never objected, on the evidence of that practice of late."""
    [answer] = ledger.statuses(
        [nhs_number(5)],
        Purpose.TYPE_1,
        practice=practice,
        max_age=timedelta(days=31),
        **told,
    )
    return answer


def test_a_closed_practices_own_evidence_grows_old(ledger: Ledger) -> None:
    assert asked_of(ledger, CLOSED).status == "cannot-tell"


def test_its_successors_evidence_counts(merged: Ledger) -> None:
    answer = asked_of(merged, CLOSED)

    assert answer.status == "not-objecting"
    assert answer.evidence_at == datetime(2018, 6, 1, 21, tzinfo=UTC)


def test_of_several_successors_the_oldest_evidence_counts(merged: Ledger, tmp_path: Path) -> None:
    take(merged, ord_file(tmp_path, its_successors_word(by=THIRD), name="more.json"))

    assert line(merged).successors == (SUCCESSOR, THIRD)
    assert asked_of(merged, CLOSED).status == "cannot-tell"


def test_as_it_was_known_before_the_register_told_of_it_its_own_counts(
    ledger: Ledger, tmp_path: Path
) -> None:
    before = ledger.known().position
    take(ledger, ord_file(tmp_path, its_own_word()))

    assert asked_of(ledger, CLOSED, known_at=before).status == "cannot-tell"
    assert asked_of(ledger, CLOSED).status == "not-objecting"


# --- which are listed


@pytest.fixture(scope="module")
def listed(
    databases: Databases, two_practices: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """Three practices and a prison; no test here changes what another looks at."""
    register = epraccur(
        tmp_path_factory.mktemp("register"),
        a_line(CLOSED, name="MARLOW SURGERY", status="C", closed="20180331"),
        a_line(SUCCESSOR, name="HARBOUR SURGERY", commissioner="98X"),
        a_line(THIRD, name="100% HEALTH", status="D"),
        a_line("X99P0", name="A PRISON", setting="10"),
    )
    with databases.copy(two_practices) as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        take(ledger, register)
        yield ledger
        engine.dispose()


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (Wanted(), [CLOSED, SUCCESSOR, THIRD, "X99P0"]),
        (Wanted(gp_practice=True), [CLOSED, SUCCESSOR, THIRD]),
        (Wanted(heard=True), [CLOSED, SUCCESSOR]),
        (Wanted(name="harbour"), [SUCCESSOR]),
        (Wanted(name="x99p"), ["X99P0"]),
        (Wanted(name="%"), [THIRD]),
        (Wanted(status="closed"), [CLOSED]),
        (Wanted(status="dormant"), [THIRD]),
        (Wanted(commissioner="98X"), [SUCCESSOR]),
        (Wanted(closed_since=date(2018, 3, 31)), [CLOSED]),
        (Wanted(closed_since=date(2018, 4, 1)), []),
        (Wanted(codes=[]), []),
        (Wanted(codes=[THIRD, "X99999"]), [THIRD]),
    ],
    ids=str,
)
def test_practices_are_narrowed(listed: Ledger, wanted: Wanted, codes: list[str]) -> None:
    assert [one.code for one in listed.practices(wanted)] == codes
    assert listed.practice_codes(wanted) == codes


def test_a_list_is_read_in_parts(listed: Ledger) -> None:
    parts = [listed.practices(Wanted(), limit=1, offset=n)[0].code for n in range(4)]

    assert parts == listed.practice_codes(Wanted())
