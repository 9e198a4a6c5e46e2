"""The catalogue of measures, read from its file."""

from hashlib import sha256
from pathlib import Path

from services.engine.instruments import read_instruments
from services.engine.language import Source
from services.engine.measure_file import (
    MEASURES_FILE,
    EditionEntry,
    MeasureEntry,
    read_measures,
)
from services.engine.review import INSTRUMENTS_FILE
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measures import (
    Allowance,
    Edition,
    LegalSource,
    Measure,
    MeasureCatalogue,
)
from services.scoring.store.policies import load_vocabulary


def load_measures(folder: Path) -> MeasureCatalogue:
    """Read the catalogue of the policies' folder.

    A folder without one has no measure that a decision may use.

    Raises:
        PoliciesMissingError: The folder has no vocabulary.
        PolicyRefusedError: The catalogue has problems; carries all of them.
    """
    if not (folder / MEASURES_FILE).exists():
        return MeasureCatalogue({}, ())
    fields = load_vocabulary(folder).code_numbers["field"]
    content = (folder / MEASURES_FILE).read_bytes()
    ended = read_instruments((folder / INSTRUMENTS_FILE).read_bytes(), INSTRUMENTS_FILE)
    file = read_measures(content, MEASURES_FILE, fields=fields, ended=ended)
    return MeasureCatalogue(
        measures={
            one.code: _measure(one, frozenset(fields[name] for name in one.fields))
            for one in file.measures
        },
        editions=tuple(map(_edition, file.editions)),
        digest=sha256(content).hexdigest(),
    )


# Private functions -----------------------------------------------------------


def _measure(entry: MeasureEntry, fields: frozenset[int]) -> Measure:
    return Measure(
        code=entry.code,
        zh=entry.wording.zh,
        en=entry.wording.en,
        kind=ListKind.REDLIST if entry.favourable else ListKind.BLACKLIST,
        fields=fields,
        persons=entry.persons,
        start_date=entry.start_date,
        end_date=entry.end_date,
        basis=tuple(map(_source, entry.basis)),
        allowances=tuple(
            Allowance(edition=one.edition, item=one.item, confidence=one.confidence)
            for one in entry.allowed
        ),
    )


def _edition(entry: EditionEntry) -> Edition:
    return Edition(
        edition=entry.edition,
        start_date=entry.start_date,
        end_date=entry.end_date,
        source=_source(entry.source),
    )


def _source(source: Source) -> LegalSource:
    assert source.checked_date is not None, "the reader asks for it"
    return LegalSource(
        instrument=source.instrument,
        document_number=source.document_number,
        article=source.article,
        publish_date=source.publish_date,
        effective_date=source.effective_date,
        checked_date=source.checked_date,
        confidence=source.confidence,
    )
