"""GetCreditGrade from memory, never stale, against an empty call on the same server.

One scoring server, in a process and on a core of its own, answers both calls in turns: first while
nobody writes, then while a writer commits once a second and looks whether what the server answers
is still right. Each round asks for another enterprise; h2load repeats one request in a run.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import grpc

from benchmarks.h2load import LoadedCall, Rates, missing, program, write_body
from benchmarks.processes import Cores, command, confined, free_port, server, surroundings
from benchmarks.stores import STORES
from benchmarks.writer import Writer
from cli.sample.stories import STORIES
from safetycredit.credit.v1.credit_service_pb2 import GetEnterpriseRequest, GetEnterpriseResponse
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.scoring.v1.grade_service_pb2 import GetCreditGradeRequest
from safetycredit.scoring.v1.grade_service_pb2_grpc import GradeServiceStub
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.call_log import EVENT
from services.common.identity import EVERYTHING, Caller, Role, caller_metadata

_ENTERPRISES: Final = 100
_CALLS: Final = 2_500
_WARMING_CALLS: Final = 200
_QUIET_ROUNDS: Final = 5
_WRITING_ROUNDS: Final = 3
_RATIOS_MIN: Final = {"SQLite": 0.45, "PostgreSQL": 0.35}
_ANSWER_SECONDS: Final = 10.0
_METADATA: Final = caller_metadata(
    Caller(
        identity="benchmark",
        roles=frozenset({Role.REGULATOR}),
        divisions=frozenset({EVERYTHING}),
        fields=frozenset({EVERYTHING}),
    )
)
_EMPTY: Final = "/safetycredit.credit.v1.CreditService/GetEnterprise"
_GRADE: Final = "/safetycredit.scoring.v1.GradeService/GetCreditGrade"
_POLICY_ID: Final = "cn.shandong.liaocheng.grade"
_CODES: Final = tuple(story.credit_code for story in STORIES[:_QUIET_ROUNDS])


class AnswerError(Exception):
    """A call was not answered as it should be."""


def run() -> Iterator[str]:
    """Measure, and give the lines of the report."""
    if program() is None:
        yield missing("rpc")
        return
    cores = Cores.here()
    for database, store in STORES.items():
        with confined(cores.others), store() as settings:
            yield from _measured(database, settings, cores)
    yield surroundings("rpc")


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Calls:
    """The two calls that are compared.

    Attributes:
        empty: The empty call.
        grades: The grade of one enterprise each.
    """

    empty: LoadedCall
    grades: tuple[LoadedCall, ...]

    @classmethod
    def to(cls, port: int, folder: Path) -> "_Calls":
        """Write the bodies of the calls to a server."""
        bodies = [write_body(folder / code, _question(code).SerializeToString()) for code in _CODES]
        return cls(
            LoadedCall(port, _EMPTY, write_body(folder / "empty", b""), _METADATA),
            tuple(LoadedCall(port, _GRADE, body, _METADATA) for body in bodies),
        )

    def rates(self, rounds: int) -> tuple[Rates, Rates]:
        """Make both calls in turns."""
        empty: list[float] = []
        grades: list[float] = []
        for number in range(rounds):
            grade = self.grades[number % len(self.grades)]
            grade.rate(_WARMING_CALLS)
            empty.append(self.empty.rate(_CALLS))
            grades.append(grade.rate(_CALLS))
        return Rates(tuple(empty)), Rates(tuple(grades))


def _measured(database: str, settings: Mapping[str, str], cores: Cores) -> Iterator[str]:
    credit_port, scoring_port = free_port(), free_port()
    credit, scoring = f"127.0.0.1:{credit_port}", f"127.0.0.1:{scoring_port}"
    settings = {**settings, "CREDIT_LISTEN": credit, "SCORING_LISTEN": scoring}
    with TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        log = folder / "scoring.log"
        servers.enter_context(
            server(
                "services.credit.main",
                port=credit_port,
                environment=settings,
                log=folder / "credit.log",
            )
        )
        command("sample", "load", f"--enterprises={_ENTERPRISES}", environment=settings)
        with confined(cores.server):
            servers.enter_context(
                server("benchmarks.rpc_server", port=scoring_port, environment=settings, log=log)
            )
        _require_answers(scoring)
        calls = _Calls.to(scoring_port, folder)
        questions = [_question(code) for code in _CODES]
        rates = calls.rates(_QUIET_ROUNDS)
        yield from _lines(f"rpc: {database}", rates, f"at least {_RATIOS_MIN[database]}")
        with Writer(credit, scoring, _METADATA, questions).writing() as written:
            rates = calls.rates(_WRITING_ROUNDS)
        # The servers write their last lines when they end.
        servers.close()
        _require_success(log)
    told = f"{written.commits} commits, {written.checks} answers checked and right"
    yield from _lines(f"rpc: {database} with a commit a second", rates, told)


def _question(code: str) -> GetCreditGradeRequest:
    return GetCreditGradeRequest(subject=SubjectRef(credit_code=code), policy_id=_POLICY_ID)


def _require_answers(target: str) -> None:
    """Make each call once, so that what is measured is no refusal."""
    with grpc.insecure_channel(target, [("grpc.enable_http_proxy", 0)]) as channel:
        for code in _CODES:
            answer = GradeServiceStub(channel).GetCreditGrade(
                _question(code), metadata=_METADATA, timeout=_ANSWER_SECONDS
            )
            if not answer.grade.grade or answer.grade.credit_code != code:
                raise AnswerError(f"there is no grade of {code}: {answer}")
        empty = CreditServiceStub(channel).GetEnterprise(
            GetEnterpriseRequest(), metadata=_METADATA, timeout=_ANSWER_SECONDS
        )
    if empty != GetEnterpriseResponse():
        raise AnswerError(f"the empty call is not empty: {empty}")


def _require_success(log: Path) -> None:
    """Look in the server's own log: h2load does not see what a call was refused for."""
    statuses: Counter[str] = Counter()
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            if EVENT in line:
                statuses[json.loads(line)["status"]] += 1
    if set(statuses) != {"OK"}:
        raise AnswerError(f"not every call was answered: {dict(statuses)}")


def _lines(title: str, rates: tuple[Rates, Rates], told: str) -> Iterator[str]:
    empty, grade = rates
    yield f"{title}: empty call {empty}"
    yield (
        f"{title}: GetCreditGrade {grade}; {grade.middle / empty.middle:.2f} of it by the medians,"
        f" {grade.best / empty.best:.2f} by the best ({told})"
    )
