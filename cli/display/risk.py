"""Risk models and predictions, as people read them."""

from cli.display.console import print_pairs, print_table
from cli.display.explanations import policy_name
from cli.display.wording import code, day, instant
from safetycredit.scoring.v1 import risk_service_pb2 as pb


def model_row(model: pb.RiskModel) -> tuple[str, ...]:
    """Give a row of a table of models."""
    last = model.steps[-1]
    return (
        model.model_id,
        model.name,
        code(pb.RiskModelState.DESCRIPTOR, model.state),
        f"{code(pb.RiskModelAction.DESCRIPTOR, last.action)} by {last.actor}",
        model.digest[:16],
    )


def describe_model(model: pb.RiskModel) -> None:
    """Print a model with its steps, and what it was made of where that is known."""
    years = (
        f"{model.training_start_year}–{model.training_end_year}: {model.training_rows:,} rows,"
        f" {model.training_events:,} events"
    )
    print_pairs(
        [
            ("model", f"{model.model_id} {model.name}"),
            ("state", code(pb.RiskModelState.DESCRIPTOR, model.state)),
            ("digest", model.digest),
            ("foretells", model.target),
            ("trained on", years if model.training_rows else ""),
            ("data", model.data_digest),
            ("seed", str(model.seed) if model.training_rows else ""),
            ("known then", model.knowledge),
            ("libraries", ", ".join(f"{key} {one}" for key, one in model.libraries.items())),
            ("adverse", ", ".join(one.name for one in model.features if one.adverse)),
            ("others", ", ".join(one.name for one in model.features if not one.adverse)),
        ]
    )
    print_table(
        ("step", "state", "by", "for", "document", "note", "time"),
        [
            (
                code(pb.RiskModelAction.DESCRIPTOR, step.action),
                code(pb.RiskModelState.DESCRIPTOR, step.state),
                step.actor,
                step.authority,
                step.document_number,
                step.note,
                instant(step.time),
            )
            for step in model.steps
        ],
    )


def describe_prediction(answer: pb.PredictRiskResponse) -> None:
    """Print a prediction with what every feature adds."""
    one = answer.prediction
    print_pairs(
        [
            ("enterprise", f"{one.name} {one.credit_code or one.enterprise_id}"),
            ("relativity", f"{one.relativity.value} times the base rate"),
            ("credibility", one.credibility.value),
            ("expected", f"{one.expected.value} accidents in a year" if one.expected.value else ""),
            ("rate", f"{one.rate.value} accidents in a year for a person employed"),
            *describe_risk_basis(answer.basis),
        ]
    )
    print_table(
        ("feature", "value", "adds to the logarithm", "adverse"),
        [
            *(
                (line.feature, line.value.value, line.amount.value, "yes" if line.adverse else "")
                for line in one.contributions
            ),
            ("(shared by all)", "", one.base_amount.value, ""),
            ("sum", "", one.log_relativity.value, ""),
        ],
        title="contributions",
        numbers=(1, 2),
    )


def describe_risk_basis(basis: pb.RiskBasis) -> list[tuple[str, str]]:
    """Say what predictions stand on; given back, it makes them again."""
    state = code(pb.RiskModelState.DESCRIPTOR, basis.model_state)
    named = ", ".join(policy_name(one) for one in basis.named_by)
    return [
        ("model", f"{basis.model_id} ({state})"),
        ("digest", basis.model_digest),
        ("advisory", "yes: it counts in no rate" if basis.advisory else f"no: named by {named}"),
        ("as of", day(basis.as_of)),
        ("known at", instant(basis.point.known_at)),
        ("revision", str(basis.point.revision)),
    ]
