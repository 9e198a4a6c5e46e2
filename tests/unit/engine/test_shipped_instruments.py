"""Ends of instruments as the project has them: which refuse a file, and which only warn."""

from datetime import date

import pytest

from services.engine.instruments import CONFIRMED, ended_behind, read_instruments
from services.engine.language import Source
from tests.fakes.scoring_policies import POLICIES

FILE = "instruments.yaml"
ENDED = read_instruments((POLICIES / FILE).read_bytes(), FILE)


@pytest.mark.parametrize(
    ("number", "end_date", "confidence"),
    [
        pytest.param("安监总办〔2017〕140号", date(2025, 3, 29), CONFIRMED, id="140"),
        pytest.param("国家发展和改革委员会令第58号", date(2026, 4, 1), CONFIRMED, id="order-58"),
        # A district's plan of 2024 still cites its criteria.
        pytest.param("安监总办〔2017〕49号", date(2023, 10, 1), "assumed", id="49"),
        pytest.param("安监总厅〔2017〕59号", date(2023, 10, 1), "assumed", id="59"),
        pytest.param("安委办〔2015〕14号", date(2017, 5, 9), "assumed", id="14"),
        pytest.param("发改办财金〔2019〕527号", date(2023, 5, 1), "assumed", id="527"),
        pytest.param("总局令第13号", date(2024, 3, 1), "assumed", id="order-13"),
    ],
)
def test_end_that_no_text_confirms_refuses_nothing(
    number: str, end_date: date, confidence: str
) -> None:
    """An end from memory is a warning; one that was read in a text is a mistake."""
    source = Source("某办法", number, "第一条", None, None, None, "assumed")

    found = ended_behind(source, ENDED)

    assert found is not None
    assert (found.end_date, found.confidence) == (end_date, confidence)
