# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""A closed list of values that a request may carry."""

from typing import Literal, TypeAlias

SearchOperator: TypeAlias = Literal["!=", "!~", "$", "<", "<=", "=", ">", ">=", "^", "IN", "NIN", "~"]
