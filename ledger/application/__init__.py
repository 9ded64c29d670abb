"""What can be done to the ledger, and what can be asked of it.

commands    one method a command (class `Ledger`)
questions   one method a question
following   bringing read models up to date
standpoint  the ledger's name and mode, its newest position, its day; of when an answer speaks
policies    which policy answers a question
register_then  what was known of practices at a point
replaying   the state of objections at a point in both times; scopes: of whom
differing   what differs between two points; made_so: by which events
timelines   what became known of a practice or a patient, event by event
memory      what earlier deliveries told; a draft of events
taking_in   a delivery becomes events: what is told of practices and collections here,
            of entries in taking_entries, of people in taking_people; taking is what they share
pairing     whether a third-party system may write for a practice, now
notifying   which breaches programs and feed readers are told of; sending sends them
incoming    what was handed in over HTTP, and waits for its turn
delivered   what was delivered, and what became of it
figures     what is counted over everybody: the supplier board, and statistics to be published
attendance  who took part in each collection
statistics  how many objected, month by month, with small numbers suppressed
releasing   a release becomes an event, its members rows of a guarded table
exposed     what was released, and who was released while objecting
spreadsheets    which text may stand in a cell
looking     who was shown what of which patient, kept before they are answered
sealing     what proves that history was not altered
receipts    an answer that the ledger put its name to, and whether it still comes out
cosigning   whether a second organisation may put its name to a checkpoint
register    the list of practices becomes events
practice_lists  which practices are asked for, and how one is told
status      a policy's answer with its reason
comparing   what other policies would have answered, and of whom something else
actions     one list a practice
letters     who is to be written to, and who may have the letters; letter_pages draws them
records     what leaves the ledger, field by field
telling     how what is known becomes those records; explaining, what proves a finding
tokens      who is asking
pulse       how the ledger is doing
"""

from ledger.application.commands import Ledger
from ledger.application.sealing import Seal
from ledger.application.standpoint import Known, Opened

__all__ = ["Known", "Ledger", "Opened", "Seal"]
