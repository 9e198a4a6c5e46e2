"""Names, codes and sources: seeded wrong policies that each check must catch, right ones beside."""

from dataclasses import replace

import pytest

from services.engine.building import compile_policy
from services.engine.checking import check_policy
from services.engine.citing import check_sources
from services.engine.errors import Problem
from services.engine.extending import extend_policies
from services.engine.naming import check_codes, check_head, check_names, check_places
from services.engine.policy_file import read_policy
from services.engine.review import review_policies
from services.engine.vocabulary import parse_vocabulary
from tests.unit.engine.test_checking import CHECKED, CONTEXT
from tests.unit.engine.test_policies import ROOT
from tests.unit.engine.test_review import CASES, FOLDER, TODAY

ENDED = "安监总办〔2017〕140号"
VERSION_SOURCE = "source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: assumed}"
PART_SOURCE = "source: {article: 第三条, confidence: assumed}"
HEAD = 'division: "110105"'
APPLIES = "    inputs:\n      place: {{from: subject, attribute: {0}, if_missing: no_data}}\n"
SECTIONS = {
    "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52),
    "G": (53, 60), "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72),
    "M": (73, 75), "N": (76, 79), "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90),
    "S": (91, 96), "T": (97, 97),
}  # fmt: skip


def changed(old: str, new: str) -> str:
    """Change one part of the right example."""
    assert old in CHECKED
    return CHECKED.replace(old, new, 1)


def problems(content: str) -> list[Problem]:
    """Check names, codes and sources of a policy, without the searches through facts."""
    policy = read_policy(content.encode(), "policy.yaml")
    words = CONTEXT.vocabulary
    found = [*check_head(policy, words), *check_sources(policy, CONTEXT.ended, CONTEXT.today)]
    for version in policy.versions:
        types = compile_policy(policy, version, words).types
        found += check_names(policy, version)
        found += check_codes(policy, version, words)
        found += check_places(policy, version, types, words)
    return sorted(set(found))


def codes(content: str) -> list[str]:
    """Check a policy; give the codes of its problems."""
    return [problem.code for problem in problems(content)]


def messages(content: str) -> list[str]:
    """Check a policy as a whole; give its problems as they are printed."""
    policy = read_policy(content.encode(), "policy.yaml")
    return [str(problem) for problem in check_policy(policy, CONTEXT)]


def line_of(content: str, text: str) -> int:
    """Give the line of a text, from 1."""
    return content[: content.index(text)].count("\n") + 1


# Names --------------------------------------------------------------------------


def test_grade_twice_on_a_ladder_is_caught() -> None:
    """A, B, A: one grade would have two places."""
    wrong = changed("ladder: [A, B]", "ladder: [A, B, A]")

    (message,) = messages(wrong)

    assert "duplicate-grade: the ladder names 'A' 2 times" in message
    assert message.startswith(f"policy.yaml:{line_of(wrong, 'ladder:')}:")


@pytest.mark.parametrize(
    ("ladder", "grade"),
    [
        pytest.param("[A, B]", "", id="both-are-given"),
        pytest.param("[A, B, C]", "C", id="nothing-gives-the-last"),
        pytest.param("[AA, A, B]", "AA", id="nothing-gives-the-first"),
        pytest.param("[A, AB, B]", "", id="one-between-is-for-a-pack"),
    ],
)
def test_end_of_a_ladder_that_nothing_gives_is_pointed_out(ladder: str, grade: str) -> None:
    """The bands give A and B."""
    found = problems(changed("ladder: [A, B]", f"ladder: {ladder}"))

    words = [f"nothing ever gives the grade {grade!r} of the ladder"] if grade else []
    assert [(one.code, one.warning, one.message) for one in found] == [
        ("unused", True, message) for message in words
    ]


def test_end_of_a_ladder_that_a_rule_gives_is_given() -> None:
    """A veto is the only way to C."""
    text = changed("ladder: [A, B]", "ladder: [A, B, C]")
    veto = (
        "      - id: EX-2\n        when: {serious: {at_least: 5}}\n        set: {grade: C}\n"
        "        wording: {zh: 一票否决, en: veto}\n        " + PART_SOURCE + "\n    grade:\n"
    )

    assert codes(text.replace("    grade:\n", veto, 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "nouns"),
    [
        pytest.param(
            "    values:\n",
            "    values:\n      serious: {is: 1, unit: point, " + PART_SOURCE + "}\n",
            "an indicator and a value",
            id="indicator-and-value",
        ),
        pytest.param(
            "    indicators:\n",
            "    inputs:\n      serious: {from: request, unit: violation, if_missing: 0}\n"
            "    indicators:\n",
            "an input and an indicator",
            id="input-and-indicator",
        ),
        pytest.param(
            "    values:\n",
            "    values:\n      score: {is: 1, unit: point, " + PART_SOURCE + "}\n",
            "a value and a total",
            id="value-and-total",
        ),
        pytest.param(
            "    values:\n",
            "    values:\n      points: {is: 1, unit: point, " + PART_SOURCE + "}\n",
            "a value and a table",
            id="value-and-table",
        ),
    ],
)
def test_one_name_of_two_parts_is_caught(old: str, new: str, nouns: str) -> None:
    """Only one of two parts of one name would ever count."""
    found = messages(changed(old, new))

    assert [one for one in found if "duplicate-name" in one and nouns in one]


