"""RecommendRate against an empty call on the same server, and a batch of 10,000 against both.

Three rates of the same plan over the same enterprises: single calls from memory, as the grade
benchmark measures them; single calls that each work a new answer out; and one stream of 10,000.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import grpc

from benchmarks.h2load import LoadedCall, Rates, missing, program, write_body
from benchmarks.processes import Cores, command, confined, free_port, server, surroundings
from benchmarks.stores import STORES
from safetycredit.credit.v1.credit_service_pb2 import SearchEnterprisesRequest
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.scoring.v1.rate_service_pb2 import (
    BatchRateItem,
    BatchRateTerms,
    BatchRecommendRatesRequest,
    RecommendRateRequest,
)
from safetycredit.scoring.v1.rate_service_pb2_grpc import RateServiceStub
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.identity import EVERYTHING, Caller, Role, caller_metadata

_ENTERPRISES: Final = 10_000
_MESSAGE: Final = 1_000
_SINGLES: Final = 500
_CALLS: Final = 2_500
_WARMING_CALLS: Final = 200
_ROUNDS: Final = 5
_BATCHES: Final = 3
_RATIO_MIN: Final = 0.4
_TIMES_MIN: Final = 20
_SECONDS: Final = 60.0
_LOAD_SECONDS: Final = 600.0
_POLICY_ID: Final = "cn.beijing.xicheng.insurance-rate"
_EMPTY: Final = "/safetycredit.credit.v1.CreditService/GetEnterprise"
_RATE: Final = "/safetycredit.scoring.v1.RateService/RecommendRate"
_METADATA: Final = caller_metadata(
    Caller(
        identity="benchmark",
        roles=frozenset({Role.REGULATOR}),
        divisions=frozenset({EVERYTHING}),
        fields=frozenset({EVERYTHING}),
    )
)


class AnswerError(Exception):
    """A call was not answered as it should be."""


def run() -> Iterator[str]:
    """Measure, and give the lines of the report."""
    cores = Cores.here()
    for database, store in STORES.items():
        with confined(cores.others), store() as settings:
            yield from _measured(database, settings, cores)
    yield surroundings("rates")


# Private functions -----------------------------------------------------------


def _measured(database: str, settings: Mapping[str, str], cores: Cores) -> Iterator[str]:
    credit_port, scoring_port = free_port(), free_port()
    credit, scoring = f"127.0.0.1:{credit_port}", f"127.0.0.1:{scoring_port}"
    settings = {**settings, "CREDIT_LISTEN": credit, "SCORING_LISTEN": scoring}
    with TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        with server(
            "services.credit.main",
            port=credit_port,
            environment=settings,
            log=folder / "credit.log",
        ):
            load = ("sample", "load", f"--enterprises={_ENTERPRISES}")
            command(*load, environment=settings, seconds=_LOAD_SECONDS)
            codes = _codes(credit)
        with confined(cores.server):
            servers.enter_context(
                server(
                    "benchmarks.rpc_server",
                    port=scoring_port,
                    environment=settings,
                    log=folder / "scoring.log",
                )
            )
        title = f"rates: {database}"
        with grpc.insecure_channel(scoring, [("grpc.enable_http_proxy", 0)]) as channel:
            single = _singles(channel, codes)
            batch = _batches(channel, codes)
        yield f"{title}: single calls, one after the other, no enterprise twice: {single:,.0f}/s"
        yield f"{title}: {len(codes):,} in one stream: {batch:,.0f}/s; {batch / single:.1f} times"
        if program() is None:
            yield missing("rates")
            return
        yield from _warm(title, scoring_port, codes[:_ROUNDS], folder=folder, batch=batch)


def _codes(target: str) -> list[str]:
    """Find the enterprises of the sample that have a credit code."""
    codes: list[str] = []
    with grpc.insecure_channel(target, [("grpc.enable_http_proxy", 0)]) as channel:
        token = ""
        while True:
            page = CreditServiceStub(channel).SearchEnterprises(
                SearchEnterprisesRequest(page_size=1000, page_token=token),
                metadata=_METADATA,
                timeout=_SECONDS,
            )
            codes += [one.credit_code for one in page.enterprises if one.credit_code]
            token = page.next_page_token
            if not token:
                return codes[:_ENTERPRISES]


def _singles(channel: grpc.Channel, codes: Sequence[str]) -> float:
    """Ask for enterprises one by one, none of them asked for before."""
    stub = RateServiceStub(channel)
    answered = 0
    for code in codes[-_WARMING_CALLS:]:
        _call(stub, code)
    started = time.perf_counter()
    for code in codes[:_SINGLES]:
        answered += _call(stub, code)
    seconds = time.perf_counter() - started
    if answered < _SINGLES / 2:
        raise AnswerError(f"only {answered} of {_SINGLES} had a rate")
    return _SINGLES / seconds


def _call(stub: RateServiceStub, code: str) -> int:
    try:
        answer = stub.RecommendRate(_question(code), metadata=_METADATA, timeout=_SECONDS)
    except grpc.RpcError as error:
        refusal: Any = error
        if refusal.code() is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        return 0
    return int(answer.recommendation.HasField("premium"))


def _batches(channel: grpc.Channel, codes: Sequence[str]) -> float:
    """Ask for all in one stream, several times, and give the best rate."""
    best = 0.0
    for _ in range(_BATCHES):
        started = time.perf_counter()
        answers = list(
            RateServiceStub(channel).BatchRecommendRates(
                _messages(codes), metadata=_METADATA, timeout=_SECONDS
            )
        )
        seconds = time.perf_counter() - started
        if sum(len(answer.results) for answer in answers) != len(codes):
            raise AnswerError("not every enterprise was answered")
        best = max(best, len(codes) / seconds)
    return best


def _messages(codes: Sequence[str]) -> Iterator[BatchRecommendRatesRequest]:
    terms: BatchRateTerms | None = BatchRateTerms(policy_id=_POLICY_ID)
    for start in range(0, len(codes), _MESSAGE):
        items = [
            BatchRateItem(subject=SubjectRef(credit_code=code))
            for code in codes[start : start + _MESSAGE]
        ]
        yield BatchRecommendRatesRequest(terms=terms, items=items)
        terms = None


def _question(code: str) -> RecommendRateRequest:
    return RecommendRateRequest(subject=SubjectRef(credit_code=code), policy_id=_POLICY_ID)


def _warm(
    title: str, port: int, codes: Sequence[str], *, folder: Path, batch: float
) -> Iterator[str]:
    empty_call = LoadedCall(port, _EMPTY, write_body(folder / "empty", b""), _METADATA)
    empty: list[float] = []
    rates: list[float] = []
    for code in codes:
        body = write_body(folder / code, _question(code).SerializeToString())
        call = LoadedCall(port, _RATE, body, _METADATA)
        call.rate(_WARMING_CALLS)
        empty.append(empty_call.rate(_CALLS))
        rates.append(call.rate(_CALLS))
    nothing, rate = Rates(tuple(empty)), Rates(tuple(rates))
    yield f"{title}: empty call {nothing}"
    yield (
        f"{title}: RecommendRate {rate}; {rate.middle / nothing.middle:.2f} of it by the medians,"
        f" {rate.best / nothing.best:.2f} by the best (at least {_RATIO_MIN})"
    )
    yield f"{title}: the batch against these calls from memory: {batch / rate.middle:.1f} times"
