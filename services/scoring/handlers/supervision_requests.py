"""Rules of the requests of SupervisionService."""

from typing import Annotated, Final

from pydantic import PlainValidator

from services.scoring.commands.answers import PolicyChoice
from services.scoring.domain.viewpoint import EnterpriseFilter
from services.scoring.handlers.requests import (
    Enterprise,
    FieldNumber,
    Industry,
    Name,
    PointRules,
    PolicyRules,
)
from services.scoring.handlers.wire_values import read_division, wrong

_SEED_CHARACTERS_MAX: Final = 100


def _read_required_division(text: str) -> str:
    if not text:
        raise wrong("REQUIRED", "say in which division")
    return read_division(text)


def _read_seed(text: str) -> str:
    if not text:
        raise wrong("REQUIRED", "give a seed, best a public number that nobody could foresee")
    if len(text) > _SEED_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_SEED_CHARACTERS_MAX} characters")
    return text


class ApplyPolicyRules(PolicyRules):
    """Rules of GetSupervisionRequest and GetRiskColourRequest."""

    subject: Enterprise
    field: FieldNumber = 0

    def choice(self) -> PolicyChoice:
        """Say which policy is to apply."""
        return PolicyChoice(policy_id=self.policy_id, version=self.policy_version, field=self.field)


class _PlaceRules(PointRules):
    division: Annotated[str, PlainValidator(_read_required_division)]
    industry: Industry = ""
    field: FieldNumber = 0
    policy_id: Name = ""

    def filter(self) -> EnterpriseFilter:
        """Give the filters on enterprises."""
        return EnterpriseFilter(division=self.division, industry=self.industry, field=self.field)

    def choice(self) -> PolicyChoice:
        """Say which policy is to apply."""
        return PolicyChoice(policy_id=self.policy_id, field=self.field)


class GetRiskDistributionRules(_PlaceRules):
    """Rules of GetRiskDistributionRequest."""


class DrawInspectionsRules(_PlaceRules):
    """Rules of DrawInspectionsRequest."""

    seed: Annotated[str, PlainValidator(_read_seed)]
