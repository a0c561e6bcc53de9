"""The upkeep of a memory: what stands in it twice, contradicts itself, is old, or waits."""
