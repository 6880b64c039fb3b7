"""Whatever is sent as a rule or a sentence is read, or refused, at once."""

from contextlib import suppress

import pytest
from hostile import hostile, repeated, within
from rules.test_reading import WORDS

from tamis.messages import speaking
from tamis.rules.errors import RuleError
from tamis.rules.parsing import LONGEST, parse
from tamis.rules.sentences.lexing import LONGEST_SENTENCE
from tamis.rules.sentences.reading import read

BEGINNINGS = ("", "companies where ", "companies where headcount > ", 'companies where name = "')
SENTENCES = {
    "fr": ("", "les entreprises dont ", "les entreprises dont la ville est « "),
    "en": ("", "companies whose ", "companies whose city is “"),
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_longest_rule_is_answered_at_once(beginning: str) -> None:
    for text in hostile(LONGEST - len(beginning) - 2):
        with within(5), suppress(RuleError):
            parse(beginning + text)


@pytest.mark.soak  # sixty thousand characters: three tenths of a second each
@pytest.mark.parametrize(("language", "beginning"), [(key, each) for key, some in SENTENCES.items() for each in some])
def test_the_longest_sentence_is_answered_at_once(language: str, beginning: str) -> None:
    for text in repeated(LONGEST_SENTENCE - len(beginning)):
        with within(5), suppress(RuleError), speaking(language):
            read(beginning + text, WORDS)
