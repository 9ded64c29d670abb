"""What does an event say, in the words of a practice? One sentence of it, and never who the patient
is.

Dates of entering, of effect and of knowledge are told beside it, so they are not told here; what
happened on a day of its own is.
"""

from collections.abc import Mapping

from ledger.domain import events as e
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Setting
from ledger.domain.purposes import Purpose
from ledger.domain.wording import counted, in_words, neighbour_in_words

SETTINGS: Mapping[str, str] = {
    Setting.AUTO_SHARE_OUT: "Share-out is recorded automatically",
    Setting.AUTO_SHARE_IN: "Share-in is recorded automatically",
    Setting.SHARE_IN_RULE: "Who must verify before sharing in",
    Setting.ALLOWED: "Allowed list",
    Setting.PROHIBITED: "Prohibited list",
    Setting.SHARE_IN: "Share-in",
}
SETTING_VALUES: Mapping[str, str] = {
    "on": "On",
    "off": "Off",
    "none-require-verification": "No organisations require verification",
    "verify-unlisted": "Those on neither list require verification",
    "verify-all": "All organisations require verification",
    "add": "Added",
    "remove": "Taken off",
    "verified": "Created, verified",
    "unverified": "Created, not verified",
    "overridden": "Created by override",
    "ended": "Ended",
}
# What this rule shows of a collection is that the patient was not in it.
NOT_CARRIED = "TX01"


def purpose_name(purpose: str) -> str:
    """A purpose as practices say it: Type 1."""
    return {Purpose.NATIONAL: "National opt-out", Purpose.SCR: "Summary Care Record"}.get(
        Purpose(purpose), purpose.replace("-", " ", 1).capitalize().replace("Share ", "Share-")
    )


def said(event: e.Event, *, rule: str = "") -> str:
    """What the event says, as evidence of a finding of that rule."""
    match event:
        case e.EntryStated():
            return f"{purpose_name(event.purpose)} {event.statement} recorded at {event.practice}"
        case e.NeighbourRecorded():
            about = neighbour_in_words(event.about)
            return f"Refusal of {about} recorded at {event.practice}"
        case e.EntryRemoved():
            return "The entry was deleted from the practice’s record"
        case e.ObjectionTransmitted():
            return "The patient stood in a collection that reached NHS Digital"
        case e.CollectionReceived() if rule == NOT_CARRIED:
            return f"The collection of {in_words(event.period_end)} did not carry the patient"
        case e.CollectionReceived():
            return "A collection reached NHS Digital"
        case e.TransmissionUnconfirmed():
            return "The patient stood in a collection that was refused as a whole"
        case e.ObjectionConverted():
            return f"The objection was converted on {in_words(event.converted_on)}"
        case e.ExtractReleased():
            return f"Data was released to {event.recipient}"
        case e.CodeMapDisagreed():
            system = event.clinical_system.full_name
            return f"A code map of {system} disagrees with the table of codes"
        case _:
            return _of_the_patient(event) or _of_the_practice(event)


def _of_the_patient(event: e.Event) -> str | None:
    match event:
        case e.Registered():
            return f"The patient registered at {event.practice} on {in_words(event.registered_on)}"
        case e.Deregistered():
            return f"The patient left {event.practice} on {in_words(event.deregistered_on)}"
        case e.RegistrationRemoved():
            return f"{event.practice} tells no more of a registration of the patient"
        case e.Died():
            return f"The patient died on {in_words(event.died_on)}"
        case e.DeathRemoved():
            return f"{event.practice} says no longer that the patient died"
        case e.NumberSuperseded():
            return "The patient got another NHS number"
        case e.TurnedThirteen():
            return "The patient had turned thirteen"
        case e.RecordWithheld():
            return f"{event.practice} was asked for the record, and refused it"
        case e.RecordAnswered():
            return f"{event.practice} sent the record it had refused"
        case _:
            return None


def _of_the_practice(event: e.Event) -> str:
    match event:
        case e.SharingSettingChanged():
            return f"{SETTINGS[event.setting]}: {SETTING_VALUES.get(event.value, event.value)}"
        case e.OrganisationListed():
            return f"{event.organisation} was put on the {SETTINGS[event.setting].lower()}"
        case e.OrganisationUnlisted():
            return f"{event.organisation} was taken off the {SETTINGS[event.setting].lower()}"
        case e.ShareInCreated():
            return _share_in(event)
        case e.ShareInEnded():
            return f"The share-in of {event.organisation} ended"
        case e.AgreementChanged():
            state = "disabled" if event.disabled else "active" if event.activated else "not active"
            return f"The EMIS sharing agreement is {state}"
        case e.SystemChanged():
            return f"The practice uses {ClinicalSystem(event.clinical_system).full_name}"
        case e.PracticeClosed():
            return f"It closed on {in_words(event.closed_on)}, as the register has it"
        case e.PracticeListed():
            return f"The register lists it as {event.status.lower()}"
        case e.DeliveryReceived():
            return f"A delivery of {counted(event.rows_read, 'row')} was taken in"
        case _:
            return event.TOPIC.replace("-", " ").capitalize()


def _share_in(event: e.ShareInCreated) -> str:
    if not event.overridden:
        how = "verified" if event.verified else "not verified"
        return f"{event.organisation} created a share-in, {how}"
    reasons = {None: "", True: ", with a reason", False: ", without a reason"}
    return f"{event.organisation} overrode a dissent{reasons[event.reason_given]}"
