"""What events say in the words of a practice."""

from datetime import date

import pytest

from ledger.domain.events import Event
from ledger.domain.purposes import Neighbour, Purpose
from ledger.domain.said import said
from tests.builders import (
    a_closing,
    a_collection,
    a_conversion,
    a_death,
    a_deregistration,
    a_dissent,
    a_line_of_the_register,
    a_neighbour,
    a_refused_batch,
    a_registration,
    a_share_in,
    a_thirteenth_birthday,
    a_transmission,
    a_withdrawal,
    an_agreement,
    at_ten,
)

MAY = date(2016, 5, 31)
AT = at_ten(MAY)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (a_dissent(purpose=Purpose.TYPE_2), "Type 2 dissent recorded at X99901"),
        (a_withdrawal(), "Type 1 withdrawal recorded at X99901"),
        (a_neighbour(Neighbour.RESEARCH), "Refusal of research or audit recorded at X99901"),
        (a_transmission(MAY), "The patient stood in a collection that reached NHS Digital"),
        (a_collection(MAY), "A collection reached NHS Digital"),
        (a_refused_batch(), "The patient stood in a collection that was refused as a whole"),
        (a_conversion(MAY), "The objection was converted on 31 May 2016"),
        (a_registration(MAY), "The patient registered at X99901 on 31 May 2016"),
        (a_deregistration(MAY), "The patient left X99901 on 31 May 2016"),
        (a_death(MAY), "The patient died on 31 May 2016"),
        (a_thirteenth_birthday(), "The patient had turned thirteen"),
        (a_closing(MAY), "It closed on 31 May 2016, as the register has it"),
        (a_line_of_the_register("closed"), "The register lists it as closed"),
        (an_agreement(disabled=True), "The EMIS sharing agreement is disabled"),
        (a_share_in("unverified", "X99C1", AT), "X99C1 created a share-in, not verified"),
        (a_share_in("overridden", "X99C1", AT), "X99C1 overrode a dissent"),
        (
            a_share_in("overridden", "X99C1", AT, reason_given=True),
            "X99C1 overrode a dissent, with a reason",
        ),
        (
            a_share_in("overridden", "X99C1", AT, reason_given=False),
            "X99C1 overrode a dissent, without a reason",
        ),
        (a_share_in("ended", "X99C1", AT), "The share-in of X99C1 ended"),
    ],
    ids=lambda told: told.TOPIC if isinstance(told, Event) else "",
)
def test_an_event_is_told_in_a_sentence(event: Event, words: str) -> None:
    assert said(event) == words


def test_of_an_objection_that_never_arrived_a_collection_tells_that_it_did_not_carry_it() -> None:
    told = said(a_collection(MAY), rule="TX01")

    assert told == "The collection of 31 May 2016 did not carry the patient"
