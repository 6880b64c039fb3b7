"""Rules as queries: what engines are asked, in DuckDB's dialect, every value a parameter."""
