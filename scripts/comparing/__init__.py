"""Compares descriptions of Intercom's API, as far as the nine operations carry them.

Behind scripts/compare and scripts/bump.
"""
