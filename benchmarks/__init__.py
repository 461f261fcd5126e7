"""How fast conseil is beside other rule engines: `make benchmark`, or `python -m benchmarks --help`."""
