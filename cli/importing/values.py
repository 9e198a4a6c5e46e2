"""Readers of one target's value: text of a row in, value of a proto field out."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from google.type import date_pb2, decimal_pb2, money_pb2

from cli.importing.amounts import compile_amounts
from cli.importing.cells import CellError, CellReader, Row, narrow, shown
from cli.importing.codes import Lookup, compile_lookup
from cli.importing.columns import Columns, compile_text
from cli.importing.dates import compile_dates, compile_instants
from cli.importing.mapping_files import Location, Problem
from cli.importing.mapping_schema import Mapping, Rule
from cli.importing.targets import Target, code_numbers, target_of

ValueReader = Callable[[Row], Any]
"""Gives the value of a field; none leaves the field unset."""

_CURRENCY: Final = "CNY"
_FEN_PER_YUAN: Final = 100
_NANOS_PER_FEN: Final = 10_000_000
_INTEGER_DIGITS_MAX: Final = 18
_FLAGS: Final = {"true": True, "false": False}
_ALWAYS: Final = frozenset({"column", "template", "constant", "optional", "default", "characters"})
_TABLE: Final = frozenset({"table", "match", "unmatched"})
_ALLOWED: Final = {
    Target.TEXT: _TABLE | {"cut"},
    Target.CODE: _TABLE,
    Target.CODES: _TABLE | {"split"},
    Target.FLAG: _TABLE,
    Target.INTEGER: frozenset(),
    Target.DECIMAL: frozenset(),
    Target.AMOUNT: frozenset({"unit"}),
    Target.DATE: frozenset({"formats", "partial"}),
    Target.INSTANT: frozenset({"formats"}),
}


class Compiler:
    """Turns rules into readers, and collects every mistake on the way.

    Attributes:
        problems: Mistakes found so far; readers are of no use if there are any.
    """

    def __init__(self, mapping: Mapping, columns: Columns) -> None:
        """Prepare to read files with this header by this mapping."""
        self._tables = {
            name: {word: [codes] if isinstance(codes, str) else codes for word, codes in t.items()}
            for name, t in mapping.tables.items()
        }
        self._columns = columns
        self._nothing = frozenset(mapping.file.nothing)
        self.problems: list[Problem] = []

    def text(self, rule: Rule, location: Location) -> CellReader:
        """Compile a rule that gives plain text, for an identity."""
        self._refuse_foreign_keys(rule, _ALWAYS | {"cut"}, location)
        return self._text(rule, location)

    def value(self, rule: Rule, field: FieldDescriptor, location: Location) -> ValueReader:
        """Compile a rule that fills a field."""
        target = target_of(field)
        assert target is not None, "only fillable fields are compiled"
        self._refuse_foreign_keys(rule, _ALWAYS | _ALLOWED[target], location)
        parse = self._parser(rule, field, location)
        if rule.constant is not None:
            return self._constant(rule.constant, parse, location)
        text = self._text(rule, location)
        default = None
        if rule.default is not None:
            default = self._constant(rule.default, self._literal(field, rule), location)(())

        def read(row: Row) -> Any:  # noqa: ANN401 -- fields differ in type.
            return parse(found) if (found := text(row)) else default

        return read

    # --- parts ---

    def _refuse_foreign_keys(self, rule: Rule, allowed: frozenset[str], location: Location) -> None:
        for key in sorted(rule.model_fields_set - allowed):
            self.problems.append(Problem((*location, key), "this key means nothing for this value"))

    def _text(self, rule: Rule, location: Location) -> CellReader:
        try:
            return compile_text(rule, self._columns, self._nothing)
        except ValueError as error:
            self.problems.append(Problem((*location, "template"), str(error)))
            return lambda _row: ""

    def _constant(
        self, constant: str | list[str], parse: Callable[[str], Any], location: Location
    ) -> ValueReader:
        texts = [constant] if isinstance(constant, str) else constant
        try:
            values = [parse(text) for text in texts]
        except CellError as error:
            self.problems.append(Problem(location, error.message))
            return lambda _row: None
        if values and isinstance(values[0], list):
            joined = [item for value in values for item in value]
            return lambda _row: joined
        if len(values) != 1:
            self.problems.append(Problem(location, "this value takes exactly one constant"))
            return lambda _row: None
        return lambda _row: values[0]

    def _literal(self, field: FieldDescriptor, rule: Rule) -> Callable[[str], Any]:
        """Build the parser of constants: codes stand for themselves, whatever the table."""
        plain = rule.model_copy(update={"table": None, "match": None, "unmatched": None})
        return self._parser(plain, field, ())

    def _parser(
        self, rule: Rule, field: FieldDescriptor, location: Location
    ) -> Callable[[str], Any]:
        try:
            match target_of(field):
                case Target.AMOUNT:
                    return self._amounts(rule, location)
                case Target.DATE:
                    read = compile_dates(rule.formats or (), rule.partial)
                    return lambda text: _date_message(read(text))
                case Target.INSTANT:
                    read_instant = compile_instants(rule.formats or ())
                    return lambda text: _timestamp(read_instant(text))
                case Target.INTEGER:
                    return _integer
                case Target.DECIMAL:
                    return _decimal
                case _:
                    return self._coded(rule, field, location)
        except ValueError as error:
            self.problems.append(Problem((*location, "formats"), str(error)))
            return lambda _text: None

    def _amounts(self, rule: Rule, location: Location) -> Callable[[str], Any]:
        if rule.unit is None:
            self.problems.append(
                Problem(location, "say the unit of the amount: fen, yuan, wan_yuan or yi_yuan")
            )
            return lambda _text: None
        read = compile_amounts(rule.unit)
        return lambda text: _money(read(text))

    def _coded(
        self, rule: Rule, field: FieldDescriptor, location: Location
    ) -> Callable[[str], Any]:
        table = self._table(rule, location)
        target = target_of(field)
        if target is Target.TEXT and table is None:
            return str
        lookup = compile_lookup(rule, table)
        known: dict[str, Any] = {}
        if target is Target.FLAG:
            known = dict(_FLAGS)
        elif target is not Target.TEXT:
            known = dict(code_numbers(_enumeration(field)))
        self._check_codes(rule, table, known, location)
        return _several(lookup, known) if target is Target.CODES else _single(lookup, known)

    def _table(self, rule: Rule, location: Location) -> dict[str, list[str]] | None:
        # A constant or a default is a code already.
        if rule.table is None or rule.constant is not None:
            return None
        if rule.table not in self._tables:
            self.problems.append(
                Problem(
                    (*location, "table"),
                    f"there is no table {rule.table!r}; add it under tables",
                )
            )
            return None
        return self._tables[rule.table]

    def _check_codes(
        self,
        rule: Rule,
        table: dict[str, list[str]] | None,
        known: dict[str, Any],
        location: Location,
    ) -> None:
        if not known or table is None:
            return
        given: list[tuple[Location, str]] = [
            (("tables", rule.table or "", word), code) for word in table for code in table[word]
        ]
        if rule.unmatched is not None:
            given.append(((*location, "unmatched"), rule.unmatched))
        for where, code in given:
            if code not in known:
                self.problems.append(
                    Problem(where, f"{code!r} is no code here; write one of {', '.join(known)}")
                )


# Private functions -----------------------------------------------------------


def _enumeration(field: FieldDescriptor) -> EnumDescriptor:
    assert field.enum_type is not None, "codes are values of an enumeration"
    return field.enum_type


def _single(lookup: Lookup, known: dict[str, Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:  # noqa: ANN401 -- a number, a flag or a text.
        codes = lookup(text)
        if len(codes) != 1:
            raise CellError(
                "CODE_AMBIGUOUS", f"{shown(text)} means {', '.join(codes)}; only one is possible"
            )
        return _number(codes[0], known)

    return parse


def _several(lookup: Lookup, known: dict[str, Any]) -> Callable[[str], Any]:
    return lambda text: [_number(code, known) for code in lookup(text)]


def _number(code: str, known: dict[str, Any]) -> Any:  # noqa: ANN401 -- a number, a flag or a text.
    if not known:
        return code
    if code not in known:
        raise CellError(
            "CODE_UNKNOWN", f"{shown(code)} is no code here; write one of {', '.join(known)}"
        )
    return known[code]


def _integer(text: str) -> int:
    plain = narrow(text).replace(",", "")
    digits = plain.removeprefix("-").removeprefix("+")
    # A spreadsheet may write a whole number with a point.
    whole, _, fraction = digits.partition(".")
    if not (whole.isascii() and whole.isdigit()) or fraction.strip("0"):
        raise CellError("NUMBER_UNREADABLE", f"{shown(text)} is no whole number")
    if len(whole) > _INTEGER_DIGITS_MAX:
        raise CellError("NUMBER_UNREADABLE", f"{shown(text)} has too many digits")
    return -int(whole) if plain.startswith("-") else int(whole)


def _decimal(text: str) -> decimal_pb2.Decimal:
    try:
        number = Decimal(narrow(text).replace(",", ""))
    except InvalidOperation as error:
        raise CellError("NUMBER_UNREADABLE", f"{shown(text)} is no number") from error
    if not number.is_finite():
        raise CellError("NUMBER_UNREADABLE", f"{shown(text)} is no number")
    return decimal_pb2.Decimal(value=format(number, "f"))


def _date_message(day: date) -> date_pb2.Date:
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def _timestamp(instant: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def _money(amount_fen: int) -> money_pb2.Money:
    # Units and nanos carry the same sign, as google.type.Money asks.
    sign = -1 if amount_fen < 0 else 1
    units, rest_fen = divmod(abs(amount_fen), _FEN_PER_YUAN)
    return money_pb2.Money(
        currency_code=_CURRENCY, units=sign * units, nanos=sign * rest_fen * _NANOS_PER_FEN
    )
