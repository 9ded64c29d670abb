"""A practice's notices as an Atom feed (RFC 4287), in pages that lead on to older ones (RFC 5005)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

# What is written here is ours; defusedxml guards what is read.
from xml.etree import ElementTree as ET

from ledger.application.records import NoticeRecord
from ledger.domain.events import Mode
from ledger.domain.recording_errors import by_code

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"


class Feed(NamedTuple):
    """What a page of a feed says of itself; `root` is where the ledger is.

    `before`, `next`: the number behind which this page begins, and the one behind it; None: there
    is none.
    """

    id: UUID
    practice: str
    mode: Mode
    updated: datetime
    root: str
    before: int | None
    next: int | None


def as_atom(feed: Feed, notices: Sequence[NoticeRecord]) -> bytes:
    """The page as XML, in UTF-8."""
    ET.register_namespace("", _ATOM)
    top = ET.Element(_name("feed"))
    re_enacted = " (a re-enactment, no live evidence)" if feed.mode is Mode.RE_ENACTMENT else ""
    _add(top, "id", feed.id.urn)
    _add(top, "title", f"Breaches at practice {feed.practice}{re_enacted}")
    _add(top, "updated", _moment(feed.updated))
    _add(_add(top, "author"), "name", "The objection ledger")
    root = feed.root.rstrip("/")
    here = f"{root}/practices/{feed.practice}/notifications.atom"
    _link(top, "self", here if feed.before is None else f"{here}?before={feed.before}")
    _link(top, "alternate", f"{root}/pages/practices/{feed.practice}")
    _link(top, "first", here)
    if feed.next is not None:
        _link(top, "next", f"{here}?before={feed.next}")
    for notice in notices:
        _entry(top, notice, link=f"{root}/pages/findings/{notice.finding}")
    written: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return written


def _entry(top: ET.Element, notice: NoticeRecord, *, link: str) -> None:
    name = by_code(notice.rule).name.replace("-", " ")
    again = ", again" if notice.turn > 1 else ""
    entry = _add(top, "entry")
    _add(entry, "id", notice.id.urn)
    _add(entry, "title", f"{notice.rule} {name}{again}")
    _add(entry, "updated", _moment(notice.noticed_at))
    _add(entry, "published", _moment(notice.found_at))
    ET.SubElement(entry, _name("category"), term=notice.severity)
    _link(entry, "alternate", link)
    _add(
        entry,
        "summary",
        f"A {notice.severity} at practice {notice.practice}, true since {notice.since}. "
        "The page of the finding has its evidence.",
    )


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, _name(name))
    element.text = text
    return element


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, _name("link"), rel=rel, href=href)


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
