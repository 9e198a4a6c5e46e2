"""Which authority can be a higher one than another, as far as their names tell."""

from dataclasses import replace
from datetime import date

import pytest

from services.scoring.domain.authority_names import can_be_higher
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_errors import WrongAuthorityError
from services.scoring.domain.list_procedure import ListProcedure
from tests.fakes.list_course import BUREAU, FIRE, PROCEDURE, Weekends, case, clause, step

FANGSHAN = "北京市房山区应急管理局"
CHONGCHUAN = "南通市崇川区应急管理局"


@pytest.mark.parametrize(
    ("name", "below"),
    [
        pytest.param("北京市应急管理局", FANGSHAN, id="its-city"),
        pytest.param("应急管理部", FANGSHAN, id="the-country"),
        pytest.param("国家市场监督管理总局", "北京市市场监督管理局", id="a-market-is-no-city"),
        pytest.param("北京市消防救援总队", "北京市朝阳区消防救援支队", id="fire"),
        pytest.param("南通市应急管理局", CHONGCHUAN, id="a-city-with-districts"),
        pytest.param("江苏省应急管理厅", CHONGCHUAN, id="a-province-that-the-name-leaves-out"),
        pytest.param("江苏省南通市应急管理局", CHONGCHUAN, id="a-province-that-it-adds"),
        pytest.param("苏州市应急管理局", "昆山市应急管理局", id="a-city-of-a-countys-rank"),
        pytest.param("苏州市应急管理局", "苏州市昆山市应急管理局", id="the-same-in-full"),
        pytest.param("济南市应急管理局", "济南市市中区应急管理局", id="a-district-named-a-city"),
        pytest.param("内蒙古自治区应急管理厅", "乌兰察布市应急管理局", id="a-region"),
        pytest.param("市应急局", "区应急局", id="names-without-a-place"),
        pytest.param("北京市消防救援总队", FANGSHAN, id="another-line-is-not-judged"),
        pytest.param("北京市桥梁局", FANGSHAN, id="an-organ-that-is-not-is-not-judged"),
    ],
)
def test_an_organ_of_the_division_above_can_be_higher(name: str, below: str) -> None:
    """A name may leave its province out, and one without any place rules nothing out."""
    assert can_be_higher(name, below)


@pytest.mark.parametrize(
    ("name", "below"),
    [
        pytest.param(CHONGCHUAN, FANGSHAN, id="a-district-elsewhere"),
        pytest.param("南通市应急管理局", FANGSHAN, id="a-city-elsewhere"),
        pytest.param("北京市应急管理局", CHONGCHUAN, id="a-municipality-elsewhere"),
        pytest.param("北京市朝阳区应急管理局", FANGSHAN, id="a-district-beside"),
        pytest.param("北京市房山区消防救援支队", FANGSHAN, id="a-neighbour-of-its-own-division"),
        pytest.param("北京市房山区人民政府", FANGSHAN, id="the-government-of-its-own-division"),
        pytest.param("北京市应急管理局", "北京市城市管理委员会", id="one-of-the-same-city"),
        pytest.param("某某饭店", FANGSHAN, id="no-organ"),
        pytest.param("北京市某某饭店", FANGSHAN, id="no-organ-of-its-city"),
        pytest.param(FANGSHAN, FANGSHAN, id="itself"),
        pytest.param(FANGSHAN, "北京市应急管理局", id="one-below"),
        pytest.param(CHONGCHUAN, "南通市应急管理局", id="a-district-of-the-city"),
        pytest.param("乌兰察布市应急管理局", "内蒙古自治区应急管理厅", id="a-city-of-the-region"),
    ],
)
def test_what_a_name_rules_out_is_not_higher(name: str, below: str) -> None:
    """Beside, elsewhere, below, or no organ at all."""
    assert not can_be_higher(name, below)


@pytest.mark.parametrize(
    ("addressee", "accepted"),
    [(FIRE, True), (BUREAU, False), ("某某饭店", False)],
    ids=["another-organ", "itself", "no-organ"],
)
def test_a_report_to_a_higher_authority_goes_to_one(addressee: str, *, accepted: bool) -> None:
    """The procedure says that a higher authority decides, so no other is reported to."""
    clauses = {**PROCEDURE, "decided_by": clause("higher_authority")}
    higher = replace(case(), procedure=ListProcedure(case().list_key.kind, clauses))
    report = step(StepKind.REPORT, date(2025, 6, 3), addressee=addressee)
    course = CaseCourse(higher, [step(StepKind.COLLECT)], Weekends())

    if accepted:
        course.require(report)
        return
    with pytest.raises(WrongAuthorityError) as error:
        course.require(report)
    assert error.value.facts["clause"] == "测试办法"
