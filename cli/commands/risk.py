"""``safetycredit risk``: models of accident risk, their governance and what they foretell."""

from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from google.protobuf.message import Message

from cli.commands.enterprise import tell_rest
from cli.commands.option_groups import AnswerOptions, ReadOptions, grouped
from cli.commands.options import (
    AsOfOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    day,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.commands.risk_training import evaluate, features, report, train
from cli.display.console import output, plain, print_json, print_pairs, print_table
from cli.display.risk import describe_model, describe_prediction, describe_risk_basis, model_row
from cli.display.wording import day as day_text
from cli.training.progress import bars
from safetycredit.scoring.v1 import risk_service_pb2 as pb

app = typer.Typer(no_args_is_help=True)
app.command()(evaluate)
app.command()(train)
app.command()(report)
app.command()(features)

_STRETCH = 1000

ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="Identifier such as m-100001.")]
DocumentOption = Annotated[
    str, typer.Option("--document", metavar="NUMBER", help="Document behind the step.")
]
NoteOption = Annotated[str, typer.Option("--note", help="What was looked at, or why.")]
NameOption = Annotated[str, typer.Option("--name", help="Name of the model in force to ask.")]
ModelOption = Annotated[
    str, typer.Option("--model", metavar="MODEL", help="A model to ask whatever its state.")
]


@app.command()
@grouped
def register(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The model's files.")],
    document: DocumentOption,
    *,
    note: NoteOption = "",
    answer: AnswerOptions,
) -> None:
    """Register a trained model: the first of its steps.

    Example: safetycredit risk register model/model --document 风险模型〔2026〕1号
    """
    from services.scoring.risk.bundle import read_files  # noqa: PLC0415 -- no other command needs it.

    files = read_files(folder)
    request = pb.RegisterRiskModelRequest(
        request_id=uuid4().hex,
        files=pb.RiskModelFiles(manifest=files.manifest, trees=files.trees, linear=files.linear),
        document_number=document,
        note=note,
    )
    _send("RegisterRiskModel", request, answer)


@app.command()
@grouped
def validate(
    model: ModelArgument, document: DocumentOption, *, note: NoteOption = "", answer: AnswerOptions
) -> None:
    """Validate a model that somebody else registered.

    Example: safetycredit risk validate m-100001 --document 验证〔2026〕1号 --note "report read"
    """
    request = pb.ValidateRiskModelRequest(
        request_id=uuid4().hex, model_id=model, document_number=document, note=note
    )
    _send("ValidateRiskModel", request, answer)


@app.command()
@grouped
def approve(
    model: ModelArgument, document: DocumentOption, *, note: NoteOption = "", answer: AnswerOptions
) -> None:
    """Give one of the two approvals that a model needs, from two different people.

    Say who you are with the global option --caller.

    Example: safetycredit risk approve m-100001 --document 审批〔2026〕1号
    """
    request = pb.ApproveRiskModelRequest(
        request_id=uuid4().hex, model_id=model, document_number=document, note=note
    )
    _send("ApproveRiskModel", request, answer)


@app.command("in-force")
@grouped
def put_in_force(
    model: ModelArgument,
    document: DocumentOption,
    *,
    replaces: Annotated[
        str, typer.Option("--replaces", metavar="MODEL", help="The one in force, retired by this.")
    ] = "",
    note: NoteOption = "",
    answer: AnswerOptions,
) -> None:
    """Put an approved model in force.

    Example: safetycredit risk in-force m-100001 --document 启用〔2026〕1号
    """
    request = pb.PutRiskModelInForceRequest(
        request_id=uuid4().hex,
        model_id=model,
        document_number=document,
        note=note,
        replaces_model_id=replaces,
    )
    _send("PutRiskModelInForce", request, answer)


