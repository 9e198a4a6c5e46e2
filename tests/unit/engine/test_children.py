"""Indicators over child subjects: who they are, what is measured of each, what that comes to."""

from datetime import date
from pathlib import Path

import pytest

from services.engine.cases import (
    try_case,
)
from services.engine.checking import CheckContext, check_policy
from services.engine.differing import differences
from services.engine.policy_file import read_policy
from tests.unit.engine.holding import (
    SOURCE,
    cases_of,
    compiled,
    hold,
    problems,
    written,
)
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_schema import VALIDATOR, parsed

SCHEMES = Path(__file__).parent / "schemes"
DRIVERS = (SCHEMES / "driver-shares.yaml").read_text(encoding="utf-8")
SITES = (SCHEMES / "site-scores.yaml").read_text(encoding="utf-8")

UNITS = written("""\
    values:
      late_after: {is: 30, unit: day, SOURCE}
    inputs:
      headcount: {from: subject, if_missing: unknown}
    children:
      units:
        each: site_number
        roster: {records: [inspection, hazard], window: ever}
        unnamed: left_out
        measures:
          level:
            records: hazard
            window: ever
            measure: {max: level}
            if_none: unknown
            unit: level
            SOURCE
          kinds:
            records: violation
            window: {last: {years: 2}}
            measure: {distinct: violation_code}
            unit: kind
            SOURCE
          first_seen:
            records: violation
            window: ever
            measure: first_day
            if_none: unknown
            unit: date
            SOURCE
        values:
          age: {is: {elapsed: days, from: first_seen}, unit: day, SOURCE}
        SOURCE
    indicators:
      units: {over: units, measure: count, unit: site, SOURCE}
      worst_level: {over: units, measure: {max: level}, if_none: unknown, unit: level, SOURCE}
      major:
        over: units
        where: {level: major}
        measure: share
        places: 2
        rounding: half_even
        if_none: 0
        unit: ratio
        SOURCE
      kinds: {over: units, measure: {sum: kinds}, unit: kind, SOURCE}
      old: {over: units, where: {age: {at_least: late_after}}, measure: count, unit: site, SOURCE}
      crowded:
        over: units
        where: {kinds: {at_least: headcount}}
        measure: count
        unit: site
        SOURCE
      mean_thirds:
        over: units
        where: {kinds: {at_least: 1}}
        measure: {mean: {divide: [kinds, 3], places: 3, rounding: down}}
        places: 1
        rounding: up
        if_none: unknown
        unit: kind
        SOURCE
    rules:
      - id: U-1
        when: {worst_level: {at_least: major}}
        set: {duty: mend}
        wording: {zh: 有单元存在重大隐患, en: x}
        SOURCE
    outputs:
      units: {is: units, unit: site}
      major: {is: major, unit: ratio, places: 2}
      kinds: {is: kinds, unit: kind}
      old: {is: old, unit: site}
      crowded: {is: crowded, unit: site}
      mean_thirds: {is: mean_thirds, unit: kind, places: 1}
""")
UNIT_CASES = """\
  - name: nobody is there
    as_of: 2025-06-01
    subject: {headcount: 1}
    expect: {units: 0, major: 0.00, kinds: 0, old: 0, crowded: 0, mean_thirds: null, rules: []}
  - name: four units, two of them known by hazards alone
    # Kinds: unit 1 has two, unit 2 one. (0.666 + 0.333) / 2 = 0.4995, up to 0.5.
    as_of: 2025-06-01
    subject: {headcount: 2}
    records:
      - {kind: inspection, site_number: 1, event_date: 2020-01-01, times: 2}
      - {kind: inspection, site_number: 2, event_date: 2020-01-01}
      - {kind: hazard, site_number: 3, level: major, event_date: 2021-01-01}
      - {kind: hazard, site_number: 3, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 4, level: general, event_date: 2021-01-01}
      - {kind: violation, site_number: 1, violation_code: training, event_date: 2025-05-02}
      - {kind: violation, site_number: 1, violation_code: training, event_date: 2025-05-03}
      - {kind: violation, site_number: 1, violation_code: equipment, event_date: 2025-05-03}
      - {kind: violation, site_number: 2, violation_code: equipment, event_date: 2025-05-03}
      - {kind: violation, site_number: 9, violation_code: other, event_date: 2025-05-03}
      - {kind: violation, violation_code: other, event_date: 2025-05-03}
    expect: {units: 4, major: 0.25, kinds: 3, old: 1, crowded: 1, mean_thirds: 0.5, rules: [U-1]}
  - name: an eighth is rounded to the even side, and the headcount is not known
    as_of: 2025-06-01
    records:
      - {kind: hazard, site_number: 1, level: major, event_date: 2021-01-01}
      - {kind: hazard, site_number: 2, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 3, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 4, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 5, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 6, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 7, level: general, event_date: 2021-01-01}
      - {kind: hazard, site_number: 8, level: general, event_date: 2021-01-01}
    expect: {units: 8, major: 0.12, kinds: 0, old: 0, crowded: 0, mean_thirds: null, rules: [U-1]}
"""


