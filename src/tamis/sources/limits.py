"""How much Tamis reads of a file: past these, a row or the whole file is refused, and the refusal says the limit."""

MAX_COLUMNS = 2_000
MAX_CELL = 32_767  # characters: what a cell of Excel holds

# Of delimited text.
MAX_LINE = 1_000_000  # characters
MAX_RECORD = 1_000_000  # characters
MAX_RECORD_LINES = 100

# Of a workbook, which is read whole before its first row comes.
MAX_UNPACKED = 500_000_000  # bytes
MAX_PARTS = 10_000  # files inside
MAX_MEMORY = 2_000_000_000  # bytes
MAX_SECONDS = 300  # of processor time