def test_pack_that_names_an_indicator_again_as_a_value_is_caught() -> None:
    """The pack's value `serious` is the policy's indicator above; the pack has to call it else."""
    found = _of_pack("serious: {is: 1, unit: violation, " + PART_SOURCE + "}")

    assert [(one.file, one.code) for one in found] == [("pack.yaml", "duplicate-name")]


PACK = """\
policy: cn.example.pack
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    VERSION_SOURCE
    extends: {policy: cn.example.points, version: "1"}
    values:
      VALUE
""".replace("VERSION_SOURCE", VERSION_SOURCE)
ABOVE = changed("start: 100\n", "start: whole\n").replace(
    "    values:\n",
    "    values:\n      whole: {is: 100, unit: point, " + PART_SOURCE + "}\n",
)


def _of_pack(value: str, above: str = ABOVE) -> tuple[Problem, ...]:
    """Check a pack with one value over the example, whose total starts with the value `whole`."""
    texts = {"above.yaml": above, "pack.yaml": PACK.replace("VALUE", value)}
    whole = extend_policies(read_policy(text.encode(), name) for name, text in texts.items())
    return check_policy(whole["cn.example.pack"], CONTEXT)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("whole", [], id="overrides-it"),
        pytest.param(
            "wohle",
            [("nothing uses 'wohle', and no value above has this name; call it 'whole' if that is"
             " meant")],
            id="letters-changed-about",
        ),
        pytest.param(
            "wholes",
            [("nothing uses 'wholes', and no value above has this name; call it 'whole' if that is"
             " meant")],
            id="letter-too-many",
        ),
        pytest.param(
            "fine",
            ["nothing uses 'fine', and no value above has this name; leave it out, or use it"],
            id="like-nothing",
        ),
    ],
)  # fmt: skip
def test_value_of_a_pack_that_overrides_nothing_is_warned_of(
    name: str, expected: list[str]
) -> None:
    """A slip of the pen leaves the number above in force."""
    found = _of_pack(f"{name}: {{is: 90, unit: point, {PART_SOURCE}}}")

    assert [one.message for one in found] == expected
    assert all(one.warning and one.file == "pack.yaml" for one in found)


def test_value_for_readers_above_is_no_slip_of_the_pack() -> None:
    """What the policy above keeps for its readers, a pack need not use."""
    above = ABOVE.replace(
        "    values:\n",
        "    values:\n      wholes: {is: 1, unit: point, " + PART_SOURCE + "}\n",
    )

    assert not _of_pack(f"whole: {{is: 90, unit: point, {PART_SOURCE}}}", above)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param("from: request, if_missing: 0", ["missing-unit"], id="without"),
        pytest.param("from: request, unit: point, if_missing: 0", [], id="with-a-unit"),
        pytest.param("from: request, codes: severity, if_missing: minor", [], id="a-code"),
        pytest.param("from: subject, attribute: headcount, if_missing: 0", [], id="not-asked"),
    ],
)
def test_number_asked_for_needs_a_unit(given: str, code: list[str]) -> None:
    """Nobody can answer a number without knowing of what."""
    using = "{kept: minor}" if "severity" in given else "{kept: {at_least: 0}}"
    text = changed("    indicators:\n", f"    inputs:\n      kept: {{{given}}}\n    indicators:\n")

    assert codes(text.replace("when: {serious:", f"when: {{all: [{using}], serious:")) == code


# Codes --------------------------------------------------------------------------


