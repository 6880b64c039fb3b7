"""Companies that never existed, as many as asked: the same ones for the same seed, the first thousand included.

Numbers pass the checks real ones pass and follow the register's order in time, so a SIREN and a creation date agree.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, product
from random import Random
from typing import TypeVar

from tamis.demo import words
from tamis.demo.tables import phrases
from tamis.demo.towns import CRAFT_ROADS, SMALL_TOWNS, TOWNS, WORKS_ROADS, Town, of_place
from tamis.demo.trades import (
    BRACKETS,
    FORMS,
    LARGE_FORMS,
    NO_EMPLOYEE,
    PATTERNS,
    RURAL,
    SIZES,
    SOLE_PATTERN,
    SOLE_TRADER,
    SOLE_TRADERS,
    STYLES,
    TRADES,
    Form,
    Trade,
)

Draw = Callable[[], float]
Pattern = tuple[tuple[str, ...], ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Company:
    """A company as the register, its own site and the press know it; empty text or ``None`` where nobody knows."""

    siren: str
    siret: str
    name: str  # the register's: capitals without accents
    spoken: str  # as people write it, without the legal form
    trade_name: str
    acronym: str
    website: str  # the bare host
    email_domain: str
    sector: str
    naf: str
    headcount: int | None
    bracket: str  # INSEE's code
    revenue: int | None  # euros a year
    address: str
    postal_code: str
    city: str
    legal_category: str
    created: date
    parent: str  # the SIREN of the company that owns it

    @property
    def department(self) -> str:
        """The department of the postal code: « 2A » and « 2B » in Corsica, three digits overseas."""
        if self.postal_code.startswith("20"):
            return "2A" if self.postal_code < "20200" else "2B"
        return self.postal_code[: 3 if self.postal_code.startswith("97") else 2]


# eight-digit blocks and the years in which the register gave them out: first, after the last, from, until
SIREN_BLOCKS = (
    (30_000_000, 33_000_000, 1975, 1985),
    (33_000_000, 35_500_000, 1985, 1990),
    (38_000_000, 41_000_000, 1991, 1997),
    (41_000_000, 45_000_000, 1997, 2003),
    (45_000_000, 51_000_000, 2003, 2009),
    (51_000_000, 54_000_000, 2009, 2012),
    (54_200_000, 56_000_000, 1954, 1972),
    (60_000_000, 61_500_000, 1955, 1973),
    (75_000_000, 76_000_000, 2012, 2014),
    (78_900_000, 80_000_000, 2012, 2014),
    (80_000_000, 85_500_000, 2014, 2019),
    (87_700_000, 90_800_000, 2019, 2022),
    (90_800_000, 95_500_000, 2022, 2024),
    (97_700_000, 99_500_000, 2023, 2026),
)
OLDEST_BLOCK = ((550_000, 9_800_000, 1954, 1968),)  # a zero in front
_STRIDE = 15_485_863  # a prime: going by it, no number of the blocks comes twice

_PLAIN = str.maketrans(
    {
        **dict(zip("ÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇ", "AAAEEEEIIOOUUUYC", strict=True)),
        "Œ": "OE", "Æ": "AE", "-": " ", "'": " ", "’": " ",
    }
)  # fmt: skip
_DOUBLED = str.maketrans("0123456789", "0246813579")


def generate_companies(count: int, seed: int) -> Iterator[Company]:
    """``count`` companies with a SIREN each of its own; a larger count begins with the same ones."""
    draw = Random(seed).random  # noqa: S311 - no secret, a sample
    group: Company | None = None
    for siren, created in registrations(count, seed):
        company = _company(draw, siren, created, group)
        if company.sector == "holding":
            group = company
        yield company


def registrations(
    count: int, seed: int, blocks: Sequence[tuple[int, int, int, int]] = SIREN_BLOCKS
) -> Iterator[tuple[str, date]]:
    """``count`` valid SIRENs, all different, each with its day of registration. Raises ``ValueError`` if too many."""
    ends = list(accumulate(last - first for first, last, _, _ in blocks))
    if count > ends[-1]:
        raise ValueError(f"{count} companies asked for, but there are only {ends[-1]} numbers")
    days = [(date(since, 1, 1).toordinal(), date(until, 1, 1).toordinal()) for _, _, since, until in blocks]
    start = seed * 7_368_787 % ends[-1]
    for index in range(count):
        position = (start + index * _STRIDE) % ends[-1]
        block = bisect_right(ends, position)
        number = blocks[block][1] - ends[block] + position
        share = (number - blocks[block][0]) / (blocks[block][1] - blocks[block][0])
        since, until = days[block]
        payload = f"{number:08d}"
        yield payload + check_digit(payload), date.fromordinal(since + int(share * (until - since)))


def check_digit(payload: str) -> str:
    """The Luhn digit that makes a SIREN of eight digits, or a SIRET of thirteen."""
    return str(-sum(map(int, payload[::-2].translate(_DOUBLED) + payload[-2::-2])) % 10)


def register_name(name: str) -> str:
    """The name as the register writes it: capitals, no accents, no hyphens."""
    return name.upper().translate(_PLAIN)


def domain_of(draw: Draw, name: str, place: str, department: str) -> str:
    """A domain made of the name and, mostly, the place or department: near enough to real ones, seldom one of them."""
    parts = [word for word in register_name(name).lower().split() if word not in words.NOT_IN_DOMAINS]
    parts = parts[:2] + parts[-1:] if len(parts) > 3 else parts
    if len(parts) < 3 or draw() < 0.4:
        town = register_name(place).lower().split()
        parts += [department] if draw() < 0.5 or town[-1] in parts else town
    label = ("-" if draw() < 0.6 else "").join(parts)
    return f"{label[:60].strip('-')}.{_pick(draw, words.ENDINGS)}"


def _pick(draw: Draw, pool: Sequence[T]) -> T:
    return pool[int(draw() * len(pool))]


def _joined(*parts: Sequence[str], between: str = "") -> tuple[str, ...]:
    return tuple(between.join(some) for some in product(*parts))


_SURNAMES = words.SURNAMES * 20 + _joined(words.SURNAME_STEMS, words.SURNAME_MIDDLES, words.SURNAME_ENDINGS)
_HAMLETS = _joined(words.VILLAGE_STEMS, words.VILLAGE_STEM_ENDS)
_VILLAGES = _HAMLETS + _joined(
    tuple(f"Saint-{saint}" for saint in words.VILLAGE_SAINTS) * 10 + _HAMLETS,
    words.VILLAGE_ENDS,
    between="-",
)
_POOLS: dict[str, tuple[str, ...]] = {
    "{surname}": _SURNAMES,
    "{first}": words.FIRST_NAMES,
    "{brand}": _joined(words.BRAND_STARTS, words.BRAND_MIDDLES, words.BRAND_ENDS),
    "{letters}": _joined("ABCDEFGHIJLMNOPRSTV", "ABCDEFGHIJLMNOPRSTV", "ABCDEFGILMNOPRSTX"),
    "{fancy}": _joined(words.FANCY_NOUNS, words.FANCY_ENDS, between=" "),
}


def _weighted(rows: Sequence[T], weights: Sequence[int]) -> tuple[T, ...]:
    return tuple(row for row, weight in zip(rows, weights, strict=True) for _ in range(weight))


def _patterns(table: str, trade: Trade) -> tuple[Pattern, ...]:
    """The patterns of a table, each as the pools its parts are drawn from, as often as it weighs."""
    pools = {**_POOLS, "{word}": tuple(trade.words.split("|"))}
    parts = [phrase.split() for phrase in phrases(table)]
    compiled = [tuple(pools.get(part, (part,)) for part in pattern) for _, *pattern in parts]
    return _weighted(compiled, [int(weight) for weight, *_ in parts])


_TRADES = _weighted(TRADES, [trade.weight for trade in TRADES])
_TOWNS = _weighted(TOWNS, [town.thousands for town in TOWNS])
_FORMS = {sector: _weighted(forms, [form.weight for form in forms]) for sector, forms in FORMS.items()}
_LARGE_FORMS = _weighted(LARGE_FORMS, [form.weight for form in LARGE_FORMS])
# by identity: hashing a trade each time would cost more than the name
_NAMES = {id(trade): _patterns(PATTERNS[STYLES[trade.sector]], trade) for trade in TRADES}
_SOLE_NAMES = {id(trade): _patterns(SOLE_PATTERN, trade) for trade in TRADES}
_ROADS = {True: WORKS_ROADS, False: CRAFT_ROADS}
_BRACKET_STARTS = [first for first, _ in BRACKETS]
_WORKS = frozenset({"industry", "wholesale", "transport"})
_OWNED = frozenset({"industry", "wholesale", "transport", "services", "building", "tech"})


def _company(draw: Draw, siren: str, created: date, group: Company | None) -> Company:
    trade = _pick(draw, _TRADES)
    people = _people(draw, trade)
    city, town, postal_code = _place(draw, trade)
    form = _form(draw, trade, people)
    owner = group if group and trade.sector in _OWNED and form.code != SOLE_TRADER and draw() < 0.035 else None
    spoken = _subsidiary_name(draw, owner, trade) if owner else _spoken(draw, trade, form, city, town)
    website, email_domain = _domains(draw, spoken, city, town, people)
    if owner and draw() < 0.4:
        email_domain = owner.email_domain
    headcount, bracket = _published(draw, people)
    payload = f"{siren}{1 if draw() < 0.7 else 2 + int(draw() * 6):04d}"
    return Company(
        siren=siren,
        siret=payload + check_digit(payload),
        name=register_name(f"{form.short} {spoken}" if draw() < form.shown else spoken),
        spoken=spoken,
        trade_name=_trade_name(draw, trade, spoken),
        acronym=_acronym(draw, spoken),
        website=website,
        email_domain=email_domain,
        sector=trade.sector,
        naf=trade.naf,
        headcount=headcount,
        bracket=bracket,
        revenue=_revenue(draw, trade, people),
        address=f"{1 + int(draw() ** 2 * 160)} {_pick(draw, _ROADS[trade.sector in _WORKS])}",
        postal_code=postal_code,
        city=city,
        legal_category=form.code,
        created=created,
        parent=owner.siren if owner else "",
    )


def _people(draw: Draw, trade: Trade) -> int:
    smallest, slope = SIZES[trade.size]
    return min(int(smallest / (1.0 - draw()) ** slope), 18_000)


def _place(draw: Draw, trade: Trade) -> tuple[str, Town, str]:
    """The city, the town it is or lies near, and its postal code; a village shares its town's."""
    if draw() < RURAL.get(trade.sector, 0.0):
        town = _pick(draw, SMALL_TOWNS)
        return _pick(draw, _VILLAGES), town, town.postal_codes[0]
    town = _pick(draw, _TOWNS)
    return town.name, town, _pick(draw, town.postal_codes)


