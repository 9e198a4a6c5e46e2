"""Memberships in groups behind the store's ports, in memory and on both databases."""

from dataclasses import replace
from datetime import date

from services.credit.commands.ports import Store
from services.credit.domain.group import Membership
from services.credit.domain.subject import CreditCode
from tests.fakes.credit_facts import DATONG, LIU, START, registered
from tests.fakes.credit_requests import TENCENT


def membership_of(store: Store, group_id: int, member_id: int, start_date: date) -> Membership:
    """Record a membership."""
    with store.write(caller=LIU, method="join") as write:
        row_id = write.new_id()
        membership = Membership(
            row_id=row_id,
            membership_id=row_id,
            group_id=group_id,
            member_id=member_id,
            start_date=start_date,
            document_number="集团1号",
            authority="市场监管局",
        )
        write.groups.add(membership)
        write.commit()
    return membership


def test_a_membership_is_read_by_group_member_and_identifier(store: Store) -> None:
    """From its revision on, oldest first; a row that another one replaced is read no more."""
    group, member = (registered(store, identity) for identity in (DATONG, CreditCode(TENCENT)))
    later = membership_of(store, group, member, date(2024, 1, 1))
    first = membership_of(store, group, member, START)
    known = store.point().revision
    ended = replace(
        first, row_id=later.row_id + 1000, end_date=date(2024, 1, 1), authority="国资委"
    )

    with store.write(caller=LIU, method="leave") as write:
        write.groups.add(ended, superseded_row_id=first.row_id)
        write.commit()

    with store.read() as reading:
        now = reading.point.revision
        for number in (group, member):
            assert reading.groups.around(number, revision=now) == [ended, later]
            assert reading.groups.around(number, revision=known) == [first, later]
            assert reading.groups.around(number, revision=known - 1) == [later]
        assert reading.groups.around(1, revision=now) == []
        assert reading.groups.membership(first.membership_id, revision=now) == ended
        assert reading.groups.membership(first.membership_id, revision=known) == first
        assert reading.groups.membership(1, revision=now) is None
