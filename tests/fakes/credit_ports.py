"""Small stand-ins for what the credit service needs besides its store."""

from datetime import date
from hashlib import sha256

from services.credit.commands.ports import SealedNumber
from services.credit.domain.codes import AccidentLevel
from services.credit.domain.errors import AccidentLevelUndefinedError

_IN_FORCE = date(2007, 6, 1)
_FEN_OF_10_MILLION_YUAN = 1_000_000_000


class StatuteLevels:
    """Levels by 国务院令第493号 art. 3, written out by hand; an `AccidentLevelLaw`."""

    def at(self, revision: int) -> "StatuteLevels":
        """Give the same levels at every revision."""
        assert revision > 0
        return self

    def level(
        self, deaths: int, serious_injuries: int, *, direct_loss_fen: int, event_date: date
    ) -> AccidentLevel:
        """Give the highest level whose number of any kind is reached."""
        if event_date < _IN_FORCE:
            raise AccidentLevelUndefinedError("not in force yet", event_date=event_date)
        loss = direct_loss_fen
        if deaths >= 30 or serious_injuries >= 100 or loss >= 10 * _FEN_OF_10_MILLION_YUAN:
            return AccidentLevel.EXTRA_MAJOR
        if deaths >= 10 or serious_injuries >= 50 or loss >= 5 * _FEN_OF_10_MILLION_YUAN:
            return AccidentLevel.MAJOR
        if deaths >= 3 or serious_injuries >= 10 or loss >= _FEN_OF_10_MILLION_YUAN:
            return AccidentLevel.LARGER
        return AccidentLevel.GENERAL


class FewCodes:
    """Three violation codes; a `Codes`."""

    _CODES = ("other", "unlicensed_operation", "training")

    def violation_number(self, code: str) -> int | None:
        """Give the number of a violation code."""
        return self._CODES.index(code) if code in self._CODES else None

    def violation_code(self, number: int) -> str:
        """Give the violation code of a number."""
        return self._CODES[number]


class OpenVault:
    """Keeps identity numbers backwards; an `IdentityVault`."""

    def seal(self, identity_number: str) -> SealedNumber:
        """Turn a number round."""
        return SealedNumber(
            identity_number[::-1].encode(), sha256(identity_number.encode()).hexdigest()
        )

    def open(self, cipher: bytes) -> str:
        """Turn it back."""
        return cipher.decode()[::-1]

    def digest(self, body: bytes) -> bytes:
        """Digest a request."""
        return sha256(body).digest()
