"""Tables written as text: words between blanks, or phrases between semicolons and line ends."""


def words(table: str) -> tuple[str, ...]:
    """The words of a table."""
    return tuple(table.split())


def phrases(table: str) -> tuple[str, ...]:
    """The phrases of a table."""
    return tuple(phrase.strip() for line in table.strip().splitlines() for phrase in line.split(";"))
