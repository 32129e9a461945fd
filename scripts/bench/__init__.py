"""What scripts/benchmark runs.

`contenders` are processes of their own, all else starts them and holds the figures together.
"""
