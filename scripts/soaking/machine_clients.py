"""The clients of the soak's workers.

A short horizon, and little patience, so that every kind of doubt comes up and passes.
"""

from __future__ import annotations

import os

from aiointercom import Intercom, Pace

HORIZON = "AIOINTERCOM_SOAK_HORIZON"
shared: list[Intercom] = []


def client_for(workspace: str) -> Intercom:
    """Return the client of a workspace; they share their connections."""
    token = f"token-of-{workspace}"
    if not shared:
        shared.append(
            Intercom(
                token, base_url=os.environ["INTERCOM_BASE_URL"], horizon=float(os.environ[HORIZON]), settle_for=0.5,
                max_retries=1, timeout=5.0, pace=Pace(max_wait=2.0),
            )
        )  # fmt: skip
    return shared[0].with_options(token=token)
