"""What atheris runs: `python -m tests.property.atheris_target READER FOLDER [libFuzzer options]`.

The files of a sound delivery are the first corpus; the bytes it makes up replace, by their first
one, a file of the delivery.
"""

import shutil
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ledger.readers", "ledger.domain.codes"]):
    from tests.property.fuzzing import read_whole, sound_files


def main() -> None:
    """Run until the time is over, or until a reader fails."""
    name, folder, *options = sys.argv[1:]
    where = Path(folder)
    sound = sound_files(name)
    victims = sorted(sound)
    corpus = where / "corpus"
    corpus.mkdir()
    for number, victim in enumerate(victims):
        (corpus / str(number)).write_bytes(bytes([number]) + sound[victim])

    def one(made_up: bytes) -> None:
        victim = victims[made_up[0] % len(victims)] if made_up else victims[0]
        delivery = where / "delivery"
        try:
            read_whole({**sound, victim: made_up[1:]}, delivery)
        finally:
            shutil.rmtree(delivery)

    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


main()