def _applies(attribute: str, code: str) -> str:
    """Let the example apply to one industry or place alone."""
    given = APPLIES.format(attribute) + f'    applies: {{place: ["{code}"]}}\n    indicators:\n'
    return changed("    indicators:\n", given)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        pytest.param("C", False, id="section"),
        pytest.param("C13", False, id="first-division"),
        pytest.param("C12", True, id="division-before-the-first"),
        pytest.param("C43", False, id="last-division"),
        pytest.param("C44", True, id="division-after-the-last"),
        pytest.param("C99", True, id="no-division"),
        pytest.param("C2", True, id="half-a-division"),
        pytest.param("C261", False, id="group"),
        pytest.param("C2611", False, id="class"),
        pytest.param("B2611", True, id="class-of-another-section"),
        pytest.param("A05", False, id="two-digits-with-a-nought"),
        pytest.param("T97", False, id="last-of-all"),
        pytest.param("T98", True, id="after-the-last-of-all"),
    ],
)
def test_industry_that_does_not_exist_is_caught(code: str, *, wrong: bool) -> None:
    """C has the divisions 13 to 43 (GB/T 4754-2017)."""
    assert codes(_applies("industry", code)) == (["unknown-code"] if wrong else [])


def test_industry_that_does_not_exist_is_told_with_its_place() -> None:
    """A clerk reads which divisions there are, at the code."""
    wrong = _applies("industry", "C99")

    (found,) = problems(wrong)

    column = wrong.splitlines()[line_of(wrong, '"C99"') - 1].index('"C99"') + 1
    assert str(found) == (
        f"policy.yaml:{line_of(wrong, 'C99')}:{column}: unknown-code: GB/T 4754 has no C99:"
        " section C has divisions C13 to C43"
    )


def test_sections_are_those_of_the_standard() -> None:
    """Twenty sections share the divisions 01 to 97 without a gap."""
    vocabulary = parse_vocabulary((ROOT / "vocabulary.yaml").read_bytes())

    assert vocabulary.industries == SECTIONS


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        pytest.param("000000", False, id="country"),
        pytest.param("110000", False, id="province"),
        pytest.param("160000", True, id="no-province"),
        pytest.param("110105", False, id="district"),
        pytest.param("110200", False, id="counties-of-a-municipality"),
        pytest.param("110300", True, id="third-city-of-a-municipality"),
        pytest.param("119999", True, id="no-city"),
        pytest.param("110005", True, id="county-without-a-city"),
        pytest.param("320600", False, id="city"),
        pytest.param("327000", False, id="last-city"),
        pytest.param("327100", True, id="after-the-last-city"),
        pytest.param("419001", False, id="administered-by-the-province"),
        pytest.param("970000", False, id="place-not-seen"),
        pytest.param("990000", True, id="never-assigned"),
    ],
)
def test_division_that_does_not_exist_is_caught(code: str, *, wrong: bool) -> None:
    """The first two digits are a province, the next two a city (GB/T 2260)."""
    expected = ["unknown-code"] if wrong else []

    assert codes(_applies("division", code)) == expected
    assert codes(changed(HEAD, f'division: "{code}"')) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("field: work_safety", "field: work_safty", id="field"),
        pytest.param(
            "        wording: {zh: 扣分",
            "        persons: [chairman]\n        wording: {zh: 扣分",
            id="role",
        ),
        pytest.param(
            "where: {severity: serious}", 'where: {division: ["119999"]}', id="place-of-a-record"
        ),
        pytest.param(
            "amount: {subtract: [0, off]}",
            "amount: {if: {place: [C99]}, then: -10, else: {subtract: [0, off]}}",
            id="choice",
        ),
    ],
)
def test_unknown_code_elsewhere_is_caught(old: str, new: str) -> None:
    """Codes stand at the head, in rules, filters and choices too."""
    text = changed(old, new)
    if "place" in new:
        text = text.replace(
            "    indicators:\n", APPLIES.format("industry") + "    indicators:\n", 1
        )

    assert codes(text) == ["unknown-code"]


def test_vocabulary_without_places_asks_nothing() -> None:
    """A folder of old, whose vocabulary says nothing of places, is read as before."""
    words = replace(CONTEXT.vocabulary, industries={}, provinces={})
    text = changed(HEAD, 'division: "160000"')
    policy = read_policy(text.encode(), "policy.yaml")
    version = read_policy(_applies("industry", "C99").encode(), "policy.yaml").versions[0]
    types = compile_policy(policy, version, words).types

    assert [*check_head(policy, words), *check_places(policy, version, types, words)] == []
    assert [*check_head(policy, CONTEXT.vocabulary)]
    assert [*check_places(policy, version, types, CONTEXT.vocabulary)]


def test_check_of_a_policy_looks_at_its_head_and_at_its_places() -> None:
    """Three wrong codes, found by the one check that `policy check` runs."""
    wrong = _applies("industry", "C99").replace(HEAD, 'division: "160000"')
    wrong = wrong.replace("field: work_safety", "field: work_safty")

    assert len([one for one in messages(wrong) if "unknown-code" in one]) == 3


