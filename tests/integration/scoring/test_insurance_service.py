"""InsuranceService over the wire, on both databases."""

from datetime import date

from google.type.date_pb2 import Date

from safetycredit.scoring.v1 import insurance_service_pb2 as insurance
from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.insurance_client import InsuranceClient, refused
from tests.fakes.insurance_world import INSURERS, endorsed, insured
from tests.fakes.scoring_facts import FactWriter

SAMPLE_ID = "11010519491231002X"
JIA = next(iter(INSURERS))


def subject(number: int) -> SubjectRef:
    """Name an enterprise."""
    return SubjectRef(enterprise_id=f"e-{number}")


async def test_obligation_cover_and_findings_over_the_wire(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """One compulsory enterprise, insured too low and for too few, beside one without cover."""
    builder = facts.enterprise(industry="E4710", headcount=50)
    bare = facts.enterprise(industry="G5431", headcount=10)
    hotel = facts.enterprise(industry="I6510", headcount=10, activities=1 << 3)
    policy = insured(
        facts,
        builder,
        authority=JIA,
        authority_code=INSURERS[JIA],
        limit_per_person_fen=39_999_999,
        start=date(2025, 4, 1),
        plan_id="cn.beijing.xicheng.insurance-rate",
    )
    endorsed(facts, builder, policy, effective=date(2025, 5, 1), insured_headcount=49)
    token = facts.token.encode() if facts.token else ""

    owed = await insurance_client.call(
        "GetInsuranceObligation", subject=subject(builder), token=token
    )
    key = await insurance_client.call("GetInsuranceObligation", subject=subject(hotel))
    cover = await insurance_client.call("GetCover", subject=subject(builder))
    found = await insurance_client.call(
        "ListCoverFindings",
        kinds=[insurance.COVER_FINDING_KIND_UNINSURED],
        division="110100",
        page_size=10,
    )
    listed = await insurance_client.call(
        "ListObligations", classes=[insurance.OBLIGATION_CLASS_COMPULSORY], industry="E"
    )
    months = await insurance_client.call(
        "GetParticipation",
        first_month=Date(year=2025, month=3, day=1),
        by_industry=True,
    )

    assert owed.obligation_class == insurance.OBLIGATION_CLASS_COMPULSORY
    assert owed.limit_per_person_floor.units == 400_000
    assert [line.rule_id for line in owed.lines] == [
        "grade.start",
        "INS-2-CONSTRUCTION",
        "CY-COMPULSORY",
    ]
    assert owed.basis.policy.policy_id == "cn.beijing.chaoyang.insurance-obligation"
    assert key.obligation_class == insurance.OBLIGATION_CLASS_KEY
    (held,) = cover.covers
    assert (held.insurer, held.insurer_code, held.plan_id) == (
        JIA,
        INSURERS[JIA],
        "cn.beijing.xicheng.insurance-rate",
    )
    assert (held.insured_headcount, held.endorsement_count) == (49, 1)
    assert held.start_floor.units == 400_000
    assert [(one.kind, one.found.value, one.asked.value, one.unit) for one in cover.findings] == [
        (insurance.COVER_FINDING_KIND_NOT_ALL_EMPLOYEES, "49", "50", "person"),
        (insurance.COVER_FINDING_KIND_UNDERINSURED, "399999.99", "400000", "CNY"),
        (insurance.COVER_FINDING_KIND_LIMIT_BELOW_FLOOR, "399999.99", "400000", "CNY"),
    ]
    assert [one.enterprise_id for one in found.enterprises] == [f"e-{bare}"]
    assert found.enterprises[0].findings[0].source.article == "第五十一条、第一百零九条"
    assert [one.enterprise_id for one in listed.obligations] == [f"e-{builder}"]
    counted = [
        (one.month_start_date.month, one.industry, one.obliged_count, one.insured_count)
        for one in months.participations
        if one.obliged_count
    ]
    assert counted == [
        (month, industry, 1, int(industry == "E" and month > 3))
        for month in (3, 4, 5, 6)
        for industry in ("E", "G")
    ]


async def test_no_identity_number_stands_in_a_cover(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """What an insurer wrote as number of the policy, plan or quote may hold one."""
    number = facts.enterprise(industry="E4710", headcount=10)
    document = f"保{SAMPLE_ID}"
    insured(facts, number, document_number=document, plan_id=SAMPLE_ID, quote_id="q-1")

    (held,) = (await insurance_client.call("GetCover", subject=subject(number))).covers

    masked = f"{SAMPLE_ID[:6]}********{SAMPLE_ID[-4:]}"
    assert (held.policy_number, held.plan_id, held.quote_id) == (f"保{masked}", masked, "q-1")


async def test_two_plans_at_once_are_found_in_the_tables(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """The plans are texts of the policies' own table; a revised policy counts as it stands."""
    number = facts.enterprise(industry="E4710", headcount=10)
    insured(facts, number, plan_id="plan-a")
    second = insured(facts, number, plan_id="plan-b")
    point = await insurance_client.call("GetCover", subject=subject(number))
    facts.revise(second, plan_id="plan-a")

    after = await insurance_client.call("GetCover", subject=subject(number))
    before = await insurance_client.call(
        "GetCover", subject=subject(number), known_at=point.basis.point.known_at
    )

    assert [one.kind for one in before.findings] == [insurance.COVER_FINDING_KIND_TWO_PLANS]
    assert list(after.findings) == []
    assert before == point


async def test_insurance_is_refused_by_name(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """Every refusal has a reason that programs can tell."""
    known = SubjectRef(credit_code="914403001922038216")
    facts.enterprise(
        credit_code="914403001922038216", industry=None, division=None, start_date=date(2015, 1, 1)
    )
    early = Date(year=2017, month=12, day=31)
    obligation = "GetInsuranceObligation"
    calls = [
        insurance_client.call(obligation, subject=subject(1)),
        insurance_client.call(obligation, subject=known, policy_id="cn.nothing"),
        insurance_client.call(obligation, subject=known, as_of=early),
        insurance_client.call(obligation, subject=known),
        insurance_client.call("GetCover", subject=known, as_of=early),
        insurance_client.acting("insurer").call("GetCover", subject=known),
    ]

    errors = [await refused(call) for call in calls]

    assert [(one.code, one.reason) for one in errors] == [
        ("NOT_FOUND", "SUBJECT_UNKNOWN"),
        ("NOT_FOUND", "POLICY_UNKNOWN"),
        ("FAILED_PRECONDITION", "POLICY_NOT_IN_FORCE"),
        ("FAILED_PRECONDITION", "INDUSTRY_UNKNOWN"),
        ("FAILED_PRECONDITION", "POLICY_NOT_IN_FORCE"),
        # Who insures whom is other insurers' business.
        ("PERMISSION_DENIED", "ACCESS_DENIED"),
    ]


async def test_wrong_questions_name_their_fields(insurance_client: InsuranceClient) -> None:
    """An industry that there is not, a class twice, months that run backwards or too far."""
    march, june = (Date(year=2025, month=month, day=1) for month in (3, 6))
    calls = {
        "industry": insurance_client.call("ListObligations", industry="Z99"),
        "classes": insurance_client.call("ListObligations", classes=[1, 1]),
        "kinds[0]": insurance_client.call("ListCoverFindings", kinds=[7]),
        "activities[0].activity": insurance_client.call(
            "GetInsuranceObligation",
            subject=subject(1),
            activities=[insurance.StatedActivity(activity="mining")],
        ),
        "last_month": insurance_client.call("GetParticipation", first_month=june, last_month=march),
        "first_month": insurance_client.call(
            "GetParticipation", first_month=Date(year=2020, month=6, day=1), last_month=june
        ),
    }
    violations = [(await refused(call)).violations for call in calls.values()]

    assert violations == [
        {"industry": "INDUSTRY_MALFORMED"},
        {"classes": "REPEATED"},
        {"kinds[0]": "ENUM_UNKNOWN"},
        {"activities[0].activity": "ACTIVITY_UNKNOWN"},
        {"last_month": "MONTHS_REVERSED"},
        {"first_month": "TOO_MANY_MONTHS"},
    ]
