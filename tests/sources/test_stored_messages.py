"""Sentences that are kept: read back in whichever language the reader speaks, what they quote included."""

import json

from tamis.messages import Message, say, speaking


def test_a_sentence_within_a_sentence_is_read_in_the_reader_s_language():
    inner = say("c'est une adresse e-mail")
    stored = json.loads(
        json.dumps(say("« {cell} » : {what}, écrivez « {mended} »", cell="a@b.fr", what=inner, mended="b.fr").stored())
    )
    assert str(Message.read(stored)) == "« a@b.fr » : c'est une adresse e-mail, écrivez « b.fr »"
    with speaking("en"):
        shown = str(Message.read(stored))
    assert "adresse" not in shown
    assert shown.startswith("“a@b.fr”")


def test_what_was_kept_as_words_stays_as_it_was():
    stored = {"text": "« {list} » est verrouillée", "values": {"list": "client-default"}}
    assert str(Message.read(stored)) == "« client-default » est verrouillée"
