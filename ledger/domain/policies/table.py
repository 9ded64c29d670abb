"""THE TABLE of policies: the ledger's own, and what public services are known to do.

A policy that has answered anybody is not edited: add one. `docs/policies.md` is written from it.
"""

from datetime import date

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.policies.policy import AsTyped, Period, Policy, Tie
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, UnknownPolicy

_TYPE_1 = frozenset({Purpose.TYPE_1})
# OpenSAFELY went over from the deny list to an allow list, and back (D23 D24).
_DENY_LIST_FROM = date(2023, 11, 3)
_ALLOW_LIST_FROM, _ALLOW_LIST_UNTIL = date(2024, 8, 2), date(2024, 10, 27)

PRECEDENCE_1 = Policy(
    name="precedence-1",
    whose="The ledger",
    sentence="The latest effective date wins, at whichever practice; on one day a dissent beats a "
    "withdrawal; and whatever is in doubt, from a removed dissent to a record withheld, counts on "
    "the side of the patient's wish.",
    sources="D4 D8 [D]",
    not_told="No public source gives the whole rule: docs/adr/0006 decides its edges.",
    in_force=(Period(date.min),),
    answers=frozenset(Purpose),
    active=True,
)

POLICIES: tuple[Policy, ...] = (
    PRECEDENCE_1,
    Policy(
        name="registered-practice-2024",
        whose="A service that asks each practice about its own patients",
        sentence="Only what stands at the practice counts where the patient is registered, read as "
        "by precedence-1; of whoever left and is not known to be registered anywhere nobody can "
        "tell, but for those who were registered when they died.",
        sources="D23 D24 D25 [D]",
        not_told="The sources give the condition of a registration, as OpenSAFELY proposed it on 2 "
        "and 30 July 2024 for its allow list; that entries of other practices are not seen follows "
        "from systems not sharing them (D25), and the days are those of the allow list [D].",
        in_force=(Period(_ALLOW_LIST_FROM, _ALLOW_LIST_UNTIL),),
        answers=_TYPE_1,
        own_practice=True,
        needs_registration=True,
    ),
    Policy(
        name="vision",
        whose="Vision, reports that leave a practice",
        sentence="9Nu0. in a record keeps the patient out, unless there is a later 9Nu1.",
        sources="D4",
        not_told="Whether a withdrawal of the same day is later: here it is not. What is done with "
        "SNOMED CT ids and with undated entries: here only Read v2 is read, and an undated entry "
        "counts from the day it was entered. When it began: with release DLM 760, whose day is not "
        "public.",
        in_force=(Period(None),),
        answers=_TYPE_1,
        system=ClinicalSystem.VISION,
        as_typed=AsTyped(vocabularies=frozenset({CodeSystem.READ_V2})),
    ),
    Policy(
        name="ncl-2025",
        whose="NCL ICB, analytics warehouse",
        sentence="The latest date wins, across practices; of one day the row with the higher id; a "
        "row without a date is dropped, and the dissent in it.",
        sources="D22",
        not_told="The warehouse's ids: here the row that became known last stands in for the higher "
        "one. Dates are not capped, so one in the future wins from the day it was entered.",
        in_force=(Period(date(2025, 10, 3)),),
        answers=_TYPE_1,
        as_typed=AsTyped(drops_undated=True),
        tie=Tie.LAST_ROW,
    ),
    Policy(
        name="wsic-2020",
        whose="WSIC (Discovery, North West London)",
        sentence="One list of codes for every refusal: type 1, type 2, the Summary Care Record, "
        "shared records and national audit. It has no withdrawal, so nobody's objection ends.",
        sources="D1",
        not_told="Its list ends an opt-out by consent to share with a third party, or by 9Nd7 "
        "without its dot; the ledger keeps no such consent. Some of its codes mean things that the "
        "ledger does not read at all, such as risk assessments declined. Until when it was used.",
        in_force=(Period(date(2020, 6, 18)),),
        answers=frozenset({Purpose.TYPE_1, Purpose.TYPE_2}),
        pools=frozenset({Purpose.TYPE_1, Purpose.TYPE_2}),
        pooled_codes=frozenset(
            [
                "9Ndo.",
                "XaXj6",
                "93C3.",
                "XaKRy",
                "93C1.",
                "XaKRw",
                "9Nd1.",
                "XaKII",
                "9NdH.",
                "XaNwT",
                "9M1..",
                "XaJrC",
            ]
        ),
        as_typed=AsTyped(
            vocabularies=frozenset({CodeSystem.READ_V2, CodeSystem.CTV3}), counts_withdrawals=False
        ),
    ),
    Policy(
        name="opensafely-deny-list",
        whose="OpenSAFELY on SystmOne, the list of patients with a type 1",
        sentence="Who has a dissent in SystmOne is on the list and left out; who is not on it may "
        "be used.",
        sources="D23 D24",
        not_told="How the supplier makes the list. The sources speak of the mere presence of a "
        "record, so here a withdrawal takes nobody off it.",
        in_force=(
            Period(_DENY_LIST_FROM, date(2024, 8, 1)),
            Period(date(2024, 10, 28)),
        ),
        answers=_TYPE_1,
        system=ClinicalSystem.SYSTMONE,
        as_typed=AsTyped(counts_withdrawals=False),
    ),
    Policy(
        name="opensafely-allow-list",
        whose="OpenSAFELY on SystmOne, the list of patients who may be used",
        sentence="Only who is on the list may be used: not who has a dissent in SystmOne, nor who "
        "may have objected elsewhere, being registered at no practice on SystmOne, unless they "
        "were when they died.",
        sources="D23 D24",
        not_told="How the supplier makes the list: who may have objected elsewhere is taken from "
        "what OpenSAFELY had proposed in July 2024. As on the deny list, a withdrawal changes "
        "nothing.",
        in_force=(Period(_ALLOW_LIST_FROM, _ALLOW_LIST_UNTIL),),
        answers=_TYPE_1,
        system=ClinicalSystem.SYSTMONE,
        needs_registration=True,
        as_typed=AsTyped(counts_withdrawals=False),
    ),
)
_NAMED = {policy.name: policy for policy in POLICIES}
assert len(_NAMED) == len(POLICIES), "a name stands for one policy"


def policy_named(name: str) -> Policy | None:
    """The policy of that name, or None."""
    return _NAMED.get(name)


def policy_on(day: date) -> Policy:
    """The active policy in force on that day."""
    in_force = [policy for policy in POLICIES if policy.active and policy.was_in_force_on(day)]
    return max(in_force, key=lambda policy: policy.in_force_from)


def policy_asked(name: str | None, purpose: Purpose | None, *, on: date) -> Policy:
    """The policy asked for by name, or None: the one in force on that day. No purpose: any.

    Raises UnknownPolicy where there is none of that name, which is not repeated: it is a caller's
    word; and NotAFact where that one does not answer the purpose.
    """
    policy = policy_on(on) if name is None else policy_named(name)
    if policy is None:
        raise UnknownPolicy(f"no policy has that name: expected one of {', '.join(_NAMED)}")
    if purpose is not None and purpose not in policy.answers:
        answered = " and ".join(sorted(policy.answers))
        raise NotAFact(f"the policy {policy.name} answers for {answered} alone, not for {purpose}")
    return policy
