"""The workspace that a command uses: the user's own, one at another address, or a sandbox for this one command."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Annotated

from attrs import frozen
from cyclopts import Group, Parameter

from aiointercom import Intercom, Region
from aiointercom.events import Event

from .exits import UsageError
from .talk import token

ACCOUNT = Group("Workspace", help="The token comes from INTERCOM_ACCESS_TOKEN, or is asked for.", sort_key=2)


@Parameter(name="*", group=ACCOUNT)
@frozen(kw_only=True)
class Account:
    """Which workspace."""

    region: str | None = None
    """US, EU or AU. Default: INTERCOM_REGION, else US."""

    base_url: str | None = None
    """Another address, of a sandbox or a proxy. Default: INTERCOM_BASE_URL, else the region's."""

    sandbox: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Try it without an account, on invented conversations that are made anew by each command."""

    insecure_http: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Allow plain http to another machine: the token goes over the network in clear. For a sandbox in a container."""

    def client(self, on_event: Callable[[Event], object] | None = None, *, stand_in: str | None = None) -> Intercom:
        """Make a client, for use with `async with`. Its token is found, or asked for, before anything is sent.

        Args:
            on_event: As for `Intercom`.
            stand_in: In place of a token, for a client that will send nothing. None: the token is found.

        Raises:
            UsageError: There is no token, or --sandbox stands beside another workspace.
            ConfigurationError: The token, the region or the address cannot be used.
        """
        if not self.sandbox:
            return Intercom(
                token() if stand_in is None else stand_in,
                region=self.region,
                base_url=self.base_url,
                on_event=on_event,
                insecure_http=self.insecure_http,
            )
        if self.region is not None or self.base_url is not None or self.insecure_http:
            raise UsageError("--sandbox is a workspace of its own: leave out --region, --base-url and --insecure-http")
        from .samples import filled

        return filled().client(region="US", on_event=on_event)

    def typed(self) -> str:
        """Return the options as they were given, for a command that is to be typed next."""
        given = [] if not self.sandbox else ["--sandbox"]
        given += [] if self.region is None else ["--region", self.region]
        given += [] if self.base_url is None else ["--base-url", self.base_url]
        given += [] if not self.insecure_http else ["--insecure-http"]
        return shlex.join(given)


OWN = Account()


@frozen
class WorkspaceInfo:
    """What a person is told of a workspace: no name, only what its address in the browser shows."""

    id_code: str
    region: str
    admin_id: str

    def __str__(self) -> str:
        return f"workspace {self.id_code} ({self.region})"


async def workspace_of(intercom: Intercom) -> WorkspaceInfo:
    """Read which workspace the client works on."""
    me = await intercom.me()
    return WorkspaceInfo(str(me.app.id_code) if me.app else "?", Region.of(me.raw).name, str(me.id))
