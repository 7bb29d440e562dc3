"""The comparison with rivals behind benchmarks/run; needs nothing but Python itself."""
