"""What a patient objects to. Purposes are never mixed: no code of one says anything of another."""

from enum import StrEnum


class Purpose(StrEnum):
    """A purpose, with the sentence a patient would read as its `sentence`."""

    TYPE_1 = "type-1"
    TYPE_2 = "type-2"
    NATIONAL = "national-opt-out"
    SCR = "scr"
    SHARE_OUT = "share-out"
    SHARE_IN = "share-in"

    @property
    def sentence(self) -> str:
        """What the patient said, in plain English."""
        return _SENTENCES[self]


_SENTENCES = {
    Purpose.TYPE_1: "Nothing that identifies me leaves my GP practice, except for my own care.",
    Purpose.TYPE_2: "Nothing that identifies me leaves NHS Digital, except for my own care.",
    Purpose.NATIONAL: "My confidential information is not used for research and planning.",
    Purpose.SCR: "No Summary Care Record is made for me.",
    Purpose.SHARE_OUT: "What this organisation records about me is not shown to others.",
    Purpose.SHARE_IN: "This organisation does not see what others recorded about me.",
}


class Neighbour(StrEnum):
    """What a refusal is about that stands close to our purposes, and is never counted for one."""

    SUMMARY_CARE_RECORD = "summary-care-record"
    SHARED_RECORD = "shared-record"
    RESEARCH = "research"


class Statement(StrEnum):
    """What an entry says: it starts an objection, or it ends one."""

    DISSENT = "dissent"
    WITHDRAWAL = "withdrawal"
