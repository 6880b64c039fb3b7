"""Names as people write them, made from a directory with fixed seeds, to try name matching on.

Each way of writing is a small function from a name to a worse one. Companies fall in two halves by their key: one to
tune with, and one that is looked at only when everything is settled.
"""

import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tamis.identity.names.lexicon import ABBREVIATIONS
from tamis.identity.names.places import PLACES
from tamis.identity.names.reading import Kind, folded, read_name

Way = Callable[[list[str], random.Random], list[str] | None]

_LINKS = {"de", "du", "des", "et", "la", "le", "les", "l", "d", "en", "pour", "a", "aux", "au", "sur"}
_SHORT: dict[str, list[str]] = {}
for _abbreviation, _words in ABBREVIATIONS.items():
    for _word in _words:
        _SHORT.setdefault(_word, []).append(_abbreviation)
_TOWNS = ("Lyon", "Marseille", "Lille", "Nantes", "Toulouse", "Rennes", "Paris", "Bordeaux", "Strasbourg", "Dijon")
_INVENTED = tuple(
    "dubreuilly kervanec solmatex lantier bresolin vigan habitat energie conseil distribution nord".split()
)
_FORMS = ("SARL", "SAS", "SA", "EURL", "Société", "Ets", "Groupe", "Entreprise")


@dataclass(frozen=True, slots=True)
class Written:
    """A name as somebody might write it, the company that is meant, and how the name was spoilt."""

    name: str
    key: str
    way: str


def held_out(key: str) -> bool:
    """Whether a company belongs to the half that is not looked at while tuning."""
    return bool(zlib.crc32(f"half {key}".encode()) & 1)


def shorten_words(words: list[str], rng: random.Random) -> list[str] | None:
    """Long words cut to their first letters."""
    short = [word[: rng.randint(3, 6)] if len(word) > 6 and rng.random() < 0.6 else word for word in words]
    return short if short != words else None


def abbreviate(words: list[str], rng: random.Random) -> list[str] | None:
    """Words replaced by their usual abbreviation, where there is one."""
    short = [rng.choice(_SHORT[word]) if word in _SHORT and rng.random() < 0.7 else word for word in words]
    return short if short != words else None


def spell_out(words: list[str], rng: random.Random) -> list[str] | None:
    """Abbreviations written in full, the first reading of each."""
    full = [ABBREVIATIONS[word][0] if len(word) > 2 and word in ABBREVIATIONS else word for word in words]
    return full if full != words else None


def acronym(words: list[str], rng: random.Random) -> list[str] | None:
    """The initials of the whole name, links left out."""
    content = [word for word in words if word not in _LINKS]
    return ["".join(word[0] for word in content)] if 4 <= len(content) <= 7 else None


def acronym_of_head(words: list[str], rng: random.Random) -> list[str] | None:
    """The first three or four words as initials, the rest as it was."""
    content = [word for word in words if word not in _LINKS]
    size = rng.choice((3, 4))
    return ["".join(word[0] for word in content[:size]), *content[size:]] if len(content) > size else None


def truncate(words: list[str], rng: random.Random) -> list[str] | None:
    """The name cut somewhere after its first half, often within a word."""
    text = " ".join(words)
    return text[: rng.randint(int(0.55 * len(text)), int(0.85 * len(text)))].split() if len(text) > 18 else None


def join(words: list[str], rng: random.Random) -> list[str] | None:
    """Two neighbours written as one word."""
    at = rng.randrange(len(words) - 1) if len(words) > 1 else -1
    return None if at < 0 else [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]


def split(words: list[str], rng: random.Random) -> list[str] | None:
    """A long word written as two."""
    long = [at for at, word in enumerate(words) if len(word) >= 8]
    if not long:
        return None
    at = rng.choice(long)
    cut = rng.randint(3, len(words[at]) - 3)
    return [*words[:at], words[at][:cut], words[at][cut:], *words[at + 1 :]]


