# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""The only door from this package to the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Sender(Protocol):
    """What every function in `api` asks for: something that carries one call to Intercom and brings back its answer."""

    async def send(
        self,
        method: str,
        path: str,
        *,
        values: Mapping[str, str | int] | None = None,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Mapping[str, Any]:
        """Send one request and return the JSON object of a successful answer.

        Args:
            method: "GET" or "POST".
            path: The path template, e.g. "/conversations/{conversation_id}/convert".
            values: What stands in the braces of the template; the sender quotes it. None: the template has no braces.
            query: Query parameters. Those that are None are not sent. None: no query.
            json: The body as plain JSON data. None: no body.

        Returns:
            The received JSON object, which the models keep as `raw`.

        Raises:
            Exception: Whatever the sender raises for an answer that is no success or no JSON object; it passes through.
        """
        ...
