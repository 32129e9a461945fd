"""The parts of scripts/soak.

Thousands of writes under faults, the same for Intercom's own SDK, and the pacing experiment.
"""