def _form(draw: Draw, trade: Trade, people: int) -> Form:
    if trade.legal:
        return Form(trade.legal, 1)
    if people <= 1 and trade.sector in SOLE_TRADERS and draw() < 0.45:
        return Form(SOLE_TRADER, 1)
    forms = _FORMS.get(trade.sector)
    return _pick(draw, forms or (_LARGE_FORMS if people >= 100 else _FORMS["company"]))


def _spoken(draw: Draw, trade: Trade, form: Form, city: str, town: Town) -> str:
    patterns = _SOLE_NAMES if form.code == SOLE_TRADER else _NAMES
    name = " ".join([pool[int(draw() * len(pool))] for pool in _pick(draw, patterns[id(trade)])])
    if "{" in name:
        name = name.replace("{town}", city).replace("{of_town}", of_place(city)).replace("{land}", town.land)
    return name


def _subsidiary_name(draw: Draw, owner: Company, trade: Trade) -> str:
    own = " ".join(word for word in owner.spoken.split() if word not in words.HOLDING_WORDS)
    return f"{own} {_pick(draw, trade.words.split('|'))}"


def _domains(draw: Draw, spoken: str, city: str, town: Town, people: int) -> tuple[str, str]:
    """The website's host and the e-mail domain: often the same, sometimes two, sometimes none."""
    department = town.postal_codes[0][:2]
    website = ""
    if draw() < (0.61 if people <= 2 else 0.78 if people <= 9 else 0.92):
        website = domain_of(draw, spoken, city, department)
    kind = draw()
    if website and kind < 0.68:
        return website, website
    if kind > (0.86 if website else 0.9):
        return website, domain_of(draw, spoken, city, department)
    return website, ""


