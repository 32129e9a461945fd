"""Intercom's objects, as the raw layer defines them: every attribute may be None, and `raw` holds the object as it was received."""

from intercom_raw.models import *  # noqa: F403  # generated: what it lists is what there is
from intercom_raw.models import __all__  # noqa: F401  # the same list, since it is the same module's
