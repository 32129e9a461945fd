"""Encodes and decodes the lines of a plan file, one JSON object each. Errors never quote the content of a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn, cast

from attrs import fields

from aiointercom._values.hidden import Hidden
from aiointercom.cleanup.errors import PlanError
from aiointercom.cleanup.items import Convert, Item, RedactPart, RedactSource
from aiointercom.types import JSONObject

from .records import ConvertTo, PlanHeader, PlanSummary, Unread

VERSION = 1
LONGEST_LINE = 1 << 20  # bytes; an item has some 100, and a header carries the constants of a conversion
Entry = PlanHeader | Item | Unread | PlanSummary

KNOWN = {
    "plan": {"version", *(one.name for one in fields(PlanHeader))},
    "redact_part": {"conversation_id", "part_id", "found", "only_stored"},
    "redact_source": {"conversation_id", "source_id", "found", "only_stored"},
    "convert": {"conversation_id"},
    "unread": {"conversation_id", "reason"},
    "end": {one.name for one in fields(PlanSummary)},
}


def _not_json(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which the json module accepts although they are not JSON


_decode = json.JSONDecoder(parse_constant=_not_json).decode  # json.loads would make a decoder for each line


def encode_entry(entry: Entry) -> str:
    """Encode one record as a line of ASCII, since a terminal or a pipe may have any encoding.

    Raises:
        ValueError: The line is too long for a plan.
    """
    line = json.dumps(_plain(entry), separators=(",", ":"), allow_nan=False) + "\n"
    if len(line) > LONGEST_LINE:
        raise ValueError(f"a line of a plan must not be longer than {LONGEST_LINE} bytes")
    return line


def _plain(entry: Entry) -> JSONObject:
    match entry:
        case RedactPart(conversation_id, part_id):
            return {"type": "redact_part", "conversation_id": conversation_id, "part_id": part_id, **_named(entry)}
        case RedactSource(conversation_id, source_id):
            return {
                "type": "redact_source",
                "conversation_id": conversation_id,
                "source_id": source_id,
                **_named(entry),
            }
        case Convert():
            return {"type": "convert", "conversation_id": entry.conversation_id}
        case Unread(conversation_id, reason):
            return {"type": "unread", "conversation_id": conversation_id, "reason": reason}
        case PlanSummary():
            return {"type": "end", **entry.as_dict()}
        case PlanHeader():
            convert = None if entry.convert is None else _constants(entry.convert)
            told = {one.name: getattr(entry, one.name) for one in fields(PlanHeader)}
            return {"type": "plan", "version": VERSION, **told, "convert": convert}


def _named(item: RedactPart | RedactSource) -> JSONObject:
    only_stored = {"only_stored": item.only_stored} if item.only_stored else {}
    return {"found": item.found, **only_stored}


def _constants(convert: ConvertTo) -> JSONObject:
    told = {one.name: getattr(convert, one.name) for one in fields(ConvertTo)}
    return told | {"attributes": dict(convert.attributes)}


class PlanLine:
    """One line of a plan file: a JSON object of a known type with exactly the fields of that type.

    Args:
        name: The name of the file, for errors.
        number: The number of the line, from 1.
        content: The bytes of the line.

    Raises:
        PlanError: It is not such a line.
    """

    def __init__(self, name: str, number: int, content: Hidden[bytes]) -> None:
        self._where, self._number = f"{name}, line {number}", number
        data = _object_in(content.reveal())
        if data is None:
            raise self.refused("it is not a JSON object in UTF-8")
        self._data = data.reveal()
        self._type = self._data.pop("type", None)
        if not isinstance(self._type, str) or self._type not in KNOWN:
            raise self.refused("its type is not one of " + ", ".join(KNOWN))

    def refused(self, problem: str) -> PlanError:
        """Return the error for a problem with this line."""
        return PlanError(f"{self._where}: {problem}", line=self._number)

    def header(self) -> PlanHeader:
        """Decode it as the header.

        Raises:
            PlanError: It is not a header, or it has a version that this code does not know.
        """
        if self._type != "plan":
            raise self.refused("a plan begins with its header")
        version = self._data.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise self.refused("the header names no version")
        if version > VERSION:
            raise self.refused(
                f"a plan of version {version}, made by a newer aiointercom; this one reads version {VERSION}"
            )
        self._only_known()
        told = [self._get(name, _is_text) for name in ("made_at", "region", "aiointercom")]
        workspace = self._get("workspace", _or_none(_is_text))
        detectors = self._get("detectors", _or_none(_is_names))
        return PlanHeader(
            told[0], workspace, told[1], told[2], None if detectors is None else tuple(detectors), self._convert()
        )

    def entry(self, header: PlanHeader) -> Item | Unread | PlanSummary:
        """Decode it as a line after the header.

        Raises:
            PlanError: It is a second header, or a line that this plan cannot contain.
        """
        self._only_known()
        if self._type == "end":
            return self._summary()
        conversation_id = self._get("conversation_id", _is_id) if self._type != "plan" else ""
        try:
            match self._type:
                case "redact_part":
                    return RedactPart(conversation_id, self._get("part_id", _is_id), *self._names(header))
                case "redact_source":
                    return RedactSource(conversation_id, self._get("source_id", _is_id), *self._names(header))
                case "convert" if header.convert is not None:
                    return header.convert.item(conversation_id)
                case "unread":
                    return Unread(str(conversation_id), self._get("reason", _is_text))
                case _:
                    problem = (
                        "the header says nothing of a conversion" if self._type == "convert" else "a second header"
                    )
        except PlanError:
            raise
        except (ValueError, TypeError) as error:
            problem = str(error)
        raise self.refused(problem)

    def _only_known(self) -> None:
        if self._data.keys() - KNOWN[self._type]:
            raise self.refused("it has a field that this version does not know")

    def _get(self, name: str, fits: Callable[[object], bool]) -> Any:
        if name not in self._data:
            raise self.refused(f"{name} is missing")
        if not fits(self._data[name]):
            raise self.refused(f"{name} is not of its kind")
        return self._data[name]

    def _names(self, header: PlanHeader) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = self._get("found", _is_names)
        # Only names that the header lists, so that a plan cannot carry words of a message, even if it was edited.
        if not set(found) <= set(header.detectors or ()):
            raise self.refused("found names a detector that is not in the header")
        self._data.setdefault("only_stored", [])  # left out if it is empty, and by earlier versions
        return tuple(found), tuple(self._get("only_stored", _is_names))

    def _convert(self) -> ConvertTo | None:
        convert = _convert_to(self._get("convert", _or_none(_is_object)))
        if isinstance(convert, str):
            raise self.refused(convert)
        return convert

    def _summary(self) -> PlanSummary:
        for name, default in (("only_stored", 0), ("stopped_by", None)):  # missing in plans of earlier versions
            self._data.setdefault(name, default)
        kinds = {"minutes": _or_none(_is_number), "total": _or_none(_is_count), "stopped_by": _or_none(_is_text)}
        kinds |= dict.fromkeys(("by_kind", "by_detector", "skipped"), _is_counts)
        return PlanSummary(
            **{one.name: self._get(one.name, kinds.get(one.name, _is_count)) for one in fields(PlanSummary)}
        )


def _object_in(content: bytes) -> Hidden[JSONObject] | None:
    """Read a line; None: it is no JSON object. It raises nothing: the line is a local variable here."""
    try:
        data = _decode(content.decode())
    except (ValueError, RecursionError):
        return None
    return Hidden(cast("JSONObject", data)) if isinstance(data, dict) else None


def _convert_to(given: JSONObject | None) -> ConvertTo | str | None:
    """Read the constants of a conversion, or say what is wrong with them.

    It raises nothing: they are local variables here.
    """
    if given is None:
        return None
    if given.keys() != {one.name for one in fields(ConvertTo)}:
        return "convert has not the fields that it should have"
    texts = [given["title"], given["description"]]
    if not all(text is None or isinstance(text, str) for text in texts) or not _is_object(given["attributes"]):
        return "convert is not of its kind"
    try:
        return ConvertTo(given["ticket_type_id"], texts[0], texts[1], given["attributes"], given["resolve"] is True)
    except (ValueError, TypeError) as error:
        return str(error)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in cast("list[object]", value))


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_counts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_count, cast("dict[str, object]", value).values()))


def _or_none(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)
