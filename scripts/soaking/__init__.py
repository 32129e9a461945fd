"""The parts of scripts/soak: thousands of writes under faults, the same for Intercom's own SDK, and the pacing experiment."""
