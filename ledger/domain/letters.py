"""What does a patient read, where a finding asks somebody to write to them?

In plain English, for a reader of eleven: what happened, what it means, what we ask, what they need
not do, and whom to ask. Each sentence that states a fact of the field says who says so. The letter
is the writer's own: the ledger holds no names, addresses or telephone numbers, and leaves places.

`{days}` stands for the days the letter is about, `{choice}` for what the patient said.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ledger.domain.rule import Advice, Owner

ASK_US = "Please ask us. You can reach us here:"


class Letter(NamedTuple):
    """The letter that a rule's findings ask for, and who writes it."""

    rule: str
    writer: Owner
    title: str
    happened: tuple[Advice, ...]
    means: tuple[Advice, ...]
    asks: tuple[Advice, ...]
    need_not: tuple[Advice, ...]

    @property
    def parts(self) -> tuple[tuple[str, tuple[Advice, ...]], ...]:
        """Each heading with its sentences, in the order in which they are read."""
        return (
            ("What happened", self.happened),
            ("What it means", self.means),
            ("What we ask you to do", self.asks),
            ("What you need not do", self.need_not),
        )


# A line a rule; a rule that is to write to patients adds itself here.
_ALL = (
    Letter(
        "CO04",
        Owner.PRACTICE,
        "Please make your choice again",
        happened=(
            Advice(
                "On {days} we put a code in your health record. It was meant to say: “{choice}”",
                "[D]",
            ),
            Advice(
                "Codes like this ended on 11 October 2018. We used one after that day. That was "
                "our mistake, and we are sorry.",
                "D8 D9 D10",
            ),
        ),
        means=(
            Advice(
                "The code does not work. Your health information may be used for research and "
                "planning until you make your choice again.",
                "D9 D10 D12",
            ),
        ),
        asks=(
            Advice(
                "If you do not want that, please set a national data opt-out. Only you can set "
                "it. We cannot do it for you.",
                "D13",
            ),
            Advice(
                "You can set it online, in the NHS App, on paper, or by phone on 0300 303 5678.",
                "D13",
            ),
        ),
        need_not=(
            Advice("If you are happy for it to be used, you need not do anything.", "[D]"),
            Advice(
                "You may have asked us that nothing that says who you are leaves this practice. "
                "That choice still stands. You need not make it again.",
                "D5 D33",
            ),
        ),
    ),
    Letter(
        "CO01",
        Owner.PRACTICE,
        "Please tell us which choice is right",
        happened=(
            Advice(
                "Your health record holds two notes about one choice. Both count from {days}. "
                "One note says: “{choice}” The other note takes that back.",
                "[D]",
            ),
            Advice("We cannot tell which one you said last.", "[D]"),
        ),
        means=(
            Advice(
                "To be safe, we go by the first note until you tell us.",
                "[D]",
            ),
        ),
        asks=(
            Advice(
                "Please tell us what you want. We will write down what you say, with the day you "
                "said it.",
                "D4 [D]",
            ),
        ),
        need_not=(Advice("You need not tell us why.", "[D]"),),
    ),
    Letter(
        "LC01",
        Owner.PRACTICE,
        "Did you change your mind?",
        happened=(
            Advice("On {days} we wrote down a choice you made. It says: “{choice}”", "[D]"),
            Advice(
                "That note is now gone from your health record. Nothing there says that you "
                "changed your mind.",
                "[D]",
            ),
        ),
        means=(Advice("Your choice still counts until you tell us that it does not.", "[D]"),),
        asks=(
            Advice(
                "Please tell us if you changed your mind. If you did, we will write that down. "
                "If you did not, we will put the note back.",
                "[D]",
            ),
        ),
        need_not=(Advice("You need not tell us why.", "[D]"),),
    ),
    Letter(
        "TX01",
        Owner.NHS_DIGITAL,
        "Your choice did not reach us",
        happened=(
            Advice(
                "On {days} your GP practice wrote down a choice you made. It says: “{choice}”",
                "[D]",
            ),
            Advice(
                "We should have been told of it, and we were not. We are sorry.",
                "B1 B3",
            ),
        ),
        means=(
            Advice(
                "We did not act on your choice, because we did not know of it. Your health "
                "information may have been used when you did not want that.",
                "B1 B5",
            ),
            Advice("We act on your choice from now on.", "B1 B5"),
        ),
        asks=(Advice("Nothing.", "B3"),),
        need_not=(
            Advice(
                "You need not make your choice again. You need not ask your GP practice: what "
                "they wrote down was right.",
                "B3",
            ),
        ),
    ),
)
LETTERS: Mapping[str, Letter] = {letter.rule: letter for letter in _ALL}
