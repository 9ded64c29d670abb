"""Who says so? The sources that rules, standing actions and comments name by label.

The one table of them: pages for people take their names from it, docs/sources.md and the end of
docs/rules.md are written from it. Some pages have moved since they were read.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

# What follows docs/formats.md: the number of one of its sections.
_PLACE = re.compile(r"[0-9.]+")


class Source(NamedTuple):
    """Who says what, and the public page; `page` None: there is none to open.

    `opening_only`: no more than the beginning of the page was confirmed.
    """

    label: str
    who: str
    says: str = ""
    page: str | None = None
    opening_only: bool = False


_ALL = (
    # What the ledger's makers derived themselves is marked so, and never passed off as advice.
    Source("[D]", "The ledger’s own reasoning", "derived or calculated by the ledger's makers"),
    Source(
        "docs/formats.md",
        "The ledger’s notes on formats",
        "what public sources show of suppliers' formats, and the ledger's own",
    ),
    # --- A: GP Systems of Choice
    Source(
        "A1",
        "NHS Digital, GP Systems of Choice",
        "the four principal clinical systems and their makers; SNOMED CT is to replace Read v2 and CTV3, phased from April 2018",
        "https://digital.nhs.uk/services/gp-systems-of-choice",
        opening_only=True,
    ),
    Source(
        "A4",
        "NHS Digital, supplier requirements and performance reporting",
        "suppliers' own figures against contracted service levels, published unvalidated and liable to change",
        "https://digital.nhs.uk/services/gp-systems-of-choice/supplier-requirements-and-performance-reporting",
        opening_only=True,
    ),
    # --- B: the type 2 failures
    Source(
        "B1",
        "NHS Digital, statement on the type 2 error, 2018",
        "type 2 objections recorded in SystmOne since 1 April 2015 were not sent, for a coding error in SystmOne",
        "https://digital.nhs.uk/news/2018/statement-on-type-2-opt-out-error",
        opening_only=True,
    ),
    Source(
        "B2",
        "NHS Digital, information for patients, 2018",
        "recorded from 1 April 2015 to 1 April 2018; letters to those affected by 31 July 2018, and who gets none is not affected",
        "https://digital.nhs.uk/services/gp-systems-of-choice/tpp-type-2-issue/tpp-type-2-issue-information-for-patients",
        opening_only=True,
    ),
    Source(
        "B3",
        "NHS Digital, information for TPP practices, 2018",
        "about 150,000 patients; TPP diagnosed the fault on 26 June 2018, flows stopped on 27 June; practices are to be aware and need not act",
        "https://digital.nhs.uk/services/gp-systems-of-choice/tpp-type-2-issue/tpp-type-2-issue-information-for-tpp-practices",
        opening_only=True,
    ),
    Source(
        "B4",
        "Understanding Patient Data",
        "the entries in the record were right; it was noticed when TPP changed its coding system and many objections arrived at once",
        "https://understandingpatientdata.org.uk/news/tpp-error-type-2-opt-outs",
        opening_only=True,
    ),
    Source(
        "B5",
        "House of Commons, 2 July 2018",
        "recorded from March 2015 to June 2018; data went out without regard to them from April 2016 to 26 June 2018",
        "https://hansard.parliament.uk/commons/2018-07-02/debates/18070233000013/GPUpdate",
        opening_only=True,
    ),
    Source(
        "B6",
        "Digital Health, July 2018",
        "reports the written statement to the Commons of 2 July 2018",
        "https://dhi-publishing-new-theme.onyx-sites.io/2018/07/opt-out-data-requests-missed",
        opening_only=True,
    ),
    Source(
        "B7",
        "NHS Digital, statistics for June 2018",
        "bear the date 10 June, were published on 2 July, and say that the 150,000 are in them",
        "https://digital.nhs.uk/data-and-information/publications/statistical/care-information-choices/mi-june-2018",
    ),
    Source(
        "B9",
        "medConfidential bulletin, September 2018",
        "the letters of apology arrived; people are advised to check their own status",
        "https://williambowles.info/2018/09/07/medconfidential-bulletin-7th-september-2018/",
        opening_only=True,
    ),
    Source(
        "B11",
        "Digital Health, November 2015",
        "some 700,000 type 2 objections had been collected and not acted on; the ICO found a breach and expected action by January 2016",
        "https://www.digitalhealth.net/2015/11/patient-opt-outs-actioned-by-january/",
        opening_only=True,
    ),
    Source(
        "B12",
        "ICO, statement on the HSCIC's undertaking, April 2016",
        "objections were offered and not implemented; steps to mend it are agreed",
        "http://www.wired-gov.net/wg/news.nsf/print/ICO+statement+on+Health+and+Social+Care+Information+Centre+undertaking+20042016132000",
    ),
    Source(
        "B13",
        "Rowan Tree practice, on care.data",
        "what care.data offered in 2014; type 2 upheld from 29 April 2016",
        "https://rowantreepractice.org.uk/pages/Caredata",
        opening_only=True,
    ),
    # --- C: SystmOne's enhanced Data Sharing Model (eDSM)
    Source(
        "C3",
        "Ardens",
        "lists of allowed and prohibited organisations, verification by a code for all others, shares that exist are left as they are; implied consent is no longer advised once the GDPR applies",
        "https://ardens.freshdesk.com/support/solutions/articles/31000120345-sharing-records",
        opening_only=True,
    ),
    Source(
        "C4",
        "Pricare guide to SystmOne",
        "the screen Share In Rules, which reads 'No Organisations Require Verification' if never touched",
        "http://home.pricare.co.uk/TPP-SystmOne-New-eDSM-Functionality-Allowed-Lists-and-Patient-Sharing-In-Preferences",
        opening_only=True,
    ),
    Source(
        "C6",
        "Wiltshire CCG",
        "untick the automatic recording of share-out and share-in; it changes nothing for preferences already recorded, so ask again, high-risk groups first",
        "http://www.wiltshireccg.nhs.uk/gp/records/sharing",
        opening_only=True,
    ),
    Source(
        "C7",
        "Wessex LMCs",
        "have agreements with those you share with",
        "https://www.wessexlmcs.com/email5984",
        opening_only=True,
    ),
    Source(
        "C9",
        "Pulse, reporting the ICO",
        "practices should not switch sharing off, for the sake of patients' care",
        "https://www.pulsetoday.co.uk/news/technology/gps-should-not-switch-off-patient-record-sharing-says-ico/",
        opening_only=True,
    ),
    Source(
        "C10",
        "GPonline, reporting the ICO and the BMA",
        "the BMA: practices cannot do nothing",
        "https://www.gponline.com/data-watchdog-not-advocating-systmone-gps-stop-record-sharing/article/1428453",
        opening_only=True,
    ),
    Source(
        "C12",
        "Pulse",
        "practices cannot tell which organisations open their records; patients are to see the access audit",
        "https://www.pulsetoday.co.uk/news/technology/thousands-of-practices-unaware-they-could-be-in-breach-of-data-rules/",
        opening_only=True,
    ),
    Source(
        "C13",
        "Pulse, reporting the GPC IT lead",
        "consider switching sharing off until it can be controlled; tell patients who can see their record",
        "http://www.pulsetoday.co.uk/news/gp-topics/it/urgently-consider-switching-off-patient-record-sharing-gpc-it-lead-tells-practices/20034007.article",
        opening_only=True,
    ),
    Source(
        "C16",
        "TPP",
        "the ICO has concerns about fair processing and security",
        "http://www.tpp-uk.com/newfunctionality/update-on-edsm",
        opening_only=True,
    ),
    Source(
        "C20",
        "South Tees Hospitals",
        "items can be private; override is for serious situations, and its use is monitored",
        "https://www.southtees.nhs.uk/services/physiotherapy/community/happens-appointment/record/",
    ),
    # --- D: codes and objections
    Source(
        "D1",
        "A published list of codes",
        "a Discovery subscriber's SQL (WSIC): Read v2 and CTV3 codes of every refusal in one list, compared exactly, some without their trailing dot, and no withdrawals (at 7f8573df, of 18 June 2020: Views/WSIC Views/mySQL/1_installsql.sql)",
        "https://github.com/endeavourhealth-discovery/DiscoveryQueryLibrary",
    ),
    Source(
        "D2",
        "Data Protection Society",
        "a letter that names the codes",
        "http://www.dataprotectionsociety.co.uk/default.asp?iID=JLHLKD&item=EHEJEGL",
        opening_only=True,
    ),
    Source(
        "D3",
        "The Good Practice, London",
        "type 1 in CTV3 and SNOMED CT",
        "https://www.thegoodpractice.london/type-1-opt-out",
    ),
    Source(
        "D4",
        "Cegedim, help for Vision",
        "9Nu0. keeps a patient out of reports unless a later 9Nu1. exists",
        "https://help.cegedim-healthcare.co.uk/DLM870/Consultation_Manager/Content/Releases/DLM_760/National_Data_Opt_Out.htm",
        opening_only=True,
    ),
    Source(
        "D5",
        "Cegedim, reminder to practices",
        "type 1 goes on being recorded and applied",
        "https://knowledge.cegedim-healthcare.co.uk/national-data-opt-out-reminder-1",
    ),
    Source(
        "D6",
        "Ardens",
        "type 2 in CTV3, and what to change in policies and notices",
        "https://support.ardens.org.uk/support/solutions/articles/31000146591-type-2-opt-out-",
        opening_only=True,
    ),
    Source(
        "D7",
        "Doncaster LMC",
        "type 2 in all three vocabularies; not to be recorded after 11 October 2018 (also at http://cantgetanappointment.co.uk/data_opt_out.html)",
        "https://www.doncasterlmc.co.uk/guidance/national-patient-data-opt-out",
        opening_only=True,
    ),
    Source(
        "D8",
        "NHS Digital, for SystmOne practices",
        "a type 2 code after 11 October 2018 does nothing; templates go on adding it without a warning, and have to be mended",
        "https://digital.nhs.uk/services/national-data-opt-out/information-for-gp-practices/prevent-type-2-opt-out-code-use-in-tpp-systmone",
        opening_only=True,
    ),
    Source(
        "D9",
        "NHS Digital, for EMIS Web practices",
        "the same for EMIS, which switched the codes off; GP2GP can make an old entry look newly added; tell the patients concerned",
        "https://production-like.nhsd.io/services/national-data-opt-out/information-for-gp-practices/prevent-type-2-opt-out-code-use-in-emis-web",
        opening_only=True,
    ),
    Source(
        "D10",
        "NHS Digital, for Microtest practices",
        "the same for Microtest, which could not switch them off yet",
        "https://digital.nhs.uk/services/national-data-opt-out/information-for-gp-practices/prevent-type-2-opt-out-code-use-in-microtest",
        opening_only=True,
    ),
    Source(
        "D12",
        "LMC news (lmc.org.uk)",
        "search every week or month for codes added since 11 October 2018",
        "https://www.lmc.org.uk/news/type-2-opt-outs-replaced-by-the-national-data-opt-out/",
        opening_only=True,
    ),
    Source(
        "D13",
        "LMC news (lmc.org.uk), March 2019",
        "NHS Digital's letter to practices about stray type 2 codes",
        "https://lmc.org.uk/news/preventing-type-2-opt-out-codes-being-recorded-in-clinical-systems",
    ),
    Source(
        "D14",
        "Cegedim, help for Vision",
        "the Read codes of the Summary Care Record",
        "https://help.cegedim-healthcare.co.uk/DLM840/Consultation_Manager/Content/ConMgr/25893.htm",
    ),
    Source(
        "D15",
        "NHS Digital, additional information in the Summary Care Record",
        "XaXbZ is consent to a Summary Care Record with additional information",
        "https://digital.nhs.uk/services/summary-care-records-scr/additional-information-in-scr",
        opening_only=True,
    ),
    Source(
        "D16",
        "Devonshire Lodge practice",
        "XaXj6 is dissent from the Summary Care Record",
        "http://devonshirelodge.co.uk/sharing-information/",
        opening_only=True,
    ),
    Source(
        "D17",
        "NHS, value set DocumentConsentSnCT",
        "SNOMED CT ids of consents to record sharing",
        "https://data.developer.nhs.uk/fhir/sh/StructuredHeadings-1-0-RC3/Vocabulary/DocumentConsentSnCT.html",
    ),
    Source(
        "D18",
        "NHS Digital, for the NHS App",
        "SNOMED CT codes of a patient's online access to their record",
        "https://digital.nhs.uk/services/nhs-app/nhs-app-guidance-for-gp-practices/using-enhanced-review-snomed-codes-when-giving-a-patient-access-to-their-health-record",
        opening_only=True,
    ),
    Source(
        "D20",
        "Cegedim, help for Vision",
        "codes of consent to email",
        "https://help.cegedim-healthcare.co.uk/visionplus/content/G_Full_Help_Topics/Settings/Settings_Screen/Email_Explicit_Consent.htm",
        opening_only=True,
    ),
    Source(
        "D22",
        "NCL ICB, analytics warehouse",
        "the latest effective date wins, across practices; of one day the higher id, and rows without a date are dropped (at 213ca054, so since 00354d5e of 3 October 2025: int_opt_out_type_1_all.sql, dim_person_opt_out_type_1_status.sql)",
        "https://github.com/ncl-icb-analytics/dbt-ncl-analytics",
    ),
    Source(
        "D23",
        "OpenSAFELY, documentation",
        "how type 1 is applied, and that the rule changed in 2024: from 2 August to 25 October its page told of a list without those who might have objected elsewhere (at 41030f3c, its pages on type 1 and on national opt-outs; 7bc93d1, taken back by 4b10ac3)",
        "https://github.com/opensafely/documentation",
    ),
    Source(
        "D24",
        "OpenSAFELY, ehrQL",
        "CTV3 codes compared in a case-sensitive collation; one event in both vocabularies; deny list from 3 November 2023, allow list from 2 August 2024, deny list again from 28 October 2024, and who counts as registered as proposed on 30 July 2024 (at 350a1ccd: ehrql/backends/tpp.py, emisv2.py, ehrql/tables/tpp.py; d239b2ab, f5b0d5f5, b677ca57, 9842c74e)",
        "https://github.com/opensafely-core/ehrql",
    ),
    Source(
        "D25",
        "OpenSAFELY, changelog of 24 July 2024",
        "of a patient who moves from TPP to EMIS and objects there, TPP cannot know",
        "https://www.opensafely.org/changelog/2024-07-24/",
        opening_only=True,
    ),
    Source(
        "D28",
        "NHS Digital, statistics for May 2016",
        "counts of objections of both types; type 1 by entries, type 2 by people",
        "https://digital.nhs.uk/data-and-information/publications/statistical/care-information-choices/care-information-choices-may-2016",
    ),
    Source(
        "D29",
        "NHS Digital, statistics for June 2017",
        "counts move when practices move between commissioners or merge, though nobody changed their mind; practices by their ODS codes",
        "https://digital.nhs.uk/data-and-information/publications/statistical/care-information-choices/care-information-choices-june-2017",
        opening_only=True,
    ),
    Source(
        "D31",
        "NHS Digital, how opt-outs work",
        "type 2 objections were collected month by month, and converted to national data opt-outs until October 2018; from thirteen on patients set the national data opt-out themselves",
        "https://digital.nhs.uk/data-and-information/keeping-data-safe-and-benefitting-the-public/how-we-look-after-your-health-and-care-information/your-information-choices/how-opt-outs-work",
        opening_only=True,
    ),
    Source(
        "D33",
        "NHS Digital, information for GP practices",
        "type 2 until 11 October 2018; policies, notices and reports to be changed; compliance by 31 July 2022 (several versions)",
        "https://digital.nhs.uk/services/national-data-opt-out-programme/information-for-gp-practices",
        opening_only=True,
    ),
    Source(
        "D37",
        "NHS Digital, care information choices",
        "statistics by practice, monthly from April 2016",
        "http://content.digital.nhs.uk/careinfochoices",
    ),
    Source(
        "D38",
        "LMC news (lmc.org.uk), 2018",
        "the GDPR applies, and the national data opt-out replaces type 2, from 25 May 2018",
        "https://www.lmc.org.uk/news/national-data-opt-out-to-be-introduced-alongside-the-gdpr-in-may/",
    ),
    Source(
        "D41",
        "NHS Digital, prototype of a type 1 opt-out",
        "asks on whose behalf the choice is made; for a dependant the authority to do so is checked first (at f23b9826: README, src/prototype/app/views/version-b)",
        "https://github.com/nhsconnect/type1-opt-out",
    ),
    # --- E: the national data opt-out
    Source(
        "E3",
        "UK Renal Registry",
        "how the national check of opt-outs is asked; one number that fails its check digit refuses the whole file",
        "https://renalregistry.atlassian.net/wiki/spaces/ST/pages/1426226600/National+Opt-Out+Processes",
    ),
    Source(
        "E4",
        "NHS Digital, licence of the check service",
        "the result may only be used to apply opt-outs, and is not to be kept in the patient's record",
        "https://digital.nhs.uk/services/national-data-opt-out/compliance-with-the-national-data-opt-out/check-for-national-data-opt-outs-service/licence",
        opening_only=True,
    ),
    Source(
        "E5",
        "NHS Digital, applying the national data opt-out",
        "opt-outs are checked at the disclosure, or kept in a temporary cache that has its rules",
        "https://digital.nhs.uk/services/national-data-opt-out-programme/operational-policy-guidance-document/applying-the-national-data-opt-out",
        opening_only=True,
    ),
    Source(
        "E11",
        "NHS, profiles of the national data opt-out",
        "the source code MG: migrated from a type 2, added on 26 April 2018 (branch develop at 4543c050, files NDOP-*)",
        "https://github.com/nhsconnect/STU3-FHIR-Assets",
    ),
    Source(
        "E14",
        "Endeavour Health, national opt-out worker",
        "the check digit of an NHS number (at dd9cfde3: MeshWorker.java)",
        "https://github.com/endeavourhealth-discovery/NationalDataOptout",
    ),
    Source(
        "E17",
        "NHS Digital, national data opt-out, June 2020",
        "opt-outs of people who have died are counted too; conversions of type 2 ended in November 2018",
        "https://digital.nhs.uk/data-and-information/publications/statistical/national-data-opt-out/june-2020",
    ),
    Source(
        "E19",
        "NHS Digital, first weeks of the national data opt-out",
        "some of the first choices restate an earlier one, so they do not add up to people",
        "https://digital.nhs.uk/services/national-data-opt-out-programme/national-data-opt-out-numbers",
    ),
    Source(
        "E20",
        "johntaz/nhs-opt-outs, dashboard figures of 2021",
        "weekly counts of national opt-outs: 569,376 more in one week of June, two equal weeks in August, another denominator in October (at 4b31c6ec: data/2021-dashboard.csv)",
        "https://github.com/johntaz/nhs-opt-outs",
    ),
    Source(
        "E21",
        "CPRD, 2024",
        "suppliers stopped sending people without a ten-digit NHS number",
        "https://www.cprd.com/news/2024-07-19/national-data-opt-out-and-deceasedtransferred-out-patients-prior-1997",
    ),
    Source(
        "E24",
        "Hero Health, for EMIS Web",
        "an opt-out can take up to 21 days to take effect",
        "https://herohealthsoftware.net/primary-care/emis-support/article/how-does-the-national-data-opt-out-service-affect-patient-data-usage-beyond-individual-care",
    ),
    Source(
        "E25",
        "Hero Health",
        "log what was filtered and who received it",
        "https://herohealthsoftware.net/primary-care/emis-support/article/what-is-the-process-for-gp-organisations-to-apply-the-national-data-opt-out-to-patient-searches",
    ),
    Source(
        "E27",
        "North West London GP data protection",
        "keep a record of disclosures",
        "http://www.nwlgp-gdpr.uk/2020/01/",
        opening_only=True,
    ),
    Source(
        "E31",
        "NHS Digital, national data opt-out online",
        "refuses whoever is under thirteen (at ad049db2: ndopapp/templates/verification/age-restriction-error.html)",
        "https://github.com/nhsconnect/ndop-nojs",
    ),
    # --- F: published numbers
    Source(
        "F7",
        "NHS Digital, disclosure control for hospital statistics, 2018",
        "secondary suppression by hand gives way to a rule that can be automated: below national level 1 to 7 as *, all other numbers to the nearest five, nought as it is",
        "https://digital.nhs.uk/data-and-information/data-tools-and-services/data-services/hospital-episode-statistics/change-to-disclosure-control-methodology-for-hes-and-ecds-from-september-2018",
        opening_only=True,
    ),
    # --- G: identifiers
    Source(
        "G2",
        "Documentation of the Rust package nhs-number",
        "numbers from 999 000 0000 on have sound check digits and are never issued (its other ranges contradict each other)",
    ),
    Source(
        "G3",
        "FHIR test data, United Kingdom",
        "the Modulus 11 check digit of an NHS number",
        "https://dnlbox.github.io/fhir-test-data/locales/uk/",
    ),
    Source(
        "G4",
        "ODS reference data catalogue",
        "a practice's ODS code is that of a prescribing cost centre; practices are those with the role RO76",
        "https://odsdatasearchandexport.dc4h.link/referenceDataCatalogue/565791179.html",
        opening_only=True,
    ),
    Source(
        "G5",
        "NHS Data Dictionary, organisation coding frames",
        "the shapes of organisation codes",
        "https://archive.datadictionary.nhs.uk/DD%20Release%20September%202020/supporting_information/organisation_coding_frames.html",
        opening_only=True,
    ),
    # --- H: practices
    Source(
        "H1",
        "Pulse",
        "practices set and publish their own day by which they record a type 1 before an extract",
        "https://www.pulsetoday.co.uk/news/technology/nhs-digital-gave-gpdpr-opt-out-deadline-in-error-says-gps-must-set-own-dates/",
        opening_only=True,
    ),
    Source(
        "H3",
        "An analysis of opt-out forms",
        "of 100 forms against care.data, 81 offered both objections and 15 only one",
        "https://1library.net/document/zgwv406y-dissenting-care-data-analysis-opt-forms.html",
        opening_only=True,
    ),
)
SOURCES: Mapping[str, Source] = {source.label: source for source in _ALL}
assert len(SOURCES) == len(_ALL), "a label stands for one source"


def named(labels: str) -> list[Source]:
    """The sources that the labels of one piece of advice name: "C9 C10"; unknown, its own name."""
    return [
        SOURCES.get(label, Source(label, label))
        for label in labels.split()
        if not _PLACE.fullmatch(label)
    ]
