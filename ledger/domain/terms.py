"""What do the words beside a code say: that somebody objects, or that they withdraw it (CO08)?

A code's term is what people read on the screen, and in some systems a practice words it itself. So
it may say the opposite of its code (D6). Only what is plain is taken: a question, a form handed
out, an entry made in error, a word about another purpose, or both at once says nothing. By which
name the body is called (HSCIC, NHS Digital, care.data) makes no difference. The words are judged
here and kept nowhere.
"""

import re
from collections.abc import Iterator

from ledger.domain.purposes import Statement

# A term is a line; what is longer is a letter.
_LONGEST = 400

_OBJECT = (
    r"(?:dissent(?:s|ed|ing)?|disent|object(?:s|ed|ing|ions?)?"
    r"|opt(?:s|ed|ing)? ?outs?)"
)
_OPT_IN = r"opt(?:s|ed|ing)? ?(?:back )?in"
_CONSENT = r"(?:consent(?:s|ed)?|permission)"
_WITHDRAW = (
    r"(?:withdr[aeio]?wn?(?:s|ing|als?)?|withdrawl|withdr|wdrawn|w d|revoke[sd]?|rescind(?:s|ed)?"
    r"|cancel(?:s|led|ed)?)"
)
_NOT = r"(?:no|not|nor|never|nil|without|cannot|doesnt|didnt|hasnt|havent|isnt|wont|dont)"
_REFUSE = r"(?:declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing|al))"
_BETWEEN = (
    r"(?:(?:of|the|a|any|to|for|from|their|his|her|my|previous|earlier|patients?|s|type|1|2|i|ii"
    r"|one|two|has|have|had|having|been|be|is|are|was|were|yet|now|wish|wishes|want|wants|formal"
    r"|give|given|gives) )*"
)
# Whatever words, but none that turns what was said before them.
_ON = rf"(?:(?!(?:{_NOT}|{_REFUSE}|{_CONSENT}|{_WITHDRAW})\b)\w+ )*"
_USE = r"(?:use|uses|share|shared|sharing|disclosure|disclose|extraction|collection|upload)"

# In this order, each on what those before it have left: dissent, withdrawal, or (None) no telling.
_SAYS: tuple[tuple[re.Pattern[str], Statement | None], ...] = tuple(
    (re.compile(rf"\b{pattern}\b"), says)
    for pattern, says in (
        # "Has not withdrawn the dissent", "dissent not withdrawn".
        (rf"(?:{_NOT}|{_REFUSE}) {_BETWEEN}{_WITHDRAW} {_BETWEEN}{_OBJECT}", Statement.DISSENT),
        (rf"{_OBJECT} {_ON}{_NOT} {_BETWEEN}{_WITHDRAW}", Statement.DISSENT),
        # "Dissent withdrawn", "withdrawal of dissent", "no longer objects".
        (rf"{_OBJECT} {_ON}{_WITHDRAW}", Statement.WITHDRAWAL),
        (rf"{_WITHDRAW} {_BETWEEN}{_OBJECT}", Statement.WITHDRAWAL),
        (rf"no longer {_BETWEEN}{_OBJECT}", Statement.WITHDRAWAL),
        # "Opted back in", "declined to opt in".
        (rf"(?:{_NOT}|{_REFUSE}|no longer) {_BETWEEN}{_OPT_IN}", Statement.DISSENT),
        (rf"{_OPT_IN} {_BETWEEN}(?:{_WITHDRAW}|{_REFUSE})", Statement.DISSENT),
        (_OPT_IN, Statement.WITHDRAWAL),
        # "Consent withdrawn" is a dissent, "consent given" is none.
        (rf"(?:{_NOT}|{_REFUSE}|{_WITHDRAW}|no longer) {_BETWEEN}{_CONSENT}", Statement.DISSENT),
        (
            rf"{_CONSENT} {_BETWEEN}(?:{_WITHDRAW}|{_REFUSE}|withheld|denied|{_NOT} given)",
            Statement.DISSENT,
        ),
        (rf"(?:gives?|gave|given|has) {_CONSENT}", Statement.WITHDRAWAL),
        (rf"{_CONSENT} (?:given|to)", Statement.WITHDRAWAL),
        # "Opt out declined": of what was offered, or of what was asked?
        (rf"{_REFUSE} {_BETWEEN}{_OBJECT}", None),
        (rf"{_OBJECT} {_BETWEEN}{_REFUSE}", None),
        # "No objection", "declined to share data".
        (rf"{_NOT} {_BETWEEN}{_OBJECT}", Statement.WITHDRAWAL),
        (rf"{_REFUSE} {_ON}{_USE}", Statement.DISSENT),
        (_OBJECT, Statement.DISSENT),
        # Whatever is withdrawn, refused or denied beside it: "withdrawn from care.data".
        (rf"(?:{_WITHDRAW}|{_REFUSE}|{_CONSENT}|{_NOT})", None),
    )
)
# What makes a term one of something else, or of something that has not happened.
_OF_SOMETHING_ELSE = re.compile(
    r"\?|\b(?:scr|summary care|emergency care summary|key information|share (?:in|out)"
    r"|shar(?:ed|ing) (?:electronic |patient |care )?records?|records? sharing|local record"
    r"|carers?|e ?mails?|sms|text messag\w+|online|in error|discuss\w*|advi[cs]e\w*|leaflets?"
    r"|forms?|letters?|invit\w+|offer\w*|consider\w*|enquir\w+|quer(?:y|ies))\b"
)
_APOSTROPHE, _SENTENCE = re.compile("['\u2018\u2019`]"), re.compile(r"[.;!](?:\s|$)|[\r\n]+")
_BESIDE_WORDS = re.compile(r"[^\w?|]+|_+")


def said(term: str) -> Statement | None:
    """What a term plainly says, in whatever case and spelling; None where it says neither."""
    words = _SENTENCE.sub(" | ", _APOSTROPHE.sub("", term[:_LONGEST].casefold()))
    words = _BESIDE_WORDS.sub(" ", words).strip()
    if _OF_SOMETHING_ELSE.search(words):
        return None
    heard = set(_heard(words))
    return heard.pop() if len(heard) == 1 else None


def _heard(words: str) -> Iterator[Statement | None]:
    for pattern, says in _SAYS:
        words, found = pattern.subn("|", words)
        if found:
            yield says


def contradiction(statement: Statement, *terms: str) -> Statement | None:
    """What a row's terms say, where that is the opposite of what its code states; else None.

    Terms that contradict each other say nothing.
    """
    heard = {says for term in terms if (says := said(term)) is not None}
    return heard.pop() if len(heard) == 1 and statement not in heard else None
