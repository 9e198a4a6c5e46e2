"""What the project's blacklists say of repaired penalties, by Order 36 from 2026-04-01 on."""

from datetime import date
from typing import Final

import pytest

from services.scoring.commands.lists.list_grounds import procedure_of
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.policies import load_policies
from tests.fakes.scoring_policies import POLICIES

ORDER_36: Final = date(2026, 4, 1)
LIBRARY: Final[PolicyLibrary] = load_policies(POLICIES)
BLACKLISTS: Final = sorted(
    {
        one.policy.policy_id
        for one in LIBRARY.versions
        if one.policy.kind == "list"
        and not one.policy.favourable
        and one.version.procedure
        and one.version.end_date in {None, ORDER_36}
    }
)


@pytest.mark.parametrize("policy_id", BLACKLISTS)
def test_from_order_36_on_a_repaired_penalty_carries_no_listing(policy_id: str) -> None:
    """Every blacklist of the day keeps it, the municipal ones included; none did on 31 March."""
    found = [
        procedure_of(LIBRARY.named("list", policy_id, version="", as_of=day).compiled)
        for day in (date(2026, 3, 31), ORDER_36)
    ]

    assert [one.words("basis_excluded_by") for one in found] == [(), ("repair",)]
    assert "国家发展改革委令第36号" in found[1].required("basis_excluded_by").citation


def test_the_municipal_lists_are_among_them() -> None:
    """Those of 天津, 乌兰察布 and 合肥 are asked as well."""
    wanted = {"cn.tianjin.municipal-blacklist", "cn.inner-mongolia.ulanqab-blacklist"}
    assert wanted | {"cn.anhui.hefei-joint-punishment-list"} <= set(BLACKLISTS)
