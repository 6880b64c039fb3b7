"""A French company base that never existed, drawn from a seed: what the demo imports and the benchmarks measure."""
