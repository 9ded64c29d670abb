"""Writes docs/policies.md from THE TABLE of policies, ledger/domain/policies/table.py.

python docs/generate_policies.py            writes the page
python docs/generate_policies.py --check    exits 1 if the page is not what would be written
"""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it runs without the package being installed

from ledger.domain.policies import POLICIES, Policy  # noqa: E402
from ledger.domain.policies.wording import in_words  # noqa: E402

PAGE = ROOT / "docs" / "policies.md"

INTRODUCTION = """\
<!-- Written by docs/generate_policies.py from ledger/domain/policies/table.py: change those, not this page. -->

# Who counts as objecting, by whose rule

No two public services answer alike who objects.
Each known rule is a policy, so that an auditor can ask what that service would have answered of the
same entries, and of whom something else.
The ledger itself answers by `precedence-1` alone: no extract and no controller is answered by another
([0033](adr/0033-policies-as-data.md)).

Dates are those from which public sources tell of a rule.
Labels are told in [sources.md](sources.md).
What each answers of the same entries, line by line, stands in `tests/spec/test_policies.py`.

```sh
ledger policies
ledger policies compare precedence-1 ncl-2025 --purpose type-1 --at 2026-01-01
ledger policies compare precedence-1 ncl-2025 --whom --format csv
ledger status 9990000018 --purpose type-1 --policy ncl-2025
```
"""
COLUMNS = {
    "in_force": "In force",
    "entries": "Entries",
    "rows": "Rows are read",
    "withdrawals": "Withdrawals",
    "same_day": "On one day",
    "undated": "Undated entries",
    "silence": "Whom no entry decides about",
}


def page() -> str:
    """The whole page."""
    told = [(policy, in_words(policy)._asdict()) for policy in POLICIES]
    lines = [f"| Policy | {' | '.join(COLUMNS.values())} |", "|---" * (len(COLUMNS) + 1) + "|"]
    lines += [
        f"| `{policy.name}` | {' | '.join(words[name] for name in COLUMNS)} |"
        for policy, words in told
    ]
    return "\n".join([INTRODUCTION, *lines, "", *(line for p in POLICIES for line in _of(p))])


def _of(policy: Policy) -> Iterator[str]:
    yield f"## {policy.name}\n"
    yield f"{policy.whose} ({policy.sources}).\n"
    yield f"{policy.sentence}\n"
    yield f"It answers for {', '.join(f'`{purpose}`' for purpose in sorted(policy.answers))}.\n"
    if policy.pooled_codes:
        codes = ", ".join(f"`{code}`" for code in sorted(policy.pooled_codes))
        yield f"Codes of other refusals that it counts: {codes}.\n"
    if policy.not_told:
        yield f"What no source tells, and what is taken instead: {policy.not_told}\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is stale."""
    text = page()
    if arguments != ["--check"]:
        PAGE.write_text(text)
        return 0
    if PAGE.is_file() and PAGE.read_text() == text:
        return 0
    sys.stderr.write("docs/policies.md is stale: run python docs/generate_policies.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