def dot_initials(words: list[str], rng: random.Random) -> list[str] | None:
    """A short word that looks like initials, with dots."""
    short = [at for at, word in enumerate(words) if 2 <= len(word) <= 4 and word not in _LINKS]
    if not short:
        return None
    at = rng.choice(short)
    return [*words[:at], ".".join(words[at]) + ".", *words[at + 1 :]]


def add_form_or_place(words: list[str], rng: random.Random) -> list[str] | None:
    """A legal form before or a town after."""
    added = [rng.choice(_FORMS), *words] if rng.random() < 0.6 else words
    return [*added, rng.choice(_TOWNS)] if added is words or rng.random() < 0.3 else added


def mistype(words: list[str], rng: random.Random) -> list[str] | None:
    """One letter dropped, doubled, changed or swapped with the next in a word of five letters or more."""
    long = [at for at, word in enumerate(words) if len(word) >= 5]
    if not long:
        return None
    at = rng.choice(long)
    word = words[at]
    place = rng.randrange(1, len(word) - 1)
    letter = rng.choice("abcdeilmnoprstu")
    wrong = rng.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        )
    )
    return [*words[:at], wrong, *words[at + 1 :]] if wrong != word else None


def drop(words: list[str], rng: random.Random) -> list[str] | None:
    """A word after the first left out."""
    at = rng.randrange(1, len(words)) if len(words) > 2 else 0
    return [*words[:at], *words[at + 1 :]] if at else None


def shuffle(words: list[str], rng: random.Random) -> list[str] | None:
    """The words in another order."""
    mixed = rng.sample(words, len(words))
    return mixed if len(words) > 1 and mixed != words else None


def several(words: list[str], rng: random.Random) -> list[str] | None:
    """Two of the above, one after the other."""
    one = rng.choice((shorten_words, abbreviate, spell_out, join, add_form_or_place))(words, rng)
    return one and rng.choice((mistype, truncate, drop, add_form_or_place, dot_initials))(one, rng)


WAYS: tuple[Way, ...] = (
    shorten_words, abbreviate, spell_out, acronym, acronym_of_head, truncate, join, split, dot_initials,
    add_form_or_place, mistype, drop, shuffle, several,
)  # fmt: skip


def another_word(words: list[str], rng: random.Random) -> list[str] | None:
    """One word of the name replaced by a word that is nobody's: a company that looks like this one and is not."""
    long = [at for at, word in enumerate(words) if len(word) > 3 and word not in _LINKS]
    at = rng.choice(long) if len(words) > 1 and long else -1
    return None if at < 0 else [*words[:at], rng.choice(_INVENTED), *words[at + 1 :]]


def another_town(words: list[str], rng: random.Random) -> list[str] | None:
    """The place in the name replaced by another."""
    places = [at for at, word in enumerate(words) if word in PLACES]
    town = rng.choice(_TOWNS).lower()
    return [*words[: places[0]], town, *words[places[0] + 1 :]] if places and town not in words else None


def another_number(words: list[str], rng: random.Random) -> list[str] | None:
    """A number added, or put in place of the one that is there."""
    kept = [word for word in words if not word.isdecimal()]
    return [*kept, str(rng.choice((2, 3, 4, 12, 38, 75, 2000)))]


def as_is(words: list[str], rng: random.Random) -> list[str] | None:
    """The name itself."""
    return words


def written_names(
    companies: Iterable[tuple[str, str]], ways: Iterable[Way], each: int, *, held: bool, seed: int = 1
) -> Iterator[Written]:
    """Up to ``each`` spoilt names for every way, of companies of one of the two halves."""
    half = [company for company in companies if held_out(company[0]) is held]
    for way in ways:
        rng = random.Random(f"{seed} {way.__name__}")
        made = 0
        for key, name in rng.sample(half, len(half)):
            if made == each:
                break
            words = way(folded(name).split(), rng)
            if words:
                made += 1
                yield Written(" ".join(words), key, way.__name__)


def content_key(name: str) -> tuple[str, ...]:
    """The words of a name but for legal forms and endings: two companies with one key cannot be told apart by name."""
    return tuple(sorted(word.stem for word in read_name(name).words if word.kind is not Kind.FORM))
