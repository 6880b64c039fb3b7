"""The one way in which Tamis compares text."""

import unicodedata
from functools import lru_cache

# What Unicode's own decomposition leaves alone but a French reader takes for the same letter or sign.
_SAME = str.maketrans(
    {
        "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
        "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'",
        "“": '"', "”": '"', "«": '"', "»": '"', "„": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
    }
)  # fmt: skip


class _Letters(dict[int, str]):
    """Each letter folded, worked out when it first comes."""

    def __missing__(self, letter: int) -> str:
        between = f"a{chr(letter)}a"  # so that spaces are kept
        while (once := _fold_once(between)) != between:
            between = once
        self[letter] = between[1:-1]
        return self[letter]


_LETTERS = _Letters()


def fold(text: str) -> str:
    """The text as Tamis compares it: no case, no accents, œ as oe, plain apostrophes, single spaces, trimmed.

    Folding what is folded changes nothing. Every engine compares the bytes of the result; none folds by itself.
    """
    return " ".join(text.translate(_LETTERS).split())


def _fold_once(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.translate(_SAME).split())


@lru_cache(10_000)
def name_key(name: str) -> str:
    """The name by which two spellings of a company are the same: folded, with only letters, digits and single spaces.

    ``L'Oréal`` and ``L OREAL`` have the same key. A name without any letter or digit has the empty key.
    """
    return " ".join("".join(char if char.isalnum() else " " for char in fold(name)).split())
