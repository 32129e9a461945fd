"""PgQueuer's classes that signatures name, imported when they are first asked for: the extra may not be installed.

It also takes half a second to import. `typing.get_type_hints` asks for them by itself.
"""

from typing import TYPE_CHECKING

from aiointercom._values.lazy_names import lazy_names as _lazy_names
from aiointercom.errors import ConfigurationError

if TYPE_CHECKING:
    from pgqueuer import PgQueuer as PgQueuer  # noqa: PLC0414  # for the signatures of other modules
    from pgqueuer.queries import Queries as Queries  # noqa: PLC0414  # likewise

NEEDED = 'this needs: pip install "aiointercom[pgqueuer]"'

if not TYPE_CHECKING:  # type checkers know the names from above
    _get = _lazy_names(__name__, __package__, {"PgQueuer": "pgqueuer", "Queries": "pgqueuer.queries"})

    def __getattr__(name: str) -> object:
        try:
            return _get(name)
        except ImportError:
            raise ConfigurationError(NEEDED) from None
