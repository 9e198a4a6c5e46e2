"""Results of simulations as text: what was found, written down so that it reads back the same."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from services.engine.language import Source, Wording
from services.scoring.commands.trials.comparing import MovedLine, Movement, ShortResult
from services.scoring.commands.trials.simulation_ports import (
    AffectedSubject,
    AnsweredElsewhere,
    LackingInput,
    PolicyImpact,
    PremiumBand,
    RedlistImpact,
    RedlistLoss,
    UnmetCondition,
)
from services.scoring.domain.amount import Amount

_DAYS: Final = ("publish_date", "effective_date", "checked_date")


def write_impacts(impacts: Sequence[PolicyImpact]) -> str:
    """Write impacts."""
    return json.dumps([_impact(one) for one in impacts], ensure_ascii=False, default=_plain)


def read_impacts(text: str) -> tuple[PolicyImpact, ...]:
    """Read impacts that were written."""
    return tuple(_read_impact(one) for one in json.loads(text))


# Private functions -----------------------------------------------------------

Json = dict[str, Any]


def _plain(value: object) -> str:
    assert isinstance(value, date), "only days are no JSON by themselves"
    return value.isoformat()


def _impact(impact: PolicyImpact) -> Json:
    return {
        "policy_id": impact.policy_id,
        "live": impact.live,
        "candidate": impact.candidate,
        "subjects": impact.subjects,
        "changed": impact.changed,
        "movements": {str(int(movement)): count for movement, count in impact.movements.items()},
        "matrix": [
            [_short(live), _short(candidate), count]
            for (live, candidate), count in impact.matrix.items()
        ],
        "premiums": None if impact.premiums is None else [asdict(one) for one in impact.premiums],
        "affected": [asdict(one) for one in impact.affected],
        "undecided": impact.undecided,
        "lacking": [asdict(one) for one in impact.lacking],
        "redlist": None if impact.redlist is None else asdict(impact.redlist),
        "elsewhere": [asdict(one) for one in impact.elsewhere],
        "persons_left_out": impact.persons_left_out,
    }


def _short(result: ShortResult) -> list[Any]:
    return [result.order, result.status, result.label]


def _read_impact(json_: Json) -> PolicyImpact:
    premiums = json_["premiums"]
    return PolicyImpact(
        policy_id=json_["policy_id"],
        live=None if json_["live"] is None else (json_["live"][0], json_["live"][1]),
        candidate=(json_["candidate"][0], json_["candidate"][1]),
        subjects=json_["subjects"],
        changed=json_["changed"],
        movements={Movement(int(key)): count for key, count in json_["movements"].items()},
        matrix={
            (ShortResult(*live), ShortResult(*candidate)): count
            for live, candidate, count in json_["matrix"]
        },
        premiums=None if premiums is None else tuple(PremiumBand(**one) for one in premiums),
        affected=tuple(_read_affected(one) for one in json_["affected"]),
        # Runs that ended before these were counted say nothing of them.
        undecided=json_.get("undecided", 0),
        lacking=tuple(LackingInput(**one) for one in json_.get("lacking", ())),
        redlist=_read_redlist(json_.get("redlist")),
        elsewhere=tuple(AnsweredElsewhere(**one) for one in json_.get("elsewhere", ())),
        persons_left_out=json_.get("persons_left_out", 0),
    )


def _read_redlist(json_: Json | None) -> RedlistImpact | None:
    if json_ is None:
        return None
    return RedlistImpact(**{**json_, "losses": tuple(map(_read_loss, json_["losses"]))})


def _read_loss(json_: Json) -> RedlistLoss:
    unmet = (UnmetCondition(one["name"], _read_source(one["source"])) for one in json_["unmet"])
    end = json_["end_date"]
    return RedlistLoss(
        **{
            **json_,
            "start_date": date.fromisoformat(json_["start_date"]),
            "end_date": None if end is None else date.fromisoformat(end),
            "unmet": tuple(unmet),
        }
    )


def _read_affected(json_: Json) -> AffectedSubject:
    scores, premiums = json_["scores"], json_["premiums_fen"]
    return AffectedSubject(
        subject_id=json_["subject_id"],
        credit_code=json_["credit_code"],
        name=json_["name"],
        movement=Movement(json_["movement"]),
        live=ShortResult(**json_["live"]),
        candidate=ShortResult(**json_["candidate"]),
        scores=(_read_amount(scores[0]), _read_amount(scores[1])),
        premiums_fen=(premiums[0], premiums[1]),
        lines=tuple(_read_line(one) for one in json_["lines"]),
    )


def _read_amount(json_: Json | None) -> Amount | None:
    return None if json_ is None else Amount(**json_)


def _read_source(json_: Json) -> Source:
    days = {name: json_[name] for name in _DAYS}
    read = {name: None if day is None else date.fromisoformat(day) for name, day in days.items()}
    return Source(**{**json_, **read})


def _read_line(json_: Json) -> MovedLine:
    return MovedLine(
        **{
            **json_,
            "live": _read_amount(json_["live"]),
            "candidate": _read_amount(json_["candidate"]),
            "wording": Wording(**json_["wording"]),
            "source": _read_source(json_["source"]),
        }
    )
