# Do not edit. Written by `scripts/regenerate` from openapi/; change the fragment or the templates there.
"""One module per group of operations."""
