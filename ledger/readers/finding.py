"""Which deliveries lie under a path, in which order are they taken, and who reads them?

A delivery is recognised by its names (docs/formats.md 8): a folder that holds SRManifest.csv is one
of SystmOne's; EMIS files belong together by the timestamp and the sharing agreement in their names,
Vision's by the practice and the timestamp; collections, conversions, sharing and entries files and
refusals are ours. Only one patient's record, a file of JSON or XML, may be recognised by how it begins. What is
not recognised is named with the reason and never dropped without a word, because it may be a
delivery somebody waits for.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from ledger.domain.refusals import DeliveryRefused
from ledger.readers import (
    collection,
    emis,
    entries_file,
    gp2gp,
    gp_connect,
    sharing,
    systmone,
    vision,
    withheld,
)
from ledger.readers.delivery import Contents, Format, Found, Memory
from ledger.readers.engines import POLARS, ScanEngine
from ledger.readers.recognising import NOT_OURS, Recognised, recognised
from ledger.readers.times import LONDON, day_stamp, stamp
from ledger.readers.unpack import names_in, unpack

_MANIFEST = f"{systmone.MANIFEST}.csv".casefold()
_SYSTMONE = re.compile(r"SR\w+\.csv", re.IGNORECASE | re.ASCII)
# <ProcessingId>_<Schema>_<Table>_<yyyyMMddHHmmss>_<agreement>.csv, a bulk_ before and .gpg behind
# (docs/formats.md 2.1); ProcessingId is a number or a range.
_EMIS = re.compile(
    r"(?:bulk_)?(?P<first>\d+)(?:-\d+)?_[A-Za-z]+_[A-Za-z]+_(?P<stamp>\d{14})_"
    r"(?P<agreement>[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})"
    r"\.csv(?P<gpg>\.gpg)?",
    re.IGNORECASE | re.ASCII,
)
_OURS = re.compile(
    r"(?P<format>collection|conversion|sharing|withheld|entries)_.+_(?P<day>\d{8})\.csv",
    re.IGNORECASE | re.ASCII,
)
# Without the other's path: a reason is told to whoever sent the files, and kept.
_TWICE = "a file of the same name as another of its delivery"
# As NHS Digital names them (docs/formats.md 6.1).
_REGISTER = re.compile(r"epraccur|ods.to.supplier|ods.supplier", re.IGNORECASE)
_LISTS_OF_THE_NATION = {Format.COLLECTION: 1, Format.CONVERSION: 2}


class NotRecognised(NamedTuple):
    """Something under the path that is no delivery, and why."""

    path: Path
    reason: str


def find(path: Path, *, scratch: Path) -> tuple[list[Found], list[NotRecognised]]:
    """The deliveries under a folder, in a zip or in a file, in the order they are to be taken.

    Zips are unpacked below `scratch`, which has to stay until the deliveries have been read.
    """
    search = _Search(scratch)
    if path.is_dir():
        search.look_into(path)
    elif path.is_file():
        search.look_at([path], shown=path.parent)
    else:
        raise DeliveryRefused("expected a folder or a file, found nothing", file=path.name)
    search.group_emis_files()
    search.group_vision_files()
    found = sorted(search.found, key=order)
    return found, sorted(search.not_recognised, key=lambda other: str(other.path))


def order(found: Found) -> tuple[date, int, datetime, str]:
    """The sort key by which deliveries are taken.

    A collection comes after what practices delivered on its day, because its period includes that
    day (docs/formats.md 8): only then is known what was recorded when the two are compared.
    """
    day = found.dated.astimezone(LONDON).date()
    return day, _LISTS_OF_THE_NATION.get(found.format, 0), found.dated, str(found.path)


def because(found: Found) -> str:
    """Why these files were taken for a delivery of their format, and where its date is from."""
    match found.format:
        case Format.SYSTMONE:
            return (
                "a folder that holds SRManifest.csv, with the tables beside it; dated by the end "
                "that the manifest gives, else by the folder's name"
            )
        case Format.EMIS:
            return "EMIS names of one timestamp and one sharing agreement; dated by the timestamp"
        case Format.VISION:
            return "Vision names of one practice and one timestamp; dated by the timestamp"
        case Format.GP_CONNECT:
            return (
                "JSON of a FHIR Bundle, or of one Observation; dated by its name, else by what "
                "it says of itself, else by the file's own time"
            )
        case Format.GP2GP:
            return (
                "XML of a GP2GP message or a part of one; dated by its name, else by what it says "
                "of itself, else by the file's own time"
            )
        case (
            Format.COLLECTION
            | Format.CONVERSION
            | Format.SHARING
            | Format.ENTRIES
            | Format.WITHHELD
        ):
            return f"a name of ours, {found.format}_<id>_<yyyymmdd>.csv; dated by that day"


def digest(files: Iterable[Path]) -> str:
    """What makes two deliveries the same one: SHA-256 over the names and contents of its files."""
    whole = hashlib.sha256()
    for path in sorted(files, key=lambda file: (file.name, file)):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        # No name holds a NUL byte, so no two lists of files give the same bytes.
        whole.update(os.fsencode(path.name) + b"\0" + content)
    return whole.hexdigest()


def read(found: Found, memory: Memory, *, engine: ScanEngine = POLARS) -> Contents:
    """What the delivery says, by the reader of its format; large files are scanned by `engine`."""
    match found.format:
        case Format.SYSTMONE:
            return systmone.read(found, memory, engine=engine)
        case Format.EMIS:
            return emis.read(found, memory, engine=engine)
        case Format.VISION:
            return vision.read(found, memory, engine=engine)
        case Format.COLLECTION:
            return collection.read(found, memory)
        case Format.CONVERSION:
            return collection.read_conversion(found, memory)
        case Format.SHARING:
            return sharing.read(found, memory)
        case Format.GP_CONNECT:
            return gp_connect.read(found, memory)
        case Format.GP2GP:
            return gp2gp.read(found, memory)
        case Format.WITHHELD:
            return withheld.read(found, memory)
        case Format.ENTRIES:
            return entries_file.read(found, memory)


class _EmisFile(NamedTuple):
    """An EMIS file and what its name says."""

    path: Path
    shown: Path
    stamp: str
    agreement: str
    first: int
    encrypted: bool


class _VisionFile(NamedTuple):
    """A Vision file and what its name says."""

    path: Path
    shown: Path
    practice: str
    stamp: str


@dataclass(slots=True)
class _Search:
    """What a walk has come upon so far; `shown` paths are what to show a person."""

    scratch: Path
    found: list[Found] = field(default_factory=list)
    not_recognised: list[NotRecognised] = field(default_factory=list)
    emis_files: list[_EmisFile] = field(default_factory=list)
    vision_files: list[_VisionFile] = field(default_factory=list)
    unpacked: int = 0

    def look_into(self, folder: Path, shown: Path | None = None, *, in_zip: bool = False) -> None:
        """Walk a folder; links are not followed, since they may lead anywhere, even back."""
        shown = shown or folder
        for here, folders, names in os.walk(folder, onerror=self._unreadable):
            folders[:] = sorted(name for name in folders if not _is_litter(name))
            where = Path(here)
            files = [where / name for name in sorted(names) if not _is_litter(name)]
            self.look_at(files, shown=shown / where.relative_to(folder), in_zip=in_zip)

    def look_at(self, files: Sequence[Path], *, shown: Path, in_zip: bool = False) -> None:
        """Recognise the files of one folder."""
        plain = [file for file in files if file.is_file() and not file.is_symlink()]
        for file in set(files) - set(plain):
            self._leave(shown / file.name, "a link or a device, not a file")
        zips = [file for file in plain if file.suffix.lower() == ".zip"]
        others = [file for file in plain if file.suffix.lower() != ".zip"]
        tables = [file for file in others if _SYSTMONE.fullmatch(file.name)]
        if any(file.name.casefold() == _MANIFEST for file in tables):
            dated = _systmone_dated(tables)
            self.found.append(Found(Format.SYSTMONE, shown, tuple(tables), dated))
        else:
            for file in tables:
                self._leave(shown / file.name, "a SystmOne table without SRManifest.csv beside it")
        for file in others:
            if file not in tables:
                self._look_at_one(file, shown=shown / file.name)
        if in_zip:
            for file in zips:
                self._leave(shown / file.name, "a zip inside a zip; unpack it by hand")
        else:
            self._open_zips(zips, shown=shown)

    def group_emis_files(self) -> None:
        """Make deliveries of the EMIS files of the whole walk."""
        groups: dict[tuple[str, str], dict[str, _EmisFile]] = {}
        for file in sorted(self.emis_files, key=lambda file: (file.first, file.path)):
            group = groups.setdefault((file.stamp, file.agreement), {})
            if file.path.name in group:
                self._leave(file.shown, _TWICE)
            else:
                group[file.path.name] = file
        for (moment, agreement), group in groups.items():
            self._take_emis_group(moment, agreement, group)

    def _take_emis_group(self, moment: str, agreement: str, group: dict[str, _EmisFile]) -> None:
        plain = [file for file in group.values() if not file.encrypted]
        sealed = [
            file
            for name, file in group.items()
            if file.encrypted and name[: -len(".gpg")] not in group
        ]
        for file in sealed:
            self._leave(file.shown, "an encrypted EMIS file: decrypt it first")
        dated = stamp(moment)
        if dated is None:
            for file in plain:
                self._leave(file.shown, "an EMIS file whose name gives no possible time")
        elif sealed:
            # Half a delivery would look as if the other half had been deleted.
            for file in plain:
                self._leave(file.shown, "a part of its delivery is still encrypted")
        elif plain:
            folder = plain[0].shown.parent
            shown = folder / f"{moment}_{agreement}"
            files = tuple(file.path for file in plain)
            self.found.append(Found(Format.EMIS, shown, files, dated))

    def group_vision_files(self) -> None:
        """Make deliveries of the Vision files of the whole walk: a batch may be several zips."""
        groups: dict[tuple[str, str], dict[str, _VisionFile]] = {}
        for file in sorted(self.vision_files, key=lambda file: file.path):
            group = groups.setdefault((file.practice, file.stamp), {})
            if file.path.name in group:
                self._leave(file.shown, _TWICE)
            else:
                group[file.path.name] = file
        for (practice, moment), group in groups.items():
            dated = stamp(moment.replace("-", ""))
            files = list(group.values())
            if dated is None:
                for file in files:
                    self._leave(file.shown, "a Vision file whose name gives no possible time")
            else:
                shown = files[0].shown.parent / f"{practice}_{moment}"
                paths = tuple(file.path for file in files)
                self.found.append(Found(Format.VISION, shown, paths, dated))

    def _look_at_one(self, file: Path, *, shown: Path) -> None:
        if (name := _EMIS.fullmatch(file.name)) is not None:
            self.emis_files.append(
                _EmisFile(
                    path=file,
                    shown=shown,
                    stamp=name["stamp"],
                    agreement=name["agreement"].upper(),
                    first=int(name["first"]),
                    encrypted=name["gpg"] is not None,
                )
            )
        elif (name := vision.NAME.fullmatch(file.name)) is not None:
            self.vision_files.append(
                _VisionFile(file, shown, name["practice"].upper(), name["stamp"])
            )
        elif (name := _OURS.fullmatch(file.name)) is not None:
            day = day_stamp(name["day"])
            if day is None:
                self._leave(shown, "a file whose name ends in no possible day")
                return
            # A day of ours has no hour and no zone.
            dated = datetime(day.year, day.month, day.day, tzinfo=UTC)
            self.found.append(Found(Format(name["format"].lower()), shown, (file,), dated))
        elif file.suffix.lower() in {".json", ".xml"}:
            told = recognised(file)
            if isinstance(told, Recognised):
                self.found.append(Found(told.format, shown, (file,), told.dated))
            else:
                self._leave(shown, told)
        elif _REGISTER.match(file.name):
            self._leave(shown, "a list of practices: `ledger practices import` takes it")
        else:
            self._leave(shown, NOT_OURS)

    def _open_zips(self, zips: Sequence[Path], *, shown: Path) -> None:
        for archives in self._sets(zips, shown=shown):
            try:
                self._open_set(archives, shown=shown)
            except DeliveryRefused:
                # One bad zip must not hold up the others, which may be deliveries of their own.
                for archive in archives:
                    try:
                        self._open_set([archive], shown=shown)
                    except DeliveryRefused as refusal:
                        self._leave(shown / archive.name, refusal.reason)

    def _open_set(self, archives: Sequence[Path], *, shown: Path) -> None:
        self.unpacked += 1
        into = self.scratch / str(self.unpacked)
        unpack(archives, into)
        self.look_into(into, shown / archives[0].name, in_zip=True)

    def _sets(self, zips: Iterable[Path], *, shown: Path) -> list[list[Path]]:
        """Zips that may be parts of one delivery: those of a folder, if no file is in two."""
        names: dict[Path, frozenset[str]] = {}
        for archive in zips:
            try:
                names[archive] = names_in(archive)
            except DeliveryRefused as refusal:
                self._leave(shown / archive.name, refusal.reason)
        if sum(map(len, names.values())) == len(frozenset[str]().union(*names.values())):
            return [list(names)] if names else []
        return [[archive] for archive in names]

    def _unreadable(self, error: OSError) -> None:
        self._leave(Path(error.filename), "a folder that cannot be opened")

    def _leave(self, shown: Path, reason: str) -> None:
        self.not_recognised.append(NotRecognised(shown, reason))


def _is_litter(name: str) -> bool:
    """What operating systems leave in folders without anybody having put it there."""
    return name.startswith(".") or name in {"__MACOSX", "Thumbs.db", "desktop.ini"}


def _systmone_dated(tables: Iterable[Path]) -> datetime:
    """The newest end in the manifest; where that cannot be read, the folder's name or its age.

    A delivery with a damaged manifest is found all the same, so that its refusal is reported.
    """
    manifest = next(file for file in tables if file.name.casefold() == _MANIFEST)
    dated = systmone.extract_end(manifest) or stamp(manifest.parent.name)
    return dated or datetime.fromtimestamp(manifest.stat().st_mtime, tz=UTC)
