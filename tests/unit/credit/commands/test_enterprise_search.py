"""Searching enterprises: every filter, and the pages."""

from datetime import date
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import (
    FIRE,
    HUAWEI,
    TENCENT,
    WORK_SAFETY,
    XIAOMI,
    day,
    profile,
    registration,
    update,
)

RENAMED, CHEMICAL, BUILDER = "北京朝阳精密机械有限公司", "南通100%化工", "Tong_Zhou建筑"


def names(credit: InlineService, **changes: Any) -> list[str]:  # noqa: ANN401 -- fields of any type.
    """Search enterprises and give their names."""
    answer = credit("SearchEnterprises", service.SearchEnterprisesRequest(**changes))
    return [one.profile.name for one in answer.enterprises]


@pytest.fixture
def population(credit: InlineService) -> None:
    """Register three enterprises of different places and industries; one is renamed."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit(
        "RegisterEnterprise",
        registration(
            TENCENT,
            profile=profile(
                name="南通100%化工", division="320613", industry="C2614", fields=[FIRE]
            ),
        ),
    )
    credit(
        "RegisterEnterprise",
        registration(
            XIAOMI,
            profile=profile(name=BUILDER, division="110112", industry="E47"),
            start_date=day(date(2024, 6, 1)),
        ),
    )
    credit("UpdateEnterprise", update())


@pytest.mark.usefixtures("population")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, [RENAMED, CHEMICAL, BUILDER], id="all"),
        pytest.param({"name_contains": "精密"}, [RENAMED], id="present-name"),
        pytest.param({"name_contains": "阳机械"}, [RENAMED], id="past-name"),
        pytest.param({"name_contains": "%"}, [CHEMICAL], id="percent-is-a-character"),
        pytest.param({"name_contains": "_"}, [BUILDER], id="underscore-is-a-character"),
        pytest.param({"name_contains": "/"}, [], id="slash-is-a-character"),
        pytest.param({"name_contains": "tong_ZHOU"}, [BUILDER], id="either-case"),
        pytest.param({"credit_code": TENCENT.lower()}, [CHEMICAL], id="credit-code"),
        pytest.param({"credit_code": "91350100M000100Y43"}, [], id="unknown-credit-code"),
        pytest.param({"division": "110000"}, [RENAMED, BUILDER], id="province"),
        pytest.param({"division": "110100"}, [RENAMED, BUILDER], id="city"),
        pytest.param({"division": "110105"}, [RENAMED], id="district"),
        pytest.param({"division": "320600"}, [CHEMICAL], id="city-with-an-abolished-district"),
        pytest.param({"division": "120000"}, [], id="another-province"),
        pytest.param({"industry": "C"}, [RENAMED, CHEMICAL], id="section"),
        pytest.param({"industry": "C26"}, [CHEMICAL], id="division-of-industry"),
        pytest.param({"industry": "C2614"}, [CHEMICAL], id="class-of-industry"),
        pytest.param({"industry": "E471"}, [], id="below-what-is-known"),
        pytest.param({"field": FIRE}, [RENAMED, CHEMICAL, BUILDER], id="field-of-all"),
        pytest.param({"field": WORK_SAFETY}, [RENAMED, BUILDER], id="field-of-two"),
        pytest.param({"division": "110000", "industry": "C"}, [RENAMED], id="both-must-hold"),
        pytest.param(
            {"as_of": day(date(2023, 12, 31))},
            ["北京朝阳机械有限公司", CHEMICAL],
            id="before-one-began",
        ),
        pytest.param(
            {"as_of": day(date(2023, 12, 31)), "name_contains": "精密"}, [], id="name-to-come"
        ),
        pytest.param({"as_of": day(date(2019, 12, 31))}, [], id="before-all"),
    ],
)
def test_enterprises_are_searched(
    credit: InlineService, filters: dict[str, Any], expected: list[str]
) -> None:
    """All filters hold, for the day asked for; what lies below is included."""
    assert names(credit, **filters) == expected


@pytest.mark.usefixtures("population")
def test_pages_of_a_search_make_up_the_whole(credit: InlineService) -> None:
    """Pages follow each other in order of identifier, each enterprise once."""
    request = service.SearchEnterprisesRequest(page_size=1)
    found = []
    while True:
        answer = credit("SearchEnterprises", request)
        found += [one.profile.name for one in answer.enterprises]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token

    assert found == [RENAMED, CHEMICAL, BUILDER]
