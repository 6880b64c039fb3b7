"""SIREN as people's files have them: read where one reading is possible, else refused with the reason.

Valid numbers: 732829320 (INSEE's own example), 552100554 (Peugeot), 356000000 (La Poste), 005520176 from the
public register; SIRET 73282932000074 passes the Luhn check, 35600000000048 is La Poste's seat.
"""

import pytest

from tamis.identity.identifiers import BadValue, read_lei, read_neq, read_siren, read_siret, read_vat


@pytest.mark.parametrize(
    ("cell", "siren"),
    [
        ("732829320", "732829320"),
        ("732 829 320", "732829320"),
        ("732\u00a0829\u202f320", "732829320"),
        (" 732.829.320 ", "732829320"),
        ("732829320.0", "732829320"),
        ("732829320,00", "732829320"),
        ("73282932000074", "732829320"),
        ("732 829 320 00074", "732829320"),
        ("5520176", "005520176"),
        ("005520176", "005520176"),
        ("35600000000048", "356000000"),
        ("FR44732829320", "732829320"),
        ("FR 44 732 829 320", "732829320"),
        ("７３２８２９３２０", "732829320"),
    ],
)
def test_read(cell, siren):
    reading = read_siren(cell)
    assert reading.value == siren
    assert bool(reading.repairs) == (cell != siren)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("73282932A", "number.form"),
        ("732829321", "siren.check"),
        ("73282932000075", "siret.check"),
        ("3,26E+13", "number.scientific"),
        ("7.3282932E+13", "number.scientific"),
        ("69300109100091810330", "siren.length"),
        ("Non disponible", "number.form"),
        ("1", "siren.length"),
        ("00001", "siren.length"),
        ("000000000", "siren.check"),
        ("LV40103835582", "number.form"),
        ("732829320 552100554", "cell.several"),
        ("732829320;552100554", "cell.several"),
        ("732829320\n552100554", "cell.several"),
        ("732829320 / 552 100 554", "cell.several"),
        ("FR00732829320", "vat.check"),
        ("35600000012345", "siret.check"),
        ("²³²", "siren.length"),
        ("١٢٣٤٥٦٧٨٩", "number.form"),
    ],
)
def test_refused(cell, code):
    with pytest.raises(BadValue) as error:
        read_siren(cell)
    assert error.value.code == code
    assert str(error.value)


def test_every_siren_of_the_register_is_read(shared_data):
    import csv

    with (shared_data / "directory_fr.csv").open(encoding="utf-8") as file:
        rows = [row["siren"] for row in csv.DictReader(file)]
    assert len(rows) == 9475
    for siren in rows:
        assert read_siren(siren).value == siren
        assert read_siren(str(int(siren))).value == siren  # as a spreadsheet gives it back


def test_la_postes_establishments_follow_their_own_rule():
    assert read_siret("356 000 000 00048").value == "35600000000048"
    assert read_siren("35600000009075").value == "356000000"  # digits sum to 35, a multiple of five


def test_other_registers():
    assert read_vat("fr 44 732829320").value == "FR44732829320"
    assert read_vat("BE 0403.227.515").value == "BE0403227515"
    assert read_neq("1140 004 501").value == "1140004501"
    assert read_lei("969500ueq3u3p21qnj13").value == "969500UEQ3U3P21QNJ13"
    for read, cell in ((read_vat, "44732829320"), (read_neq, "9140004501"), (read_lei, "969500UEQ3U3P21QNJ14")):
        with pytest.raises(BadValue):
            read(cell)