def _published(draw: Draw, people: int) -> tuple[int | None, str]:
    """The headcount and its bracket, of which one or both may be unknown."""
    bracket = BRACKETS[bisect_right(_BRACKET_STARTS, people) - 1][1] if people else NO_EMPLOYEE
    kind = draw()
    if kind < 0.65:
        return people, bracket if kind < 0.45 else ""
    return None, bracket if kind < 0.87 else ""


def _revenue(draw: Draw, trade: Trade, people: int) -> int | None:
    if not trade.k_euros or draw() < (0.45 if people < 10 else 0.15):
        return None
    return max(int(trade.k_euros * max(people, 0.7) * (0.55 + 0.9 * draw())), 1) * 1000


def _trade_name(draw: Draw, trade: Trade, spoken: str) -> str:
    kind = draw()
    if kind < 0.1:
        return spoken
    if kind < 0.2 and trade.sector not in ("public", "association"):
        return _pick(draw, _POOLS["{fancy}" if trade.sector in ("shop", "table", "health") else "{brand}"])
    return ""


def _acronym(draw: Draw, spoken: str) -> str:
    if draw() > 0.14:
        return ""
    if spoken[:3].isupper():
        return spoken[:3]
    initials = [word[0] for word in register_name(spoken).split() if len(word) > 2]
    return "".join(initials) if len(initials) > 2 else ""
