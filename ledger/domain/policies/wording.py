"""What does a policy do, in words? For its page, its list and its document."""

from typing import NamedTuple

from ledger.domain.codes import CodeSystem
from ledger.domain.policies.policy import Period, Policy, Tie

_VOCABULARIES = {
    CodeSystem.READ_V2: "Read v2",
    CodeSystem.CTV3: "CTV3",
    CodeSystem.SNOMED_CT: "SNOMED CT",
}


class Words(NamedTuple):
    """Every choice of a policy, each in half a sentence.

    `entries` is whose entries count, `rows` how they are read, `silence` what is said of whom no
    entry decides about.
    """

    in_force: str
    entries: str
    rows: str
    withdrawals: str
    same_day: str
    undated: str
    silence: str


def in_words(policy: Policy) -> Words:
    """The choices of a policy."""
    typed = policy.as_typed
    counts_withdrawals = typed is None or typed.counts_withdrawals
    rows = "with care: removed, nearly coded and contradicted ones too"
    if typed is not None:
        read = " and ".join(_VOCABULARIES[v] for v in CodeSystem if v in typed.vocabularies)
        every = len(typed.vocabularies) == len(CodeSystem)
        rows = f"as typed: exact codes of {'any vocabulary' if every else read}"
    if policy.pooled_codes:
        rows += f", and {len(policy.pooled_codes)} codes of other refusals"
    tie = "a dissent wins" if policy.tie is Tie.DISSENT else "the row known last wins"
    dropped = typed is not None and typed.drops_undated
    return Words(
        in_force="; ".join(map(_period, policy.in_force)),
        entries=_whose(policy),
        rows=rows,
        withdrawals="count" if counts_withdrawals else "do not count",
        same_day=tie if counts_withdrawals else "does not arise",
        undated="dropped" if dropped else "count from the day of entry",
        silence="cannot tell, unless registered or registered at death"
        if policy.needs_registration
        else "not objecting",
    )


def _whose(policy: Policy) -> str:
    if policy.own_practice:
        return "of the practices where the patient is registered that day"
    return f"of practices on {policy.system.full_name}" if policy.system else "of any practice"


def _period(period: Period) -> str:
    if period.since is None:
        return "from a day that is not public"
    if not period.until:
        return "from the start" if period.since.year == 1 else f"from {period.since}"
    return f"{period.since} to {period.until}"
