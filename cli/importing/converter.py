"""Conversion of a file's rows into rows of ImportRecords, by a mapping."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.descriptor import Descriptor

from cli.importing.cells import CellError, CellReader, Row
from cli.importing.columns import Columns, compile_text
from cli.importing.mapping_files import MappingFile, Problem
from cli.importing.mapping_schema import Condition, Mapping, Rule
from cli.importing.targets import BODIES, ENTERPRISE, HEADER, IMPORT_ROW, fillable
from cli.importing.values import Compiler, ValueReader
from safetycredit.credit.v1.credit_service_pb2 import ImportRow
from safetycredit.credit.v1.enterprise_pb2 import EnterpriseProfile
from safetycredit.credit.v1.record_pb2 import RecordBody, RecordHeader
from safetycredit.type.v1.subject_pb2 import LocalIdentity, SubjectRef

START_DATE: Final = "start_date"
"""Key under ``enterprise``: the first day of the enterprise's first period."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that the mapping itself refuses; the service never sees it.

    Attributes:
        row_number: Number of the row in its file.
        reason: Stable UPPER_SNAKE word.
        message: What is wrong and what to do.
        fields: Values that are wrong, as paths in ImportRow.
        document_number: As far as it can be read.
        skipped: Whether the mapping leaves such rows out on purpose.
    """

    row_number: int
    reason: str
    message: str
    fields: Sequence[str] = ()
    document_number: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class _Exclusion:
    applies: Callable[[Row], bool]
    condition: Condition
    skipped: bool


@dataclass(slots=True)
class _Problems:
    """What is wrong with one row; a field may be wrong once."""

    first_reason: str = ""
    fields: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def add(self, path: str, error: CellError) -> None:
        self.first_reason = self.first_reason or error.reason
        self.fields.append(path)
        self.messages.append(f"{path}: {error.message}")


_Readers = tuple[tuple[str, str, ValueReader], ...]
"""Name, path and reader of every field of one message that the mapping fills."""


class Converter:
    """Turns rows of one file into requests."""

    def __init__(self, source: MappingFile, columns: Columns) -> None:
        """Compile the mapping for a file with these columns.

        Raises:
            MappingInvalidError: The mapping contradicts the protos or itself.
            ColumnsMissingError: The file lacks columns.
        """
        mapping = source.mapping
        compiler = Compiler(mapping, columns)
        self._kind = mapping.kind
        self._body_class = getattr(RecordBody(), mapping.kind).__class__
        self._subject = _compile_subject(mapping, compiler)
        self._header = _compile_part(compiler, "header", mapping.header, HEADER)
        self._body = _compile_part(
            compiler, "body", mapping.body, BODIES[mapping.kind], within=mapping.kind
        )
        self._enterprise: _Readers | None = None
        self._start_date: ValueReader | None = None
        if mapping.enterprise is not None:
            rules = dict(mapping.enterprise)
            if (start := rules.pop(START_DATE, None)) is not None:
                target = IMPORT_ROW.fields_by_name["enterprise_start_date"]
                self._start_date = compiler.value(start, target, ("enterprise", START_DATE))
            self._enterprise = _compile_part(compiler, "enterprise", rules, ENTERPRISE)
        self._document_number = _document_number(self._header)
        nothing = frozenset(mapping.file.nothing)
        self._exclusions = [
            *(_exclusion(one, columns, nothing, skipped=True) for one in mapping.skip),
            *(_exclusion(one, columns, nothing, skipped=False) for one in mapping.refuse),
        ]
        if compiler.problems:
            raise source.failure(compiler.problems)
        columns.require()

    def convert(self, row_number: int, row: Row) -> ImportRow | Refusal:
        """Convert one row; a refusal names everything that is wrong with it."""
        for exclusion in self._exclusions:
            if exclusion.applies(row):
                return self._excluded(row_number, row, exclusion)
        problems = _Problems()
        try:
            subject = self._subject(row)
        except CellError as error:
            problems.add("header.subject", error)
            subject = None
        header = _read(self._header, row, problems)
        body = _read(self._body, row, problems)
        enterprise = None if self._enterprise is None else _read(self._enterprise, row, problems)
        start_date = None
        if self._start_date is not None:
            try:
                start_date = self._start_date(row)
            except CellError as error:
                problems.add("enterprise_start_date", error)
        if problems.fields:
            return Refusal(
                row_number,
                problems.first_reason,
                "; ".join(problems.messages),
                problems.fields,
                self._document_number(row),
            )
        return ImportRow(
            row_number=row_number,
            enterprise=None if enterprise is None else EnterpriseProfile(**enterprise),
            enterprise_start_date=start_date,
            header=RecordHeader(subject=subject, **header),
            body=RecordBody(**{self._kind: self._body_class(**body)}),
        )

    def _excluded(self, row_number: int, row: Row, exclusion: _Exclusion) -> Refusal:
        return Refusal(
            row_number,
            exclusion.condition.reason,
            exclusion.condition.message,
            exclusion.condition.column[:1],
            self._document_number(row),
            exclusion.skipped,
        )


def check_mapping(source: MappingFile) -> None:
    """Compile a mapping against no file in particular.

    Raises:
        MappingInvalidError: It contradicts the protos or itself.
    """
    Converter(source, Columns(None))


# Private functions -----------------------------------------------------------


def _compile_part(
    compiler: Compiler,
    section: str,
    rules: dict[str, Rule],
    message: Descriptor,
    *,
    within: str = "",
) -> _Readers:
    path_of = [section, within] if within else [section]
    known = fillable(message)
    readers = []
    for name, rule in rules.items():
        location = (section, name)
        if name not in known:
            allowed = ", ".join([*known, START_DATE] if section == "enterprise" else known)
            compiler.problems.append(
                Problem(location, f"there is no such value; write one of {allowed}")
            )
            continue
        # The path by which the service, too, names the value.
        path = ".".join([*path_of, name])
        readers.append((name, path, compiler.value(rule, known[name], location)))
    return tuple(readers)


def _compile_subject(mapping: Mapping, compiler: Compiler) -> Callable[[Row], SubjectRef]:
    def none(_row: Row) -> str:
        return ""

    code: CellReader = none
    value: CellReader = none
    scheme = ""
    if mapping.subject.credit_code is not None:
        code = compiler.text(mapping.subject.credit_code, ("subject", "credit_code"))
    if (local := mapping.subject.local_identity) is not None:
        scheme = local.scheme
        value = compiler.text(local.value, ("subject", "local_identity", "value"))

    def read(row: Row) -> SubjectRef:
        # A wrong credit code is refused by the service; another identity in its
        # place would make a second enterprise of the same one.
        if credit_code := code(row):
            return SubjectRef(credit_code=credit_code)
        if local_value := value(row):
            return SubjectRef(local_identity=LocalIdentity(scheme=scheme, value=local_value))
        raise CellError("SUBJECT_MISSING", "the row names no subject; fill in its identity")

    return read


def _document_number(header: _Readers) -> CellReader:
    reader = next((one for name, _, one in header if name == "document_number"), None)

    def read(row: Row) -> str:
        if reader is None:
            return ""
        try:
            return str(reader(row) or "")
        except CellError:
            return ""

    return read


def _exclusion(
    condition: Condition, columns: Columns, nothing: frozenset[str], *, skipped: bool
) -> _Exclusion:
    rule = Rule(column=condition.column, optional=condition.optional)
    text = compile_text(rule, columns, nothing)
    if condition.values is not None:
        values = frozenset(condition.values)
        return _Exclusion(lambda row: text(row) in values, condition, skipped)
    assert condition.matching is not None, "the schema asks for one of the two"
    expression = re.compile(condition.matching)
    return _Exclusion(lambda row: bool(expression.search(text(row))), condition, skipped)


def _read(readers: _Readers, row: Row, problems: _Problems) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, path, read in readers:
        try:
            value = read(row)
        except CellError as error:
            problems.add(path, error)
            continue
        if value is not None:
            values[name] = value
    return values
