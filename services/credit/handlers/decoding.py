"""Messages as values, every wrong field named at once.

A `MessageDecoder` is put together from a message's descriptor and a dataclass whose attributes have
the names of its fields, so that many kinds of records need one decoder and not many. What is
wrong in itself and what breaks a rule of the domain is collected alike, by path.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.common.errors import FieldViolation, InvalidInputError
from services.common.meaningful_text import meaningful
from services.credit.domain.identifiers import RECORD
from services.credit.domain.rules import Moment, Rule, spoken_name, violations_of
from services.credit.handlers.wire_values import (
    WireError,
    code_reader,
    codes_reader,
    identifier_reader,
    read_day,
    read_fen,
    read_hundredths,
    read_instant,
    read_text,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Reader = Callable[[Any], Any]
Value = TypeVar("Value")
Record = TypeVar("Record", bound="DataclassInstance")

_NOTHING: Final = frozenset[str]()
_MESSAGE_READERS: Final[Mapping[str, Reader]] = {
    "google.type.Date": read_day,
    "google.type.Money": read_fen,
    "google.type.Decimal": read_hundredths,
    "google.protobuf.Timestamp": read_instant,
}


@dataclass(slots=True)
class Decoded(Generic[Value]):
    """A message as a value.

    Attributes:
        value: The value; attributes that are faulty hold something of their type.
        faulty: Attributes that are wrong or missing.
        violations: What is wrong with them, by name of the field.
    """

    value: Value
    faulty: frozenset[str]
    violations: list[FieldViolation]

    def judged(
        self, rules: Iterable[Rule[Value]], moment: Moment, *, faulty: frozenset[str] = frozenset()
    ) -> list[FieldViolation]:
        """Add the rules that the value breaks.

        Args:
            rules: Rules of the domain.
            moment: When the request is judged.
            faulty: Names besides its own that rules must not read.
        """
        broken = violations_of(self.value, rules, moment, faulty=self.faulty | faulty)
        return self.violations + broken if broken else self.violations


class MessageDecoder(Generic[Record]):
    """Decodes the messages of one type as values of one dataclass.

    Fields without an attribute are left to the caller. An attribute without a default is a field
    that is required.
    """

    def __init__(
        self,
        value: type[Record],
        message: type[Message],
        *,
        readers: Mapping[str, Reader] | None = None,
        defaults: Mapping[str, object] | None = None,
    ) -> None:
        """Put the decoder together.

        Args:
            value: The dataclass.
            message: The message.
            readers: Readers by field, where the type of the field does not tell.
            defaults: Defaults by attribute, where the dataclass has none.
        """
        hints = get_type_hints(value)
        attributes = {spoken_name(one.name): one.name for one in fields(value)}
        given = readers or {}
        self._value = value
        self._defaults = dict(defaults or {})
        # Descriptors are the same objects in every message, and quickly compared.
        self._steps: dict[object, tuple[str, Reader | None]] = {
            one: (
                attributes[one.name],
                given.get(one.name) or _reader(one, hints[attributes[one.name]]),
            )
            for one in message.DESCRIPTOR.fields
            if one.name in attributes
        }
        self._placeholders = {
            one.name: _placeholder(hints[one.name])
            for one in fields(value)
            if one.default is MISSING and one.name not in self._defaults
        }
        self._required = self._placeholders.keys()
        self._names = {attribute: name for name, attribute in attributes.items()}

    def decode(self, message: Message) -> Decoded[Record]:
        """Decode a message."""
        values: dict[str, Any] = dict(self._defaults)
        violations: list[FieldViolation] = []
        steps = self._steps
        for one, held in message.ListFields():
            step = steps.get(one)
            if step is None:
                continue
            attribute, read = step
            try:
                values[attribute] = held if read is None else read(held)
            except WireError as error:
                violations.append(
                    FieldViolation(one.name + error.within, error.reason, error.message)
                )
                values[attribute] = None
        if violations or not self._required <= values.keys():
            return self._incomplete(values, violations)
        return Decoded(self._value(**values), _NOTHING, violations)

    def _incomplete(
        self, values: dict[str, Any], violations: list[FieldViolation]
    ) -> Decoded[Record]:
        """Fill gaps with placeholders, which no rule will read."""
        # Nothing reads as none: an attribute that failed, whatever its own default.
        faulty = {name for name, held in values.items() if held is None}
        for name in faulty - self._placeholders.keys():
            del values[name]
        values = self._defaults | values
        for name, placeholder in self._placeholders.items():
            if values.get(name) is not None:
                continue
            values[name] = placeholder
            # The rules of the domain say what an empty text or set lacks.
            if name not in faulty and not isinstance(placeholder, str | frozenset):
                violations.append(FieldViolation(self._names[name], "REQUIRED", "give it"))
                faulty.add(name)
        return Decoded(self._value(**values), frozenset(faulty), violations)


class RequestReader:
    """Reads single fields of a request and collects what is wrong.

    Attributes:
        violations: What is wrong so far.
    """

    def __init__(self, request: Message) -> None:
        """Begin with nothing wrong."""
        self._request = request
        self._fields = request.DESCRIPTOR.fields_by_name
        self.violations: list[FieldViolation] = []

    def optional(self, name: str, read: Callable[[Any], Value]) -> Value | None:
        """Read a field, or give nothing if it is not set or wrong."""
        if not self._given(name):
            return None
        try:
            return read(getattr(self._request, name))
        except WireError as error:
            self.refuse(name + error.within, error.reason, error.message)
            return None

    def required(self, name: str, read: Callable[[Any], Value], placeholder: Value) -> Value:
        """Read a field that must be set.

        Returns:
            The value, or the placeholder if it is missing or wrong; `finish` refuses then.
        """
        if not self._given(name):
            self.refuse(name, "REQUIRED", "give it")
            return placeholder
        value = self.optional(name, read)
        return placeholder if value is None else value

    def text(self, name: str, characters_max: int) -> str:
        """Read a text up to a length."""
        text = self.optional(name, read_text) or ""
        if len(text) > characters_max:
            self.refuse(name, "TEXT_TOO_LONG", f"give at most {characters_max} characters")
        return text

    def optional_text(self, name: str, characters_max: int) -> str:
        """Read a text that may be left out, but that says something if it is there."""
        return self.required_text(name, characters_max) if self._given(name) else ""

    def required_text(self, name: str, characters_max: int) -> str:
        """Read a text that says something, up to a length; blanks around it are left out."""
        said = meaningful(self.text(name, characters_max))
        if not said and self.intact(name):
            self.refuse(name, "REQUIRED", f"give 1 to {characters_max} characters")
        return said

    def intact(self, path: str) -> bool:
        """Say whether nothing is wrong with a field so far."""
        return all(one.field != path for one in self.violations)

    def refuse(self, path: str, reason: str, message: str) -> None:
        """Note that something is wrong."""
        self.violations.append(FieldViolation(path, reason, message))

    def add(self, violations: Iterable[FieldViolation]) -> None:
        """Note what is wrong, by path."""
        self.violations += violations

    def refuse_all(self, path: str, violations: Sequence[FieldViolation]) -> None:
        """Note what is wrong within a field."""
        self.violations += within(path, violations)

    def finish(self) -> None:
        """Refuse the request if anything is wrong.

        Raises:
            InvalidInputError: Names every wrong field.
        """
        if self.violations:
            raise InvalidInputError(self.violations)

    def _given(self, name: str) -> bool:
        if self._fields[name].has_presence:
            return self._request.HasField(name)
        return bool(getattr(self._request, name))


def within(path: str, violations: Sequence[FieldViolation]) -> list[FieldViolation]:
    """Put violations below a path."""
    if not violations:
        return []
    return [FieldViolation(f"{path}.{one.field}", one.reason, one.message) for one in violations]


# Private functions -----------------------------------------------------------


def _reader(field: Any, hint: Any) -> Reader | None:  # noqa: ANN401 -- descriptors come in two classes, and a type hint is any object.
    """Find out how a field is read from its type and that of its attribute."""
    if field.message_type is not None:
        return _MESSAGE_READERS[field.message_type.full_name]
    code = _code_type(hint)
    if code is not None:
        return codes_reader(code) if get_origin(hint) is frozenset else code_reader(code)
    if field.name.endswith("_record_id"):
        return identifier_reader(RECORD)
    if field.type == FieldDescriptor.TYPE_STRING:
        return read_text
    return None


def _code_type(hint: Any) -> type[IntEnum] | None:  # noqa: ANN401 -- as above.
    candidates = (hint, *get_args(hint))
    return next(
        (one for one in candidates if isinstance(one, type) and issubclass(one, IntEnum)), None
    )


def _placeholder(hint: Any) -> object:  # noqa: ANN401 -- as above.
    """Give any value of a type."""
    if get_origin(hint) is frozenset:
        return frozenset()
    if hint is date:
        return date.min
    if hint is datetime:
        return datetime.min.replace(tzinfo=UTC)
    if issubclass(hint, IntEnum):
        return next(iter(hint))
    return hint()
