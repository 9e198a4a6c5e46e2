"""Which records stand behind what keeps somebody from a status, where no line names them."""

from services.engine.cases import case_inputs, case_population
from services.engine.explaining import records_behind
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.test_policies import VOCABULARY

PLAN = compiled(
    written("""\
    inputs:
      answers: {from: request, unit: act, if_missing: unknown}
    indicators:
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        SOURCE
      listings:
        records: listing
        of: persons
        where: {list: blacklist}
        window: {valid_until: end_date}
        measure: count
        unit: listing
        SOURCE
    values:
      both: {is: {add: [penalties, 0]}, unit: penalty, SOURCE}
    rules:
      - id: B-CLEAN
        when: {penalties: 0, listings: 0, answers: 0}
        set: {duty: retraining}
        wording: {zh: 甲, en: a}
        SOURCE
    outputs: {penalties: {is: penalties, unit: penalty}}
""")
)
(CASE,) = cases_of("""\
  - name: a penalty that counts, one that does not, and an entry
    as_of: 2024-06-01
    records:
      - {kind: penalty, event_date: 2024-05-01}
      - {kind: penalty, event_date: 2023-06-01}
      - {kind: listing, of: persons, roles: [principal], event_date: 2024-04-01, list: blacklist}
    expect: {penalties: 1}
""")


def behind(*names: str) -> tuple[tuple[int, str], ...]:
    """Give what stands behind names; the records of the case are numbered from 0."""
    population = case_population([CASE], PLAN, VOCABULARY)
    evaluation = PLAN.run(population, CASE.as_of, case_inputs(PLAN, CASE))
    return records_behind(evaluation, 0, names)


def test_what_counted_stands_behind_an_indicator_by_event_date() -> None:
    """The penalty of a year ago counts no more; an entry of a list is named as one."""
    assert behind("penalties") == ((0, ""),)
    assert behind("penalties", "listings") == ((2, "listing"), (0, ""))
    assert behind("both") == ((0, ""),)


def test_nothing_stands_behind_what_is_no_indicator() -> None:
    """An answer rests on no record, and neither does a name that the policy has not."""
    assert behind("answers", "nothing") == ()
    assert behind() == ()
