"""How are templates filled?

Templates are ours, on NHS.UK's own macros. Those macros ask for parameters nobody gave, so
`ChainableUndefined` it has to be. Everything is escaped unless a macro made it.
"""

from functools import cache
from pathlib import Path

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader

from ledger.domain import sources
from ledger.domain.happening import so_from
from ledger.web import wording

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(_TEMPLATES),
                PackageLoader("nhsuk_frontend_jinja"),
            ]
        ),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= wording.FILTERS
    environment.filters["sources"] = sources.named
    environment.filters["so_from"] = so_from
    environment.globals |= wording.WORDS
    return environment


def rendered(template: str, **told: object) -> str:
    """The template as HTML."""
    return _environment().get_template(template).render(**told)
