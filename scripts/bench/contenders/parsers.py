"""How each contender reads a conversation from bytes. Imports happen inside: no environment has all of them."""

from __future__ import annotations

import json
from collections.abc import Callable

Parse = Callable[[bytes], object]


def bare() -> Parse:
    """Plain data, from the standard library."""
    return json.loads


def ours() -> Parse:
    """What this project does with the bytes of an answer: errors told apart, JSON, typed models.

    A faster decoder is used where it is found.
    """
    from aiointercom._protocol.response import decode
    from intercom_raw.models import Conversation

    return lambda data: Conversation.from_dict(decode(200, {}, data))


def struct() -> Parse:
    """Straight into Structs with msgspec: what can be had if every answer is taken at its word."""
    import msgspec
    from structs import struct_of

    from intercom_raw.models import Conversation

    return msgspec.json.Decoder(struct_of(Conversation)).decode


def struct_orjson() -> Parse:
    """orjson, and then msgspec's conversion of plain data into Structs."""
    import msgspec
    import orjson
    from structs import struct_of

    from intercom_raw.models import Conversation

    shape = struct_of(Conversation)
    return lambda data: msgspec.convert(orjson.loads(data), shape)


def official() -> Parse:
    """What the methods of python-intercom do with an answer."""
    from intercom.conversations.types.conversation import Conversation
    from intercom.core.unchecked_base_model import construct_type

    return lambda data: construct_type(type_=Conversation, object_=json.loads(data))


PARSERS: dict[str, Callable[[], Parse]] = {
    "bare": bare,
    "core": ours,
    "speed": ours,
    "struct": struct,
    "struct_orjson": struct_orjson,
    "official": official,
}
