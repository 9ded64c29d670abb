"""Are patients the same ones again, and can they be forgotten?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import UUID

from sqlalchemy import Engine

from ledger.store.identities import erase, find_patients, numbers_of, patient_ids
from ledger.store.keys import hmac_key
from ledger.store.references import keep_references, references
from ledger.store.source_patients import (
    SourcePatient,
    keep_links,
    source_patients,
)
from ledger.store.source_records import SourceRecord, keep_source_records, source_records
from ledger.store.source_registrations import (
    SourceRegistration,
    forget_registrations,
    keep_registrations,
    source_registrations,
    told_of,
)
from ledger.store.unmatched import Unmatched, keep_unmatched, resolve, waiting

ALICE, BOB, CAROL = "9990000018", "9990000026", "9990000034"
SOMEBODY = UUID("3f0c7a52-0000-4000-8000-000000000001")


def test_a_number_has_the_same_random_id_ever_after(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        first = patient_ids(connection, [ALICE, BOB, ALICE])

    with any_engine.begin() as connection:
        again = patient_ids(connection, [BOB, CAROL])

    assert first.keys() == {ALICE, BOB}
    assert first[BOB] == again[BOB]
    assert len({*first.values(), *again.values()}) == 3
    assert all(patient.version == 4 for patient in first.values())


def test_looking_for_patients_makes_none(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        assert find_patients(connection, [ALICE]) == {}
        assert find_patients(connection, []) == {}
        assert patient_ids(connection, []) == {}
        assert numbers_of(connection, [SOMEBODY]) == {}


def test_an_id_leads_back_to_its_number(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        ids = patient_ids(connection, [ALICE, BOB])

        assert numbers_of(connection, ids.values()) == {ids[ALICE]: ALICE, ids[BOB]: BOB}


def test_callers_who_meet_the_same_numbers_at_once_get_the_same_ids(any_engine: Engine) -> None:
    numbers = [str(9990000000 + n) for n in range(500)]
    together = Barrier(4)

    def meet(which: int) -> dict[str, UUID]:
        together.wait()
        with any_engine.begin() as connection:
            return patient_ids(connection, numbers[::-1] if which % 2 else numbers)

    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(meet, range(4)))

    assert all(answer == answers[0] for answer in answers)
    assert answers[0].keys() == set(numbers)


def test_an_erased_patient_keeps_an_id_and_nothing_else(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        alice = patient_ids(connection, [ALICE, BOB])[ALICE]
        told = SourcePatient(
            "17", ALICE, number_as_sent=ALICE, born_on=date(1950, 1, 1), last_number=ALICE
        )
        keep_links(connection, "X99901", "emis-web", [told])
        entry = Unmatched("X99901", "emis-web", "e1", ALICE, "18", "delivery", 7)
        keep_unmatched(connection, [entry])

        erase(connection, alice)

        assert numbers_of(connection, [alice]) == {}
        assert find_patients(connection, [ALICE, BOB]).keys() == {BOB}
        kept = source_patients(connection, "X99901", "emis-web", ["17"])
        assert kept == {"17": SourcePatient("17", None)}
        assert waiting(connection, "X99901", "emis-web") == [entry._replace(number_as_sent=None)]


def test_an_erased_number_that_comes_again_is_somebody_new(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        before = patient_ids(connection, [ALICE])[ALICE]
        erase(connection, before)

        assert patient_ids(connection, [ALICE])[ALICE] != before


def test_a_source_patient_is_what_was_last_said_of_it(any_engine: Engine) -> None:
    first = SourcePatient("17", None, number_as_sent="999 000", left_out=True)
    second = SourcePatient("17", ALICE, died_on=date(2016, 3, 4))
    other = SourcePatient("18", BOB)

    with any_engine.begin() as connection:
        keep_links(connection, "X99901", "emis-web", [first, other])
        keep_links(connection, "X99901", "emis-web", [second])
        keep_links(connection, "X99902", "emis-web", [first])

        found = source_patients(connection, "X99901", "emis-web", ["17", "18", "19"])
    assert found == {"17": second, "18": other}


def test_everybodys_registrations_are_kept_and_found_by_number_at_every_practice(
    any_engine: Engine,
) -> None:
    here = SourceRegistration("r1", "17", date(2001, 2, 1), date(2014, 2, 1))
    again = SourceRegistration("r2", "17", date(2016, 5, 1), None)

    with any_engine.begin() as connection:
        keep_registrations(connection, "X99901", "systmone", [here, again])
        keep_links(connection, "X99901", "systmone", [SourcePatient("17", ALICE)])
        keep_links(connection, "X99902", "vision", [SourcePatient("5", ALICE)])
        keep_links(connection, "X99903", "vision", [SourcePatient("6", ALICE, left_out=True)])
        keep_links(connection, "X99903", "vision", [SourcePatient("7", BOB)])

        found = told_of(connection, [ALICE])
    assert [(f.practice, f.registration, f.registered_on, f.deregistered_on) for f in found] == [
        ("X99901", "r1", date(2001, 2, 1), date(2014, 2, 1)),
        ("X99901", "r2", date(2016, 5, 1), None),
        ("X99902", None, None, None),
    ]


def test_of_a_registration_row_that_was_deleted_it_is_known_whose_it_was(
    any_engine: Engine,
) -> None:
    row = SourceRegistration("r1", "17", date(2001, 2, 1), None)

    with any_engine.begin() as connection:
        keep_registrations(connection, "X99901", "systmone", [row])
        forget_registrations(connection, "X99901", "systmone", ["r1", "r9"])

        found = source_registrations(connection, "X99901", "systmone", ["r1", "r9"])
    assert found == {"r1": row._replace(registered_on=None)}


def test_source_records_are_found_by_practice_and_system(any_engine: Engine) -> None:
    old = SourceRecord("e1", b"old", None, 1)
    new = SourceRecord("e1", b"new", SOMEBODY, 2)
    gone = SourceRecord("e2", b"x", SOMEBODY, 3, removed=True)

    with any_engine.begin() as connection:
        keep_source_records(connection, "X99901", "emis-web", [old, gone])
        keep_source_records(connection, "X99901", "emis-web", [old, new])
        keep_source_records(connection, "X99901", "vision", [old])

        assert source_records(connection, "X99901", "emis-web") == {"e1": new, "e2": gone}
        assert source_records(connection, "X99901", "emis-web", ["e1", "e9"]) == {"e1": new}
        assert source_records(connection, "X99901", "emis-web", []) == {}


def test_many_source_records_take_more_than_one_statement(any_engine: Engine) -> None:
    records = {str(n): SourceRecord(str(n), b"h", SOMEBODY, n) for n in range(10_001)}

    with any_engine.begin() as connection:
        keep_source_records(connection, "X99901", "emis-web", records.values())

        assert source_records(connection, "X99901", "emis-web", records.keys()) == records


def test_references_are_kept_by_kind_and_scope(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        keep_references(connection, "emis-web", "agreement-1", "organisation", {"g1": "X99901"})
        keep_references(connection, "emis-web", "agreement-1", "organisation", {"g1": "X99902"})
        keep_references(connection, "emis-web", "agreement-2", "organisation", {"g2": "X99903"})

        found = references(connection, "emis-web", "agreement-1", "organisation")
        named = references(connection, "emis-web", "agreement-2", "organisation", ["g1", "g2"])
    assert found == {"g1": "X99902"}
    assert named == {"g2": "X99903"}


def test_an_unmatched_entry_waits_until_it_is_resolved(any_engine: Engine) -> None:
    one = Unmatched("X99901", "emis-web", "e1", "not known", "17", "delivery-1", 5)
    two = Unmatched("X99901", "emis-web", "e2", None, "18", "delivery-1", 6)

    with any_engine.begin() as connection:
        keep_unmatched(connection, [two, one])
        assert waiting(connection, "X99901", "emis-web") == [one, two]
        assert waiting(connection, "X99901", "emis-web", source_patients=["18"]) == [two]
        assert waiting(connection, "X99901", "emis-web", entry_ids=["e1"]) == [one]

        resolve(connection, "X99901", "emis-web", entry_ids=["e1"], position=9)

        assert waiting(connection, "X99901", "emis-web") == [two]


def test_the_ledgers_key_is_made_once(any_engine: Engine) -> None:
    with ThreadPoolExecutor(4) as callers:
        keys = set(callers.map(lambda _: key_of(any_engine), range(8)))

    assert len(keys) == 1
    assert len(keys.pop()) == 32


def key_of(engine: Engine) -> bytes:
    with engine.begin() as connection:
        return hmac_key(connection)
