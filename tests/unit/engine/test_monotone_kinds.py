"""What the search for improvements looks at: kinds of policies, adverse records, worse grades."""

from typing import Final

import pytest

from tests.unit.engine.test_monotone import codes, placed, policy_of

FOUND: Final = ["not-monotone"]

LIFTED: Final = """    indicators:
      n: {records: RECORDS, window: {last: {years: 3}}, measure: count, unit: record, SOURCE}
    rules:
      - id: L-1
        when: {n: {at_most: 2}}
        set: {grade: B}
        WORDING
        SOURCE
    grade: {ladder: [A, B], start: [{grade: A, when: true}], beyond: clamp, SOURCE}
"""


@pytest.mark.parametrize(
    ("records", "found"),
    [
        pytest.param("violation", FOUND, id="violation"),
        pytest.param("rectification, where: {outcome: rejected}", FOUND, id="rejected-re-check"),
        pytest.param("rectification, where: {outcome: accepted}", [], id="accepted-one"),
        pytest.param("honour, where: {commitment: broken}", FOUND, id="broken-commitment"),
        pytest.param("honour, where: {commitment: kept}", [], id="kept-commitment"),
        pytest.param("honour, where: {honour_kind: award}", [], id="award"),
        pytest.param("report, where: {finding: confirmed}", FOUND, id="confirmed-report"),
        pytest.param("report, where: {finding: unconfirmed}", [], id="unconfirmed-report"),
        pytest.param("claim", FOUND, id="claim"),
        pytest.param(
            "insurance_payment, where: {payment_kind: compensation}", FOUND, id="compensation"
        ),
        pytest.param("insurance_payment, where: {payment_kind: premium}", [], id="premium-paid"),
        pytest.param("listing, where: {list: blacklist}", FOUND, id="blacklisting"),
        pytest.param("listing, where: {list: redlist}", [], id="redlisting"),
        pytest.param("inspection, where: {problems_found: true}", [], id="inspection"),
    ],
)
def test_more_of_what_speaks_against_somebody_lifts_nothing(records: str, found: list[str]) -> None:
    """The third such record takes a veto away; merits may, and so may a visit."""
    policy = policy_of(LIFTED.replace("RECORDS", records))

    assert codes(policy) == found


@pytest.mark.parametrize("kind", ["grade", "risk", "supervision"])
def test_ladders_of_every_kind_are_searched(kind: str) -> None:
    """A colour and a class of supervision are no better by a violation than a grade is."""
    policy = policy_of(LIFTED.replace("RECORDS", "violation"), kind)

    assert codes(policy) == ["not-monotone"]


FREQUENCY: Final = """    indicators:
      n: {records: violation, window: {last: {years: 3}}, measure: count, unit: violation, SOURCE}
    outputs:
      times: {is: {if: {n: {at_least: 1}}, then: AFTER, else: 2}, unit: inspection}
"""


@pytest.mark.parametrize(("after", "found"), [("1", FOUND), ("2", []), ("3", [])])
def test_a_violation_does_not_spare_inspections(after: str, found: list[str]) -> None:
    """Two a year become one by a violation; as many or more are right."""
    policy = policy_of(FREQUENCY.replace("AFTER", after), "supervision")

    assert codes(policy) == found


OBLIGED: Final = """    indicators:
      n: {records: violation, window: {last: {years: 3}}, measure: count, unit: violation, SOURCE}
    rules:
      - id: O-1
        when: {n: WHEN}
        set: {status: must_insure}
        WORDING
        SOURCE
"""


@pytest.mark.parametrize(("when", "found"), [("{at_most: 0}", FOUND), ("{at_least: 1}", [])])
def test_a_violation_ends_no_obligation(when: str, found: list[str]) -> None:
    """Who must insure must still, with a violation more."""
    policy = policy_of(OBLIGED.replace("WHEN", when), "obligation")

    assert codes(policy) == found


LEAVING: Final = """    applies: {n: {below: LIMIT}}
    indicators:
      n: {records: violation, window: {last: {years: 3}}, measure: count, unit: violation, SOURCE}
    rules:
      - id: L-1
        when: {n: {at_least: 1}}
        set: EFFECT
        WORDING
        SOURCE
"""
LADDER: Final = (
    "    grade: {ladder: [A, B], start: [{grade: A, when: true}], beyond: clamp, SOURCE}\n"
)


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        pytest.param(
            LEAVING.replace("LIMIT", "3").replace("EFFECT", "{status: candidate}"),
            "list\nlist: blacklist",
            FOUND,
            id="candidate-of-a-blacklist",
        ),
        pytest.param(
            LEAVING.replace("LIMIT", "3").replace("EFFECT", "{status: candidate}"),
            "list\nlist: redlist",
            FOUND,
            id="by-a-violation-onto-a-redlist",
        ),
        pytest.param(
            LEAVING.replace("LIMIT", "3").replace("EFFECT", "{grade: B}") + LADDER,
            "grade",
            FOUND,
            id="worse-grade",
        ),
        pytest.param(
            LEAVING.replace("LIMIT", "1").replace("EFFECT", "{grade: B}") + LADDER,
            "grade",
            ["not-searched"],
            id="best-grade",
        ),
    ],
)
def test_no_violation_takes_a_bad_result_away(body: str, kind: str, found: list[str]) -> None:
    """The version applies no more from some number on; only the best grade may be lost so.

    Where the first violation leads out of it, nobody has another grade, which is pointed out.
    """
    assert codes(policy_of(body, kind)) == found


BY_GRADE: Final = """    inputs:
      grade:
        {from: policy, policy: cn.beijing.grade.work-safety, output: grade, if_missing: unknown}
    outputs:
      OUTPUT
"""
WORSE_IS_LESS: Final = "{if: {grade: A}, then: 2, else: 1}"
WORSE_IS_MORE: Final = "{if: {grade: A}, then: 1, else: 2}"


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        pytest.param("rate\ninsurance: work_safety_liability", "ratio", id="rate"),
        pytest.param("supervision", "inspection", id="supervision"),
    ],
)
def test_a_worse_grade_taken_in_makes_nothing_cheaper(kind: str, unit: str) -> None:
    """B pays or is inspected half as much as A; twice as much is right."""
    wrong, right = (
        policy_of(BY_GRADE.replace("OUTPUT", f"borne: {{is: {one}, unit: {unit}}}"), kind)
        for one in (WORSE_IS_LESS, WORSE_IS_MORE)
    )

    assert codes(wrong) == ["not-monotone"]
    assert codes(right) == []
    assert "a place lower in 'grade' improves the result" in placed(wrong)[0][2]
