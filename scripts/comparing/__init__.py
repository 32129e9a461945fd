"""Compares descriptions of Intercom's API, as far as the nine operations carry them; behind scripts/compare and scripts/bump."""
