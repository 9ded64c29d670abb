"""What a controller owes besides what findings ask for, until somebody says that it is done.

Advice that contradicts other advice stands side by side with its source and is never merged: the
controller decides, and records which and why.
"""

from datetime import date

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.policies import TYPE_2_ENDED_ON
from ledger.domain.rule import Advice, StandingAction
from ledger.domain.sharing import GDPR_APPLIED_ON

_SYSTMONE = frozenset({ClinicalSystem.SYSTMONE})
_ALL = frozenset(ClinicalSystem)

# The day from which rule SH03 finds a practice that has not drawn up its lists.
_LISTS_DUE_ON = date(2018, 5, 30)
# The end of the first whole month of codes added since.
_FIRST_MONTHLY_SEARCH_ON = date(2018, 11, 30)
_OPT_OUT_APPLIED_BY = date(2022, 7, 31)

STANDING_ACTIONS: tuple[StandingAction, ...] = (
    StandingAction(
        "SA01",
        "Decide whether to keep eDSM sharing on, and record the decision and its reasons",
        _SYSTMONE,
        None,
        (
            Advice("ICO: do not switch sharing off wholesale without weighing patient care.", "C9"),
            Advice(
                "GPC IT lead: consider switching sharing off until you can control who sees the "
                "record.",
                "C13",
            ),
            Advice("BMA: doing nothing is not an option.", "C10"),
            Advice(
                "Due when the practice joins the ledger: record which advice you follow and why.",
                "[D]",
            ),
        ),
        at_onboarding=True,
    ),
    StandingAction(
        "SA02",
        "Tell patients who can see what in their record, when, how and for how long",
        _SYSTMONE,
        GDPR_APPLIED_ON,
        (
            Advice("Say which organisations, which parts of the record, and until when.", "C13"),
            Advice("Sharing has to be fair: patients have to know of it.", "C16"),
        ),
    ),
    StandingAction(
        "SA03",
        "Ask for explicit consent, of high-risk groups first",
        _SYSTMONE,
        GDPR_APPLIED_ON,
        (
            Advice(
                "Ask first those near the end of life, at risk of admission, frail or under "
                "safeguarding; then everybody at registration and at referral.",
                "C6",
            ),
        ),
    ),
    StandingAction(
        "SA04",
        "Draw up the list of allowed organisations",
        _SYSTMONE,
        _LISTS_DUE_ON,
        (Advice("List the services you really use; they may share in directly.", "C4"),),
        due_with="SH03",
    ),
    StandingAction(
        "SA05",
        "Draw up the list of prohibited organisations",
        _SYSTMONE,
        _LISTS_DUE_ON,
        (Advice("List those that may never share in.", "C3"),),
        due_with="SH03",
    ),
    StandingAction(
        "SA06",
        "Collect patients' mobile numbers and email addresses",
        _SYSTMONE,
        None,
        (Advice("Without one, a verification code cannot reach the patient.", "C3"),),
    ),
    StandingAction(
        "SA07",
        "Agree data sharing in writing with every allowed organisation",
        _SYSTMONE,
        None,
        (Advice("Have a data-sharing agreement with each organisation you allow.", "C7 C6"),),
    ),
    StandingAction(
        "SA08",
        "Review the access audit and the use of override",
        _SYSTMONE,
        None,
        (
            Advice("Patients can see who looked: look yourself first.", "C12"),
            Advice("Override is for emergencies, and its use is monitored.", "C20"),
            Advice("Every three months.", "[D]"),
        ),
        every_months=3,
    ),
    StandingAction(
        "SA09",
        "Stop recording type 2 objections, and remove their codes from every entry tool",
        _ALL,
        TYPE_2_ENDED_ON,
        (
            Advice("Tell every member of staff.", "D7"),
            Advice(
                "Remove the codes from templates, protocols and automatic consultations.", "D8 D9"
            ),
        ),
    ),
    StandingAction(
        "SA10",
        "Search for type 2 codes added since 11 October 2018",
        _ALL,
        _FIRST_MONTHLY_SEARCH_ON,
        (
            Advice("Search every week or month until you are confident.", "D12"),
            Advice(
                "Review each hit: the transfer of a patient's record may have brought an old "
                "entry, for which no letter is sent.",
                "D9 D10",
            ),
        ),
        every_months=1,
    ),
    StandingAction(
        "SA11",
        "Amend your policies and your privacy notice",
        _ALL,
        TYPE_2_ENDED_ON,
        (Advice("Replace what they say of type 2 by the national data opt-out.", "D33 D6"),),
    ),
    StandingAction(
        "SA12",
        "Keep recording and applying type 1 objections",
        _ALL,
        None,
        (
            Advice("Type 1 objections stay as they are.", "D5 D33"),
            Advice("Publish how long you take to record one, before an extract is due.", "H1"),
        ),
    ),
    StandingAction(
        "SA13",
        "Make every outgoing report apply the national data opt-out",
        _ALL,
        _OPT_OUT_APPLIED_BY,
        (Advice("Configure every outgoing report, old ones too.", "D33"),),
    ),
    StandingAction(
        "SA14",
        "Keep a record of disclosures",
        _ALL,
        None,
        (
            Advice("Assess each disclosure against the policy, and keep a record.", "E27 D33"),
            Advice("Write down what it was and who received it.", "E25"),
        ),
    ),
    StandingAction(
        "SA15",
        "Adopt SNOMED CT in place of Read v2 and CTV3",
        _ALL,
        None,
        (Advice("Phased, from April 2018.", "A1"),),
    ),
)


def applying_to(system: ClinicalSystem | None) -> tuple[StandingAction, ...]:
    """What a practice on this clinical system owes; where it is unknown, what every practice does."""
    return tuple(
        action
        for action in STANDING_ACTIONS
        if (action.systems == _ALL if system is None else system in action.systems)
    )
