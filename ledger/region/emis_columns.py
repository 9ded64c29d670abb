"""Which columns EMIS's extract had in which year (docs/formats.md 2.2)."""

from collections.abc import Sequence

from ledger.region.sheets import columns

AGREEMENT = columns("OrganisationGuid IsActivated LastModifiedDate Disabled Deleted")
ORGANISATION = columns(
    "OrganisationGuid CDB OrganisationName ODSCode ParentOrganisationGuid CCGOrganisationGuid "
    "OrganisationType OpenDate CloseDate MainLocationGuid ProcessingId"
)
PATIENT = columns(
    "PatientGuid OrganisationGuid UsualGpUserInRoleGuid Sex DateOfBirth DateOfDeath Title "
    "GivenName MiddleNames Surname DateOfRegistration NhsNumber PatientNumber "
    "PatientTypeDescription DummyType HouseNameFlatNumber NumberAndStreet Village Town County "
    "Postcode ResidentialInstituteCode NHSNumberStatus CarerName CarerRelation PersonGuid "
    "DateOfDeactivation Deleted SpineSensitive IsConfidential EmailAddress HomePhone MobilePhone "
    "ExternalUsualGPGuid ExternalUsualGP ExternalUsualGPOrganisation ProcessingId"
)
CLINICAL_CODE = columns(
    "CodeId Term ReadTermId SnomedCTConceptId SnomedCTDescriptionId NationalCode "
    "NationalCodeCategory NationalDescription EmisCodeCategoryDescription ParentCodeId ProcessingId"
)
_OBSERVATION = columns(
    "ObservationGuid PatientGuid OrganisationGuid EffectiveDate EffectiveDatePrecision EnteredDate "
    "EnteredTime ClinicianUserInRoleGuid EnteredByUserInRoleGuid ParentObservationGuid CodeId "
    "ProblemGuid AssociatedText ConsultationGuid Value NumericUnit ObservationType NumericRangeLow "
    "NumericRangeHigh DocumentGuid Deleted IsConfidential ProcessingId"
)
# Version 7.1 did away with the free text.
_WITHOUT_TEXT_SINCE = 2017


def observation_columns(year: int) -> Sequence[str]:
    """The columns of CareRecord_Observation that year."""
    lacking = {"AssociatedText"} if year >= _WITHOUT_TEXT_SINCE else set[str]()
    return [column for column in _OBSERVATION if column not in lacking]