def test_children_come_to_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every measure of a child and over children, alone, together, in any order, on every day."""
    hold(compiled(UNITS), cases_of(UNIT_CASES), monkeypatch)


@pytest.mark.parametrize(
    ("unnamed", "units", "state"),
    [
        pytest.param("left_out", 1, "result", id="left-out"),
        pytest.param("together", 2, "result", id="together"),
        pytest.param("no_data", 1, "no_data", id="no-data"),
    ],
)
def test_record_of_no_child_does_what_the_file_says(
    unnamed: str, units: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hazards that name no unit are left out, are one more unit, or leave no result."""
    cases = cases_of(f"""\
  - name: one named, two not
    as_of: 2025-06-01
    records:
      - {{kind: hazard, site_number: 7, level: general, event_date: 2021-01-01}}
      - {{kind: hazard, level: general, event_date: 2021-01-01}}
      - {{kind: hazard, level: general, event_date: 2021-01-02}}
    expect: {{units: {units}, state: {state}}}
""")

    hold(compiled(UNITS.replace("left_out", unnamed)), cases, monkeypatch)


@pytest.mark.parametrize(
    ("if_none", "state", "major"),
    [
        pytest.param("no_data", "no_data", "0.50", id="no-data"),
        pytest.param("unknown", "result", "0.50", id="unknown"),
        pytest.param("major", "result", "1.00", id="stands-in"),
    ],
)
def test_child_without_a_record_has_what_the_file_says(
    if_none: str, state: str, major: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit without a hazard has no level: no result, not known, or a level that stands in."""
    text = UNITS.replace(
        "{max: level}\n            if_none: unknown",
        f"{{max: level}}\n            if_none: {if_none}",
    )
    cases = cases_of(f"""\
  - name: one of two has a hazard
    as_of: 2025-06-01
    records:
      - {{kind: inspection, site_number: 1, event_date: 2021-01-01}}
      - {{kind: hazard, site_number: 2, level: major, event_date: 2021-01-01}}
    expect: {{state: {state}, major: {major}}}
""")

    hold(compiled(text), cases, monkeypatch)


def test_district_overrides_a_value_that_children_are_measured_by() -> None:
    """A pack that bars a driver from 9 points leaves the rest of the scheme as it is."""
    pack = (
        DRIVERS[: DRIVERS.index("    values:")]
        .replace("cn.example.driver-shares", "cn.example.pack")
        .replace('division: "000000"', 'division: "110105"')
        + """\
    extends: {policy: cn.example.driver-shares, version: "2024-01-01"}
    values:
      barred_from: {is: 9, unit: point, source: {article: 第三条, confidence: assumed}}
"""
    )
    text = """\
  - name: nine points
    as_of: 2025-06-01
    records:
      - {kind: role, person: 1, role: driver, event_date: 2020-01-01}
      - {kind: violation, of: persons, person: 1, field: transport,
         severity: general, event_date: 2025-01-01, times: 3}
    expect: {grade: GRADE, rules: [DS-MEAN, DS-NO-HONOURBARRED]}
"""
    above, below = (
        cases_of(text.replace("GRADE", grade).replace("BARRED", barred))[0]
        for grade, barred in (("C", ""), ("C", ", DS-BARRED"))
    )

    assert try_case(compiled(DRIVERS), above, VOCABULARY, "cases") == ()
    assert try_case(compiled(DRIVERS, pack), below, VOCABULARY, "cases") == ()


# What is wrong is named ------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("each: site_number", "each: person", "unknown-name", id="not-in-the-records"),
        pytest.param("each: site_number", "each: event_date", "type", id="a-day-names-nobody"),
        pytest.param("        unnamed: left_out\n", "", "missing-unnamed", id="may-name-nobody"),
        pytest.param("unnamed: left_out", "unnamed: skip", "unknown-word", id="unknown-word"),
        pytest.param(
            "roster: {records: [inspection, hazard], window: ever}",
            "roster: {records: visit, window: ever}",
            "unknown-kind",
            id="kind",
        ),
        pytest.param(
            "        roster: {records: [inspection, hazard], window: ever}\n",
            "",
            "missing-roster",
            id="no-roster",
        ),
        pytest.param(
            "hazard], window: ever}", "hazard]}", "missing-window", id="roster-without-window"
        ),
        pytest.param(
            "{over: units, measure: count, unit: site",
            "{over: sites, measure: count, unit: site",
            "unknown-name",
            id="no-such-children",
        ),
        pytest.param("{level: major}", "{grade: major}", "unknown-name", id="no-such-measure"),
        pytest.param("measure: share", "measure: percentage", "unknown-measure", id="measure"),
        pytest.param(
            "        rounding: half_even\n", "", "missing-rounding", id="share-without-rounding"
        ),
        pytest.param("        places: 1\n", "", "missing-places", id="mean-without-places"),
        pytest.param(
            "        rounding: half_even\n        if_none: 0\n",
            "        rounding: half_even\n",
            "missing-if-none",
            id="share-of-nobody",
        ),
        pytest.param(
            "{sum: kinds}, unit",
            "{sum: kinds}, if_none: 0, unit",
            "unknown-key",
            id="a-sum-of-nobody-is-0",
        ),
        pytest.param("{sum: kinds}", "worst", "missing-if-none", id="worst-of-nobody"),
        pytest.param(
            "{sum: kinds}, unit", "worst, if_none: 0, unit", "unknown-name", id="no-ladder"
        ),
        pytest.param(
            "measure: {distinct: violation_code}",
            "measure: {consecutive: count, each_period: 0}",
            "run-window",
            id="run-needs-periods",
        ),
        pytest.param(
            "window: {last: {years: 2}}\n            measure: {distinct: violation_code}",
            "window: {calendar: year}\n            measure: {consecutive: count, each_period: 0}",
            "unknown-measure",
            id="run",
        ),
        pytest.param("{elapsed: days, from: first_seen}", "{add: [age, 1]}", "cycle", id="circle"),
        pytest.param(
            "          age: {is", "          kinds: {is", "duplicate-name", id="two-of-one-name"
        ),
        pytest.param(
            "unit: kind\n            SOURCE\n          first_seen",
            "SOURCE\n          first_seen",
            "missing-unit",
            id="unit",
        ),
    ],
)
def test_wrong_children_are_named(old: str, new: str, code: str) -> None:
    """Whatever has no meaning, or is not said, is found before use."""
    text = UNITS.replace(old.replace("SOURCE", SOURCE), new.replace("SOURCE", SOURCE), 1)

    assert text != UNITS
    assert code in _codes(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("        rounding: half_even\n", "", id="share-without-rounding"),
        pytest.param("{sum: kinds}, unit", "{sum: kinds}, if_none: 0, unit", id="sum-of-none"),
        pytest.param("{sum: kinds}", "worst", id="worst-without-if-none"),
        pytest.param("unnamed: left_out", "unnamed: skip", id="unknown-word"),
        pytest.param("        each: site_number\n", "", id="without-each"),
    ],
)
def test_schema_takes_children_as_the_reader_does(old: str, new: str) -> None:
    """An editor takes what is right, and marks what the reader refuses."""
    assert list(VALIDATOR.iter_errors(parsed(UNITS))) == []
    assert UNITS.replace(old, new, 1) != UNITS
    assert list(VALIDATOR.iter_errors(parsed(UNITS.replace(old, new, 1))))


def test_ladder_of_children_must_have_no_gap_and_no_dead_band() -> None:
    """A child that no band takes, and a band that takes no child, are found before use."""
    gap = DRIVERS.replace("{grade: good, when: true}", "{grade: good, when: {points: {below: 5}}}")
    dead = DRIVERS.replace(
        "{grade: marked, when: {points: {at_least: 6}}}",
        "{grade: marked, when: {points: {at_least: 20}}}",
    )

    assert "grade-gap" in _codes(gap)
    assert "dead-band" in _codes(dead)


def test_children_that_bad_records_make_are_found_not_monotone() -> None:
    """Where a violation alone makes a site one, a further bad site makes the share smaller."""
    text = SITES.replace("          records: inspection\n", "          records: violation\n", 1)

    assert "not-monotone" in _codes(text)
    assert "not-monotone" not in _codes(SITES)


def test_unused_children_are_warned_of() -> None:
    """A group that nothing is measured over, and a measure that nothing asks for, are noted."""
    group = (
        UNITS[UNITS.index("      units:") : UNITS.index("        measures:")]
        + f"        {SOURCE}\n"
    )
    counted = "records: inspection, window: ever, measure: count, unit: visit"
    measure = f"          visits: {{{counted}, {SOURCE}}}\n"
    more = UNITS.replace(
        "    indicators:\n", group.replace("units", "others") + "    indicators:\n"
    )
    more = more.replace("          first_seen:\n", measure + "          first_seen:\n", 1)

    assert _checked(UNITS) == []
    assert _checked(more) == [
        "policy.yaml unused nothing uses 'visits'",
        "policy.yaml unused nothing uses 'others'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        pytest.param(
            "{points: {at_least: 6}}",
            "{points: {at_least: 5}}",
            "grade.start.2",
            "grade: marked, when: points ≥ 5",
            id="band",
        ),
        pytest.param(
            "{role: driver}", "{role: principal}", "roster.where", "role = principal", id="roster"
        ),
        pytest.param(
            "{last: {years: 3}}",
            "ever",
            "measures.fatal.window",
            "form: ever, length: 0, first: 0, last: 0, day: event_date",
            id="measure",
        ),
    ],
)
def test_difference_between_versions_names_the_part(
    old: str, new: str, path: str, said: str
) -> None:
    """What an amendment changes of child subjects is said part by part."""
    before, after = (
        read_policy(text.encode(), "policy.yaml").versions[0]
        for text in (DRIVERS, DRIVERS.replace(old, new, 1))
    )

    (found,) = differences(before, after)

    assert (found.path, found.new) == (f"children.drivers.{path}", said)


# Private functions -----------------------------------------------------------


def _codes(text: str) -> list[str]:
    return [one.split(":")[2] for one in problems(text)] or [
        one.split(" ")[1] for one in _checked(text)
    ]


def _checked(text: str) -> list[str]:
    policy = read_policy(text.encode(), "policy.yaml")
    context = CheckContext(vocabulary=VOCABULARY, ladders={}, ended={}, today=date(2026, 11, 22))
    return [f"policy.yaml {one.code} {one.message}" for one in check_policy(policy, context)]