AWARDS = CHECKED.replace(
    "        records: violation\n        where: {severity: serious}\n",
    "        records: honour\n        where: {honour_kind: award}\n",
)


def test_sum_of_codes_is_caught() -> None:
    """Ranks of awards have an order and no sum; what to do is said."""
    wrong = AWARDS.replace("measure: count", "measure: {sum: award_rank}")
    right = AWARDS.replace(
        "measure: count", "measure: {max: award_rank}\n        if_none: unspecified"
    )

    found = messages(wrong)

    assert any(
        "not-a-number: 'award_rank' is a code, and codes have no sum" in one for one in found
    )
    assert not any("'this'" in one for one in found)
    assert not any("not-a-number" in one for one in messages(right))


# Cases --------------------------------------------------------------------------


def _reviewed(policy: str, cases: str) -> list[str]:
    files = FOLDER | {
        "cn.example/points.yaml": policy.encode(),
        "cn.example/points.cases.yaml": cases.encode(),
    }
    return [str(one) for one in review_policies(files, TODAY).problems]


def test_rule_that_holds_in_no_case_is_caught() -> None:
    """Of both cases only the second has a violation, so without it nothing tries the rule."""
    first = CASES[: CASES.index("  - name: one serious")]

    assert _reviewed(CHECKED, CASES) == []
    assert _reviewed(CHECKED, first) == [
        (
            f"cn.example/points.yaml:{line_of(CHECKED, 'id: EX-1')}:9: rule-untried:"
            " no case tries 'EX-1'; write one in which it holds"
        )
    ]


def test_rule_of_each_version_needs_its_own_case() -> None:
    """A rule that is written again in a later version is another rule."""
    second = CHECKED[CHECKED.index('  - version: "1"') :]
    both = CHECKED.replace("end_date: null", "end_date: 2025-01-01") + second.replace(
        'version: "1"', 'version: "2"'
    ).replace("start_date: 2024-01-01", "start_date: 2025-01-01")
    later = CASES + (
        "  - name: later\n    as_of: 2025-06-01\n    records:\n"
        "      - {kind: violation, event_date: 2025-03-01, severity: serious}\n"
        "    expect: {score: 90}\n"
    )

    (untried,) = _reviewed(both, CASES)

    assert "rule-untried" in untried
    assert _reviewed(both, later) == []


def test_rule_taken_over_is_tried_by_either_file() -> None:
    """A case of the pack, too, tries the rule of the policy above."""
    pack = PACK.replace("VALUE", f"whole: {{is: 90, unit: point, {PART_SOURCE}}}")
    files = FOLDER | {
        "cn.example/points.yaml": ABOVE.encode(),
        "cn.example/points.cases.yaml": CASES[: CASES.index("  - name: one serious")].encode(),
        "cn.example/pack.yaml": pack.encode(),
        "cn.example/pack.cases.yaml": CASES.replace("cn.example.points", "cn.example.pack")
        .replace("score: 100", "score: 90")
        .replace("grade: A, score: 90, rules", "grade: B, score: 80, rules")
        .encode(),
    }

    assert [str(one) for one in review_policies(files, TODAY).problems] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("set: {status: barred}", "set: {status: B}", ["status-is-grade"], id="rule"),
        pytest.param("set: {status: barred}", "set: {grade: B}", [], id="grade"),
        pytest.param("ladder: [A, B]", "ladder: [A, B]\n      beyond: barred", [], id="beyond"),
        pytest.param(
            "ladder: [A, B]",
            "ladder: [A, B]\n      beyond: A",
            ["status-is-grade"],
            id="falls-to-A",
        ),
    ],
)
def test_status_is_no_grade_of_the_ladder(old: str, new: str, expected: list[str]) -> None:
    """Who has a status stands outside the ladder: B would be two things."""
    text = changed(
        "    grade:\n",
        "      - id: EX-2\n        when: {serious: {at_least: 5}}\n        set: {status: barred}\n"
        "        wording: {zh: 例, en: example}\n        " + PART_SOURCE + "\n    grade:\n",
    )

    assert codes(text.replace(old, new)) == expected


@pytest.mark.parametrize("records", ["violations", "[violation, violatio]"])
def test_kind_that_is_not_there_is_named_whatever_is_measured(records: str) -> None:
    """A sum of what nobody has is no more than a count of it."""
    text = changed("records: violation", f"records: {records}")
    text = text.replace("        where: {severity: serious}\n", "")
    text = text.replace("measure: count", "measure: {sum: deaths}")

    (message,) = messages(text)

    assert message.startswith(f"policy.yaml:{line_of(text, 'records:')}:9: unknown-kind: ")
