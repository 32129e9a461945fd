"""The options that name detectors."""

from __future__ import annotations

from typing import Annotated, Literal

from attrs import frozen
from cyclopts import Group, Parameter

from aiointercom.detect import CardNumbers, Detector, EmailAddresses, Ibans, Pattern, PhoneNumbers, checked_detectors

from .exits import UsageError, arguments

LOOKING = Group("What to look for", sort_key=0)

Known = Literal["card_number", "iban", "email", "phone"]


@Parameter(name="*", group=LOOKING)
@frozen(kw_only=True)
class Looking:
    """Selects messages by what detectors find in them."""

    find: Annotated[list[Known] | None, Parameter(negative="")] = None
    """Messages that hold such data. May be given several times."""

    pattern: Annotated[list[str] | None, Parameter(negative="")] = None
    """NAME=REGEX: messages in whose visible text a regular expression matches. May be given several times."""

    phone_region: str | None = None
    """The country of phone numbers without a country code, e.g. DE. Default: only numbers that begin with + count."""

    def detectors(self) -> tuple[Detector, ...]:
        """Make the detectors; an empty list if no option was given.

        Raises:
            UsageError: A pattern cannot be used, a name comes twice, or there is no such country.
        """
        with arguments():
            known = [self._known(name) for name in self.find or ()]
            return checked_detectors([*known, *map(_pattern, self.pattern or ())])

    def _known(self, name: Known) -> Detector:
        match name:
            case "card_number":
                return CardNumbers()
            case "iban":
                return Ibans()
            case "email":
                return EmailAddresses()
            case "phone":
                return PhoneNumbers(self.phone_region)


LOOKING_FOR_NOTHING = Looking()


def _pattern(given: str) -> Pattern:
    name, equals, regex = given.partition("=")
    if not equals:
        raise UsageError("--pattern takes NAME=REGEX")
    return Pattern(name, regex)
