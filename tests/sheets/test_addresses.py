"""Whatever link a person pastes, the tab is found, or what the link is instead is said."""

import pytest

from tamis.errors import Refused
from tamis.sources.google_addresses import read_address

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz-0123456789_abcde"
PUBLISHED = "2PACX-1vT0AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
DOCS = "https://docs.google.com"


@pytest.mark.parametrize(
    ("pasted", "asked"),
    [
        (f"{DOCS}/spreadsheets/d/{ID}/edit", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}/", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit#gid=12", "format=csv&gid=12"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?gid=12#gid=12", "format=csv&gid=12"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?gid=3#gid=12", "format=csv&gid=12"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?gid=12&range=A1", "format=csv&gid=12"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit#gid=12&range=A1:B2", "format=csv&gid=12"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit#gid=douze", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?usp=sharing", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?usp=drive_link&ouid=1&sd=true", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}/view#gid=0", "format=csv&gid=0"),
        (f"{DOCS}/spreadsheets/d/{ID}/htmlview?gid=5", "format=csv&gid=5"),
        (f"{DOCS}/spreadsheets/d/{ID}/export?format=csv&gid=7", "format=csv&gid=7"),
        (f"{DOCS}/spreadsheets/d/{ID}/export?format=xlsx", "format=csv"),
        (f"{DOCS}/spreadsheets/d/{ID}/gviz/tq?tqx=out:csv&gid=9", "format=csv&gid=9"),
        (f"{DOCS}/spreadsheets/u/1/d/{ID}/edit#gid=4", "format=csv&gid=4"),
        (f"{DOCS}/a/exemple.fr/spreadsheets/d/{ID}/edit#gid=4", "format=csv&gid=4"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?resourcekey=0-AbC#gid=4", "format=csv&gid=4&resourcekey=0-AbC"),
        (f"https://drive.google.com/open?id={ID}&usp=drive_copy", "format=csv"),
        (f"docs.google.com/spreadsheets/d/{ID}/edit#gid=1", "format=csv&gid=1"),
        (f"http://docs.google.com/spreadsheets/d/{ID}/edit#gid=1", "format=csv&gid=1"),
        (f"  <{DOCS}/spreadsheets/d/{ID}/edit#gid=1>\n", "format=csv&gid=1"),
    ],
)
def test_a_link_to_a_sheet_gives_its_export(pasted, asked):
    address = read_address(pasted)
    assert address.export == f"{DOCS}/spreadsheets/d/{ID}/export?{asked}"
    assert read_address(address.link) == address


@pytest.mark.parametrize(
    ("pasted", "asked"),
    [
        ("pub?output=csv", "output=csv"),
        ("pub?gid=8&single=true&output=csv", "output=csv&gid=8&single=true"),
        ("pubhtml", "output=csv"),
        ("pubhtml?gid=8&single=true", "output=csv&gid=8&single=true"),
        ("pubhtml#gid=8", "output=csv&gid=8&single=true"),
    ],
)
def test_a_published_link_gives_its_csv(pasted, asked):
    address = read_address(f"{DOCS}/spreadsheets/d/e/{PUBLISHED}/{pasted}")
    assert address.export == f"{DOCS}/spreadsheets/d/e/{PUBLISHED}/pub?{asked}"
    assert read_address(address.link) == address


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Collez l'adresse"),
        ("https://example.fr/liste.csv", "Ce n'est pas l'adresse d'une feuille Google"),
        ("https://docs.google.com.example.fr/spreadsheets/d/" + ID, "Ce n'est pas l'adresse d'une feuille Google"),
        ("https://docs.google.com@example.fr/spreadsheets/d/" + ID, "Ce n'est pas l'adresse d'une feuille Google"),
        ("file:///etc/passwd", "Ce n'est pas l'adresse d'une feuille Google"),
        ("https://[bad/spreadsheets", "Ce n'est pas l'adresse d'une feuille Google"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?{'x' * 600}", "Ce n'est pas l'adresse d'une feuille Google"),
        ("https://drive.google.com/drive/folders/1AbCdEf", "dossier Google Drive"),
        ("https://drive.google.com/drive/u/0/my-drive", "dossier Google Drive"),
        (f"https://drive.google.com/file/d/{ID}/view", "fichier déposé dans Google Drive"),
        (f"{DOCS}/spreadsheets/d/{ID}/edit?usp=sharing&ouid=1&rtpof=true&sd=true", "fichier Excel"),
        (f"{DOCS}/document/d/{ID}/edit", "document Google Docs"),
        (f"{DOCS}/presentation/d/{ID}/edit", "présentation Google Slides"),
        (f"{DOCS}/forms/d/{ID}/edit", "formulaire Google Forms"),
        (f"{DOCS}/spreadsheets/", "ne désigne pas une feuille"),
        (f"{DOCS}/spreadsheets/d/court/edit", "ne désigne pas une feuille"),
    ],
)
def test_what_is_no_sheet_is_told_for_what_it_is(pasted, said):
    with pytest.raises(Refused, match=said) as refused:
        read_address(pasted)
    assert refused.value.code == "sheet.address"
