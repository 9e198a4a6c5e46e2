"""What the generator writes down: enterprises, and the records of each, not yet numbered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from cli.sample.industries import Industry
from cli.sample.places import WORK_SAFETY, District, authority, document_mark
from safetycredit.credit.v1.enterprise_pb2 import EnterpriseProfile
from safetycredit.credit.v1.record_pb2 import RecordBody, RecordHeader
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import SubjectRef

DOCUMENT_WORDS: Final = {
    "inspection": "现检",
    "violation": "责改",
    "penalty": "罚",
    "rectification": "复查",
    "hazard": "隐患",
    "accident": "事故",
    "honour": "信",
    "report": "举",
    "insurance_policy": "保单",
    "endorsement": "批单",
    "claim": "赔案",
    "insurance_payment": "收付",
    "prevention_plan": "防计",
    "prevention_service": "防服",
}
"""Word of each kind of record in its document number."""

KIND_ORDER: Final = (
    frozenset({"report", "accident", "hazard", "honour"}),
    frozenset({"inspection"}),
    frozenset({"violation"}),
    frozenset({"penalty", "rectification", "insurance_policy"}),
    frozenset({"endorsement", "claim", "prevention_plan"}),
    frozenset({"insurance_payment", "prevention_service"}),
)
"""Kinds in an order in which each refers to earlier ones only."""


@dataclass(frozen=True, slots=True)
class SampleEnterprise:
    """An invented enterprise.

    Attributes:
        credit_code: Its unified social credit code.
        district: Where it is supervised.
        industry: What it does.
        profile: As it is registered.
        founding_date: Day of its founding, the first of its first period.
    """

    credit_code: str
    district: District
    industry: Industry
    profile: EnterpriseProfile
    founding_date: date


@dataclass(frozen=True, slots=True)
class Insurer:
    """Who issues insurance records.

    Attributes:
        name: As its documents name it.
        credit_code: Its unified social credit code.
        mark: What its document numbers begin with.
    """

    name: str
    credit_code: str
    mark: str


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """An invented record.

    Attributes:
        key: Names it within the sample.
        enterprise: Whose it is.
        kind: Name of its kind.
        header: With everything but the document number.
        body: With everything but the identifiers of other records.
        refers: Fields of the body's message that take the identifier of another
            record, and that record's key.
        word: What its document number begins with.
        event_date: The day in the header.
    """

    key: str
    enterprise: SampleEnterprise
    kind: str
    header: RecordHeader
    body: RecordBody
    refers: Mapping[str, str]
    word: str
    event_date: date


@dataclass(slots=True)
class Ledger:
    """Records of one enterprise, as they come about.

    Attributes:
        enterprise: Whose they are.
        until: Last day of the sample; what would happen later is left out.
        records: In the order in which they were added.
    """

    enterprise: SampleEnterprise
    until: date
    records: list[SampleRecord] = field(default_factory=list)

    def add(
        self,
        body: RecordBody,
        day: date,
        *,
        of: Field,
        published: date | None = None,
        refers: Mapping[str, str] | None = None,
    ) -> str:
        """Write a record down unless its day is still to come.

        Args:
            body: What it says of its kind.
            day: When the fact happened.
            of: The field that it belongs to.
            published: When it was made public.
            refers: Fields of the body that name other records, by their keys.

        Returns:
            The key of the record; empty if it was left out.
        """
        header = RecordHeader(
            field=of,
            authority=authority(self.enterprise.district, of),
            event_date=proto_date(day),
            publish_date=proto_date(published) if published and published <= self.until else None,
        )
        mark = document_mark(self.enterprise.district, of)
        return self._append(header, body, day, mark=mark, refers=refers or {})

    def add_insurance(
        self, body: RecordBody, day: date, *, insurer: Insurer, refers: Mapping[str, str]
    ) -> str:
        """Write an insurance record down unless its day is still to come.

        Args:
            body: What it says of its kind.
            day: When the fact happened.
            insurer: Who issued it.
            refers: Fields of the body that name other records, by their keys.

        Returns:
            The key of the record; empty if it was left out.
        """
        header = RecordHeader(
            field=WORK_SAFETY,
            authority=insurer.name,
            authority_code=insurer.credit_code,
            event_date=proto_date(day),
        )
        return self._append(header, body, day, mark=insurer.mark, refers=refers)

    def _append(
        self,
        header: RecordHeader,
        body: RecordBody,
        day: date,
        *,
        mark: str,
        refers: Mapping[str, str],
    ) -> str:
        if day > self.until or (refers and not all(refers.values())):
            return ""
        kind = body.WhichOneof("kind")
        assert kind is not None, "a body says its kind"
        owner = self.enterprise
        header.subject.CopyFrom(SubjectRef(credit_code=owner.credit_code))
        header.division = owner.district.division
        # A key is the same however large the population is.
        key = f"{owner.credit_code}/{len(self.records) + 1}"
        word = mark + DOCUMENT_WORDS[kind]
        self.records.append(SampleRecord(key, owner, kind, header, body, refers, word, day))
        return key

    def past(self, day: date) -> Date | None:
        """Give a day unless it is still to come."""
        return proto_date(day) if day <= self.until else None


def proto_date(day: date) -> Date:
    """Write a day as a message."""
    return Date(year=day.year, month=day.month, day=day.day)


def yuan(amount_yuan: int) -> Money:
    """Write a whole number of yuan as a message."""
    return Money(currency_code="CNY", units=amount_yuan)
