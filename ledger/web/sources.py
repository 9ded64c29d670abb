"""Who gives a piece of advice?

Rules and standing actions name their sources by label (`docs/rules.md` lists them). A practice
reads who said it, with the public page where there is one; some have moved since.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

# A section of what the label before names.
_PLACE = re.compile(r"[0-9.]+")


class Source(NamedTuple):
    """Who said it, and the public page; `page` None: there is none to open."""

    label: str
    who: str
    page: str | None = None


_SOURCES: Mapping[str, tuple[str, str | None]] = {
    # What the ledger's makers derived themselves is marked so, and never passed off as advice.
    "[D]": ("The ledger’s own reasoning", None),
    "formats": ("The ledger’s notes on suppliers’ formats", None),
    "A1": (
        "NHS Digital, GP Systems of Choice",
        "https://digital.nhs.uk/services/gp-systems-of-choice",
    ),
    "B1": (
        "NHS Digital, statement on the type 2 error, 2018",
        "https://digital.nhs.uk/news/2018/statement-on-type-2-opt-out-error",
    ),
    "B2": (
        "NHS Digital, information for patients, 2018",
        "https://digital.nhs.uk/services/gp-systems-of-choice/tpp-type-2-issue/tpp-type-2-issue-information-for-patients",
    ),
    "B3": (
        "NHS Digital, information for TPP practices, 2018",
        "https://digital.nhs.uk/services/gp-systems-of-choice/tpp-type-2-issue/tpp-type-2-issue-information-for-tpp-practices",
    ),
    "B4": (
        "Understanding Patient Data",
        "https://understandingpatientdata.org.uk/news/tpp-error-type-2-opt-outs",
    ),
    "B5": (
        "House of Commons, 2 July 2018",
        "https://hansard.parliament.uk/commons/2018-07-02/debates/18070233000013/GPUpdate",
    ),
    "C3": (
        "Ardens",
        "https://ardens.freshdesk.com/support/solutions/articles/31000120345-sharing-records",
    ),
    "C4": (
        "Pricare guide to SystmOne",
        "http://home.pricare.co.uk/TPP-SystmOne-New-eDSM-Functionality-Allowed-Lists-and-Patient-Sharing-In-Preferences",
    ),
    "C6": ("Wiltshire CCG", "http://www.wiltshireccg.nhs.uk/gp/records/sharing"),
    "C7": ("Wessex LMCs", "https://www.wessexlmcs.com/email5984"),
    "C9": (
        "Pulse, reporting the ICO",
        "https://www.pulsetoday.co.uk/news/technology/gps-should-not-switch-off-patient-record-sharing-says-ico/",
    ),
    "C10": (
        "GPonline, reporting the ICO and the BMA",
        "https://www.gponline.com/data-watchdog-not-advocating-systmone-gps-stop-record-sharing/article/1428453",
    ),
    "C12": (
        "Pulse",
        "https://www.pulsetoday.co.uk/news/technology/thousands-of-practices-unaware-they-could-be-in-breach-of-data-rules/",
    ),
    "C13": (
        "Pulse, reporting the GPC IT lead",
        "http://www.pulsetoday.co.uk/news/gp-topics/it/urgently-consider-switching-off-patient-record-sharing-gpc-it-lead-tells-practices/20034007.article",
    ),
    "C16": ("TPP", "http://www.tpp-uk.com/newfunctionality/update-on-edsm"),
    "C20": (
        "South Tees Hospitals",
        "https://www.southtees.nhs.uk/services/physiotherapy/community/happens-appointment/record/",
    ),
    "D1": ("A published list of codes", None),
    "D4": (
        "Cegedim, help for Vision",
        "https://help.cegedim-healthcare.co.uk/DLM870/Consultation_Manager/Content/Releases/DLM_760/National_Data_Opt_Out.htm",
    ),
    "D5": (
        "Cegedim, reminder to practices",
        "https://knowledge.cegedim-healthcare.co.uk/national-data-opt-out-reminder-1",
    ),
    "D6": (
        "Ardens",
        "https://support.ardens.org.uk/support/solutions/articles/31000146591-type-2-opt-out-",
    ),
    "D7": (
        "Doncaster LMC",
        "https://www.doncasterlmc.co.uk/guidance/national-patient-data-opt-out",
    ),
    "D8": (
        "NHS Digital, for SystmOne practices",
        "https://digital.nhs.uk/services/national-data-opt-out/information-for-gp-practices/prevent-type-2-opt-out-code-use-in-tpp-systmone",
    ),
    "D9": (
        "NHS Digital, for EMIS Web practices",
        "https://production-like.nhsd.io/services/national-data-opt-out/information-for-gp-practices/prevent-type-2-opt-out-code-use-in-emis-web",
    ),
    "D10": (
        "NHS Digital, for Microtest practices",
        "https://digital.nhs.uk/services/national-data-opt-out/information-for-gp-practices/prevent-type-2-opt-out-code-use-in-microtest",
    ),
    "D12": (
        "LMC news (lmc.org.uk)",
        "https://www.lmc.org.uk/news/type-2-opt-outs-replaced-by-the-national-data-opt-out/",
    ),
    "D24": ("OpenSAFELY, ehrQL", "https://github.com/opensafely-core/ehrql"),
    "D33": (
        "NHS Digital, information for GP practices",
        "https://digital.nhs.uk/services/national-data-opt-out-programme/information-for-gp-practices",
    ),
    "E3": (
        "UK Renal Registry",
        "https://renalregistry.atlassian.net/wiki/spaces/ST/pages/1426226600/National+Opt-Out+Processes",
    ),
    "E21": (
        "CPRD, 2024",
        "https://www.cprd.com/news/2024-07-19/national-data-opt-out-and-deceasedtransferred-out-patients-prior-1997",
    ),
    "E25": (
        "Hero Health",
        "https://herohealthsoftware.net/primary-care/emis-support/article/what-is-the-process-for-gp-organisations-to-apply-the-national-data-opt-out-to-patient-searches",
    ),
    "E27": ("North West London GP data protection", "http://www.nwlgp-gdpr.uk/2020/01/"),
    "H1": (
        "Pulse",
        "https://www.pulsetoday.co.uk/news/technology/nhs-digital-gave-gpdpr-opt-out-deadline-in-error-says-gps-must-set-own-dates/",
    ),
}


def named(labels: str) -> list[Source]:
    """The sources that the labels of one piece of advice name: "C9 C10"."""
    return [_named(label) for label in labels.split() if not _PLACE.fullmatch(label)]


def _named(label: str) -> Source:
    who, page = _SOURCES.get(label, (label, None))
    return Source(label, who, page)
