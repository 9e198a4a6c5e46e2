"""What explanations name: facts as facts, entries of lists and predictions as what they are."""

from services.engine.vocabulary import KEPT_BY_SCORING
from services.scoring.domain.identifiers import record_name_of
from services.scoring.handlers.messages import line_messages
from services.scoring.store.virtual_kinds import VIRTUAL_KINDS
from tests.unit.engine.holding import cases_of, compiled, lines_of, written
from tests.unit.engine.test_policies import VOCABULARY

PLAN = compiled(
    written("""\
    indicators:
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        SOURCE
      listings:
        records: listing
        where: {list: blacklist}
        window: {valid_until: end_date}
        measure: count
        unit: listing
        SOURCE
      foretold:
        records: [penalty, risk_prediction]
        window: {last: {months: 12}}
        measure: count
        unit: record
        SOURCE
    rules:
      - id: N-BOTH
        when: {all: [{penalties: {at_least: 1}}, {listings: {at_least: 1}}]}
        set: {duty: retraining}
        wording: {zh: 甲, en: a}
        SOURCE
      - id: N-JOINED
        when: {foretold: {at_least: 2}}
        set: {duty: retraining}
        wording: {zh: 乙, en: b}
        SOURCE
      - id: N-FACT
        when: {penalties: {at_least: 1}}
        set: {duty: retraining}
        wording: {zh: 丙, en: c}
        SOURCE
    outputs: {penalties: {is: penalties, unit: penalty}}
""")
)
(CASE,) = cases_of("""\
  - name: one of each
    as_of: 2024-06-01
    records:
      - {kind: penalty, event_date: 2024-05-01}
      - {kind: listing, event_date: 2024-04-01, list: blacklist, end_date: 2027-04-01}
      - {kind: risk_prediction, event_date: 2024-03-01, end_date: 2025-03-01}
    expect: {penalties: 1}
""")


def test_each_record_of_a_line_is_named_as_what_it_is() -> None:
    """The entry and the prediction stand beside the penalty, by event date, none as a fact."""
    messages = line_messages(lines_of(PLAN, CASE))

    # The records of the case are numbered from 0.
    assert {one.rule_id: list(one.record_ids) for one in messages} == {
        "N-BOTH": ["l-1", "r-0"],
        "N-JOINED": ["rp-2", "r-0"],
        "N-FACT": ["r-0"],
    }


def test_every_kind_that_is_no_fact_has_a_name_of_its_own() -> None:
    """Those that scoring keeps, and no other; their letters differ."""
    names = {kind: record_name_of(kind, 1) for kind in VOCABULARY.kinds}

    apart = {kind for kind, name in names.items() if name != "r-1"}
    assert apart == set(KEPT_BY_SCORING) == set(VIRTUAL_KINDS)
    assert len({names[kind] for kind in apart}) == len(apart)
