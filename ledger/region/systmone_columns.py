"""Which columns TPP's extract had in which year: they drift unannounced (docs/formats.md 1.3)."""

from collections.abc import Sequence

from ledger.region.sheets import columns

ORGANISATION = columns(
    "RowIdentifier Name ID HouseName HouseNumber NameOfRoad NameOfLocality NameOfTown NameOfCounty "
    "FullPostCode Telephone SecondaryTelephone Fax MadeObsolete IDTrust IDCcg RemovedData"
)
PATIENT = columns(
    "RowIdentifier IDOrganisationVisibleTo Title FirstName MiddleNames Surname PreviousSurname "
    "NHSNumber DateBirth DateDeath BirthPlace Gender SpeaksEnglish EmailAddress TestPatient SSRef "
    "SpineMatched RemovedData"
)
REGISTRATION = columns(
    "RowIdentifier IDOrganisationVisibleTo DateEventRecorded IDProfileEnteredBy DateRegistration "
    "DateDeRegistration RegistrationStatus PreferredPharmacy IDPatient IDOrganisation "
    "IDOrganisationRegisteredAt RemovedData"
)
CODE_MAPS = {
    "SRCtv3ToSnomed": columns(
        "RowIdentifier IDOrganisationVisibleTo Ctv3Code SnomedCode RemovedData"
    ),
    "SRCtv3ToVersion2": columns("RowIdentifier Ctv3Code Version2Code RemovedData"),
}
CODE = columns(
    "RowIdentifier IDOrganisationVisibleTo DateEventRecorded DateEvent IDProfileEnteredBy IDDoneBy "
    "TextualEventDoneBy IDOrganisationDoneAt CTV3Code CTV3Text SNOMEDCode SNOMEDText "
    "NumericComparator IsNumeric NumericValue NumericUnit EpisodeType IDTemplate IDQuestionnaire "
    "IDEvent IDPatient IDReferralIn IDAppointment IDVisit IDOrganisation "
    "IDOrganisationRegisteredAt RemovedData"
)

# From this year on, the columns that TPP's numbered sets did not have yet: 89, then 90, then 93.
_LACKING = {
    2014: {"SNOMEDCode", "SNOMEDText", "IDQuestionnaire"},
    2015: {"IDQuestionnaire"},
    2017: set[str](),
}


def code_columns(year: int, *, whole: bool) -> Sequence[str]:
    """The columns of SRCode that year; a set for whole tables has no RemovedData (88, 91, 92)."""
    lacking = _LACKING[max(since for since in _LACKING if since <= year)]
    if whole:
        lacking = lacking | {"RemovedData"}
    return [column for column in CODE if column not in lacking]