@app.command()
@grouped
def retire(
    model: ModelArgument, document: DocumentOption, *, note: NoteOption = "", answer: AnswerOptions
) -> None:
    """Retire a model for ever; its kept predictions count no more.

    Example: safetycredit risk retire m-100001 --document 停用〔2026〕1号 --note "drifted"
    """
    request = pb.RetireRiskModelRequest(
        request_id=uuid4().hex, model_id=model, document_number=document, note=note
    )
    _send("RetireRiskModel", request, answer)


@app.command()
@grouped
def get(
    model: ModelArgument,
    *,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FOLDER", help="Write its files there.")
    ] = None,
    known_at: KnownAtOption = None,
    answer: AnswerOptions,
) -> None:
    """Print a model with its steps and what it was made of.

    Example: safetycredit risk get m-100001
    """
    request = pb.GetRiskModelRequest(
        model_id=model, with_files=save is not None, known_at=instant(known_at)
    )
    with answer.session.risk(answer.target) as client:
        found = client.call(client.stub.GetRiskModel, request)
    if save is not None:
        _save(save, found.files)
    found.ClearField("files")
    _show(found, answer)


@app.command("list")
@grouped
def list_models(
    *,
    name: Annotated[str, typer.Option("--name", help="What they are for. Default: all.")] = "",
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    answer: AnswerOptions,
) -> None:
    """List the models and how far they have come.

    Example: safetycredit risk list
    """
    with answer.session.risk(answer.target) as client:

        def page(page_size: int, page_token: str) -> pb.ListRiskModelsResponse:
            request = pb.ListRiskModelsRequest(
                name=name, known_at=instant(known_at), page_size=page_size, page_token=page_token
            )
            return client.call(client.stub.ListRiskModels, request)

        found = read_pages(page, lambda one: len(one.models), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(("model", "name", "state", "last step", "digest"), map(model_row, found.models))
    tell_rest(output(), found.next_page_token)


@app.command()
@grouped
def predict(
    code_texts: Annotated[
        list[str],
        typer.Argument(metavar="SUBJECT...", help="Credit codes or identifiers; up to 1,000."),
    ],
    *,
    name: NameOption = "",
    model: ModelOption = "",
    reading: ReadOptions,
) -> None:
    """Foretell the accidents of enterprises in the year after a day.

    For one enterprise it says what every feature adds. What was recorded after the day is never
    looked at.

    Example: safetycredit risk predict 91110105YY000001X9
    """
    if len(code_texts) == 1:
        asked = pb.PredictRiskRequest(
            subject=subject(code_texts[0]),
            name=name,
            model_id=model,
            as_of=day(reading.as_of),
            known_at=instant(reading.known_at),
            token=reading.token,
        )
        with reading.answer.session.risk(reading.answer.target) as client:
            one = client.call(client.stub.PredictRisk, asked)
        if reading.answer.json:
            print_json(one)
            return
        describe_prediction(one)
        return
    request = pb.BatchPredictRiskRequest(
        subjects=[subject(text) for text in code_texts],
        name=name,
        model_id=model,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.risk(reading.answer.target) as client:
        found = client.call(client.stub.BatchPredictRisk, request)
    if reading.answer.json:
        print_json(found)
        return
    _show_batch(code_texts, found)


@app.command()
def keep(
    ctx: typer.Context,
    *,
    name: NameOption = "",
    as_of: AsOfOption = None,
    target: TargetOption = None,
) -> None:
    """Keep the predictions of all enterprises, so that rate plans that name them can read them.

    Example: safetycredit risk keep
    """
    considered, kept, after = 0, 0, ""
    with session_of(ctx).risk(target) as client, bars({}) as shown:
        while True:
            request = pb.KeepRiskPredictionsRequest(
                request_id=uuid4().hex,
                name=name,
                as_of=day(as_of),
                after_enterprise_id=after,
                size=_STRETCH,
            )
            answer = client.call(client.stub.KeepRiskPredictions, request)
            considered, kept = considered + answer.considered, kept + answer.kept
            shown.advance("keeping predictions", answer.considered)
            after = answer.next_after_enterprise_id
            if not after:
                break
    output().print(plain(f"{considered:,} enterprises, {kept:,} predictions kept"))
    print_pairs(describe_risk_basis(answer.basis))


@app.command()
@grouped
def kept(
    prediction: Annotated[
        str, typer.Argument(metavar="PREDICTION", help="Identifier such as rp-100001.")
    ],
    *,
    known_at: KnownAtOption = None,
    answer: AnswerOptions,
) -> None:
    """Show a kept prediction that the worksheet of a rate names.

    Give the worksheet's own known-at to see it as it was then.

    Example: safetycredit risk kept rp-100001
    """
    request = pb.GetKeptRiskPredictionRequest(prediction_id=prediction, known_at=instant(known_at))
    with answer.session.risk(answer.target) as client:
        found = client.call(client.stub.GetKeptRiskPrediction, request)
    if answer.json:
        print_json(found)
        return
    one = found.prediction
    print_pairs(
        [
            ("prediction", one.prediction_id),
            ("model", one.model_id),
            ("enterprise", one.enterprise_id),
            ("holds from", day_text(one.start_date)),
            ("until before", day_text(one.end_date)),
            ("relativity", one.relativity.value),
            ("credibility", one.credibility.value),
        ]
    )


@app.command()
@grouped
def drift(
    *,
    name: NameOption = "",
    model: ModelOption = "",
    as_of: AsOfOption = None,
    months: Annotated[int, typer.Option(min=1, max=24, help="Months to look back.")] = 6,
    answer: AnswerOptions,
) -> None:
    """Compare the population with that of training, and what was expected with what happened.

    Example: safetycredit risk drift --months 12
    """
    request = pb.GetRiskDriftRequest(name=name, model_id=model, as_of=day(as_of), months=months)
    with answer.session.risk(answer.target) as client:
        found = client.call(client.stub.GetRiskDrift, request)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("feature", "stability index"),
        [(one.feature or "(score)", one.index.value) for one in found.stability],
        title=f"population of {found.enterprises:,} enterprises against training; above 0.25 it"
        " is another one",
        numbers=(1,),
    )
    print_table(
        ("month", "enterprises", "expected", "happened", ""),
        [
            (
                day_text(one.start_date)[:7],
                f"{one.enterprises:,}",
                one.expected.value,
                str(one.events),
                "nothing recorded by then" if one.unknown else "",
            )
            for one in found.months
        ],
        title="calibration by month",
        numbers=(1, 2, 3),
    )
    print_pairs(describe_risk_basis(found.basis))


# Private functions -----------------------------------------------------------


def _send(method: str, request: Message, answer: AnswerOptions) -> None:
    """Send a step of a model, and print the model after it."""
    with answer.session.risk(answer.target) as client:
        found: Any = client.call(getattr(client.stub, method), request)
    _show(found, answer)


def _show(found: Any, answer: AnswerOptions) -> None:  # noqa: ANN401 -- any answer with a model.
    if answer.json:
        print_json(found)
        return
    describe_model(found.model)


def _show_batch(texts: list[str], found: pb.BatchPredictRiskResponse) -> None:
    print_table(
        ("enterprise", "name", "relativity", "credibility", "expected", "refused"),
        [
            (
                result.prediction.enterprise_id or text,
                result.prediction.name,
                result.prediction.relativity.value,
                result.prediction.credibility.value,
                result.prediction.expected.value,
                result.error_reason,
            )
            for text, result in zip(texts, found.results, strict=True)
        ],
        numbers=(2, 3, 4),
    )
    print_pairs(describe_risk_basis(found.basis))


def _save(folder: Path, files: pb.RiskModelFiles) -> None:
    from services.scoring.commands.risk.risk_ports import ModelFiles  # noqa: PLC0415 -- as above.
    from services.scoring.risk.bundle import write_files  # noqa: PLC0415 -- as above.

    write_files(folder, ModelFiles(manifest=files.manifest, trees=files.trees, linear=files.linear))
