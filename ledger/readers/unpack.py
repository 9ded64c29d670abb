"""How does what lies in zip files get onto disk without trusting them?

A zip comes from outside. Its member names may lead out of the folder, its headers may lie about
sizes, and a few kilobytes may hold petabytes. So names are judged before anything is written,
bytes are counted as they come out and not as the header promises, and a refused archive leaves
nothing behind. A delivery may come as several zips of one set (docs/formats.md 1.1).
"""

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from ledger.domain.refusals import DeliveryRefused

# A strategic reporting extract has some 400 tables.
MOST_MEMBERS = 10_000
MOST_BYTES = 256 << 30
# Coded records shrink to a twentieth or so; Deflate's own limit is 1032 to 1.
HIGHEST_RATIO = 200
# Below this a high ratio does no harm: a table of one repeated line is small.
RATIO_COUNTS_FROM = 64 << 20
LONGEST_NAME = 255
DEEPEST_FOLDER = 20
_BLOCK = 1 << 20
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    ValueError,
)


def unpack(archives: Sequence[Path], into: Path) -> None:
    """Unpack a set of zips, which may hold parts of one delivery, into the new folder `into`.

    Refused, with nothing kept, is a set in which a member would leave the folder, is a link, is
    encrypted or occurs twice, and one that is damaged or larger than any delivery.
    """
    into.mkdir(parents=True)
    try:
        taken: set[str] = set()
        for archive in archives:
            _unpack_one(archive, into, taken=taken)
    except BaseException:
        shutil.rmtree(into)
        raise


def names_in(archive: Path) -> frozenset[str]:
    """The names of the files in a zip, in lower case; refused where it cannot be opened."""
    try:
        with zipfile.ZipFile(archive) as source:
            return frozenset(name.lower() for name in source.namelist() if name[-1:] != "/")
    except _UNREADABLE as error:
        raise _damaged(archive) from error


def _unpack_one(archive: Path, into: Path, *, taken: set[str]) -> None:
    limit = _limit(archive, into)
    try:
        with zipfile.ZipFile(archive) as source:
            members = source.infolist()
            if len(taken) + len(members) > MOST_MEMBERS:
                raise DeliveryRefused(
                    f"expected at most {MOST_MEMBERS:,} files, found {len(members):,}",
                    file=archive.name,
                )
            # Every name is judged before the first byte is written.
            targets = [
                (member, _target(member, archive=archive, taken=taken))
                for member in members
                if not member.is_dir()
            ]
            unpacked = 0
            for member, target in targets:
                path = into / target
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as out:
                    for block in _blocks(source, member):
                        unpacked += len(block)
                        if unpacked > limit:
                            raise DeliveryRefused(
                                f"expected at most {limit:,} bytes from a zip of this size on a "
                                "disk with this room, found more; unpack it by hand if it is "
                                "what you expect",
                                file=archive.name,
                            )
                        out.write(block)
    except (*_UNREADABLE, FileExistsError, NotADirectoryError) as error:
        # The last two: a member is a file and another one's folder.
        raise _damaged(archive) from error


def _blocks(source: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    # Read to its end, a member is checked against its CRC.
    with source.open(member) as file:
        while block := file.read(_BLOCK):
            yield block


def _limit(archive: Path, into: Path) -> int:
    # Against the archive's size on disk: members that overlap share their compressed bytes.
    size = archive.stat().st_size
    # A full disk stops others too, the ledger's own database among them.
    room = shutil.disk_usage(into).free // 2
    return min(MOST_BYTES, room, max(RATIO_COUNTS_FROM, size * HIGHEST_RATIO))


def _target(member: zipfile.ZipInfo, *, archive: Path, taken: set[str]) -> PurePosixPath:
    """Where a member goes below the folder; `taken` holds where others went, in lower case."""
    # zipfile itself turns a backslash into a slash on Windows only.
    name = member.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    reason = None
    if "\0" in name or ":" in name or path.is_absolute() or ".." in path.parts or not path.parts:
        reason = "a file whose name leads out of the folder"
    elif len(path.parts) > DEEPEST_FOLDER or any(
        len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in path.parts
    ):
        reason = "a file whose name is too long"
    elif stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
        reason = "a link or a device, not a file"
    elif member.flag_bits & _ENCRYPTED:
        reason = "an encrypted file; decrypt it first"
    elif str(path).lower() in taken:
        reason = "the same file twice"
    if reason is not None:
        raise DeliveryRefused(f"expected plain files in the zip, found {reason}", file=archive.name)
    taken.add(str(path).lower())
    return path


def _damaged(archive: Path) -> DeliveryRefused:
    return DeliveryRefused(
        "expected a zip, found one that is damaged, cut off, or part of a split archive (.z01); "
        "ask for it again",
        file=archive.name,
    )
