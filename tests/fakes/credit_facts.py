"""Facts as the store's ports take them, and short ways to store and read them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.common.identity import Caller
from services.credit.commands.ports import (
    RecordFilter,
    Slice,
    Store,
    Writing,
)
from services.credit.commands.registration import new_enterprise
from services.credit.domain.codes import (
    AccidentLevel,
    AwardRank,
    Commitment,
    EnterpriseKind,
    Field,
    Finding,
    HazardLevel,
    HonourKind,
    Liability,
    Misconduct,
    Occasion,
    Outcome,
    Procedure,
    Reporting,
    Responsibility,
    Sanction,
    Severity,
    Supervision,
)
from services.credit.domain.enterprise import Profile
from services.credit.domain.record import (
    Accident,
    Body,
    Edition,
    Hazard,
    Header,
    Honour,
    Inspection,
    Penalty,
    Rectification,
    Report,
    Supersession,
    Violation,
)
from services.credit.domain.subject import (
    CreditCode,
    Identity,
    LocalIdentity,
)
from tests.fakes.insurance_bodies import BARE_INSURANCE, FULL_INSURANCE

LIU = Caller(identity="liu", roles=frozenset({"recorder"}))
HUAWEI = CreditCode("914403001922038216")
DATONG = LocalIdentity("tw.entity-name", "大同'机械\"")
START = date(2020, 1, 1)
DAY = date(2025, 3, 10)
TODAY = date(2025, 6, 1)
INSTANT = datetime(2025, 3, 10, 3, 4, 5, 678_901, tzinfo=UTC)
PROFILE = Profile(
    name="北京朝阳机械有限公司",
    fields=frozenset({Field.WORK_SAFETY, Field.SPECIAL_EQUIPMENT}),
    division=110105,
    industry="C3411",
    kind=EnterpriseKind.TESTING_BODY,
    headcount=0,
    founding_date=date(2010, 5, 1),
)
BARE = Profile(name="大同机械", fields=frozenset({Field.FIRE}))
HEADER = Header(
    field=Field.TRANSPORT,
    authority="局",
    authority_code="11110000000000000X",
    document_number="（京朝）应急罚〔2025〕12号",
    document_item="一",
    event_date=DAY,
    publish_date=date(2025, 3, 20),
    division=320602,
    site_number=110105202501010101,
)
FULL_BODIES: list[Body] = [
    Inspection(occasion=Occasion.CAMPAIGN, problems_found=True, report_record_id=2**62),
    Violation(
        violation_code=22,
        severity=Severity.SERIOUS,
        article="第102条",
        description="未消除隐患\n二",
        inspection_record_id=7,
    ),
    Penalty(
        sanctions=frozenset(Sanction),
        violation_code=3,
        fine_fen=10**12,
        confiscated_fen=1,
        procedure=Procedure.ORDINARY,
        violation_text="一",
        facts="二",
        basis="三",
        content="四",
        final_date=date(2025, 5, 1),
        performed_date=date(2025, 5, 2),
        valid_until_date=date(2028, 1, 1),
        publicity_end_date=date(2028, 1, 2),
        major=True,
        fine_multiple_hundredths=250,
        violation_record_id=8,
        accident_record_id=9,
    ),
    Rectification(
        target_record_id=1, outcome=Outcome.REJECTED, due_date=date(2025, 4, 1), recheck_level=3
    ),
    Hazard(
        level=HazardLevel.MAJOR,
        description="堵塞",
        supervision=Supervision.NATIONAL,
        due_date=date(2025, 4, 1),
    ),
    Accident(
        deaths=3,
        serious_injuries=4,
        direct_loss_fen=10**13,
        level=AccidentLevel.EXTRA_MAJOR,
        liability=Liability.LIABLE,
        responsibility=Responsibility.PRIMARY,
        responsibility_share_bp=7_000,
        reporting=Reporting.CONCEALED,
        misconduct=frozenset({Misconduct.FLED, Misconduct.NO_RESCUE}),
        occurrence_time=INSTANT,
        report_time=INSTANT + timedelta(hours=1),
        investigation_approval_date=date(2025, 5, 9),
        description="坍塌",
    ),
    Honour(
        honour_kind=HonourKind.AWARD,
        award_rank=AwardRank.NATIONAL,
        commitment=Commitment.UNSPECIFIED,
        end_date=date(2028, 3, 10),
        title="先进",
    ),
    Report(description="动火", finding=Finding.CONFIRMED, handled_date=date(2025, 3, 12)),
    *FULL_INSURANCE,
]
BARE_BODIES: list[Body] = [
    Inspection(),
    Violation(violation_code=0),
    Penalty(sanctions=frozenset({Sanction.WARNING}), violation_code=0),
    Rectification(target_record_id=1, outcome=Outcome.ACCEPTED),
    Hazard(level=HazardLevel.GENERAL, description="杂物"),
    Accident(level=AccidentLevel.GENERAL),
    Honour(honour_kind=HonourKind.COMMITMENT, commitment=Commitment.KEPT),
    Report(description="扬尘"),
    *BARE_INSURANCE,
]


def registered(store: Store, identity: Identity = HUAWEI, profile: Profile = PROFILE) -> int:
    """Register an enterprise and give its number."""
    with store.write(caller=LIU, method="register") as write:
        file = new_enterprise(write, identity, profile, start_date=START)
        write.enterprises.register([file])
        write.commit()
    return file.enterprise_id


def edition(write: Writing, body: Body, header: Header = HEADER, *, subject_id: int = 7) -> Edition:
    """Make the first edition of a record."""
    row_id = write.new_id()
    return Edition(
        row_id=row_id,
        record_id=row_id,
        number=1,
        subject_id=subject_id,
        person=False,
        header=header,
        body=body,
        recorded_revision=write.point.revision,
        recorded_time=write.point.recorded_time,
    )


def recorded(store: Store, *bodies: Body, header: Header = HEADER) -> list[Edition]:
    """Record bodies under numbers of their own, in one transaction."""
    with store.write(caller=LIU, method="record") as write:
        editions = [
            edition(write, body, replace(header, document_item=str(place)))
            for place, body in enumerate(bodies)
        ]
        write.records.add(editions)
        write.commit()
    return editions


def superseded(store: Store, old: Edition, new_body: Body | None) -> Edition:
    """Revise a record, or revoke it."""
    with store.write(caller=LIU, method="supersede") as write:
        new = None
        if new_body is not None:
            new = replace(
                edition(write, new_body, old.header),
                record_id=old.record_id,
                number=old.number + 1,
            )
            write.records.add([new])
        point = write.point
        ended = replace(
            old,
            superseded=Supersession(
                time=point.recorded_time,
                revision=point.revision,
                next_row_id=new.row_id if new else None,
                reason="更正",
                document_number="更1号",
            ),
        )
        write.records.supersede(ended)
        write.commit()
    return ended


def part(store: Store, **changes: object) -> Slice:
    """Want all rows as they are now."""
    values: dict[str, Any] = {
        "revision": store.point().revision,
        "as_of": TODAY,
        "limit": 1_000,
    }
    return Slice(**values | changes)


def listed(store: Store, wanted: RecordFilter, **changes: object) -> list[int]:
    """List records and give their identifiers."""
    with store.read() as reading:
        return [one.record_id for one in reading.records.page(wanted, part(store, **changes))]
