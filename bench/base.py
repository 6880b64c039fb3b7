"""Workspaces of any size for benchmarks, built once and kept in ``bench/.cache``.

``python -m bench.base COMPANIES`` builds one in this process; :func:`workspace` does so in a child and gives a copy.
"""

import os
import shutil
import subprocess
import sys
from hashlib import blake2b
from itertools import islice
from pathlib import Path

CACHE = Path(__file__).parent / ".cache"
CHUNK = 5000


def workspace(companies: int) -> Path:
    """A fresh copy of a workspace that knows so many companies."""
    built = CACHE / f"base-{companies}-{_schema()}"
    if not (built / "done").exists():
        shutil.rmtree(built, ignore_errors=True)
        print(f"building a base of {companies:,} companies …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "bench.base", str(companies)], env=_env(built), check=True)
        (built / "done").touch()
    copy = CACHE / "home"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(built, copy)
    return copy


def _schema() -> str:
    """What the migrations say, in a few letters: a base of an older schema is built anew."""
    migrations = sorted((Path(__file__).parents[1] / "src/tamis/app/migrations").glob("0*.py"))
    return blake2b(b"".join(file.read_bytes() for file in migrations), digest_size=4).hexdigest()


def _env(home: Path) -> dict[str, str]:
    return os.environ | {"TAMIS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tamis.app.settings"}


def _build(companies: int) -> None:
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from tamis.app.models import Act, Source
    from tamis.app.services import company_writing, name_directory, workspace
    from tamis.app.services.acting import Actor, record
    from tamis.app.services.sorting import unclassified
    from tamis.demo.companies import generate_companies
    from tamis.messages import say

    actor = Actor("bench", "cli")
    workspace.initialise(actor)
    act = record(actor, Act.Kind.COMPANIES_IMPORTED, say("bench"))
    pen = company_writing.Pen(Source.Kind.IMPORT, "bench", timezone.localdate(), lambda: act)
    known = generate_companies(companies, seed=2026)
    while chunk := [_record(company) for company in islice(known, CHUNK)]:
        with transaction.atomic():
            company_writing.create(chunk, pen, unclassified())
    name_directory.keep()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


def _record(company):
    from tamis.sources.companies import CompanyRecord

    names = [("legal", company.name)]
    if company.trade_name:
        names.append(("usual", company.trade_name))
    domains = {("website", company.website), ("email", company.email_domain)}
    return CompanyRecord(
        0,
        names=names,
        siren=company.siren,
        domains=sorted(domain for domain in domains if domain[1]),
        values={
            "naf": company.naf,
            "headcount": company.headcount,
            "revenue": company.revenue,
            "postal_code": company.postal_code,
            "city": company.city,
            "department": company.department,
        },
    )


def list_file(path: Path, lines: int, companies: int) -> Path:
    """A list of so many lines: nine in ten name a company of the base, by SIREN, by domain or by name, one nobody."""
    from tamis.demo.companies import generate_companies

    step = max(companies // lines, 1)
    drawn = islice(generate_companies(max(companies, lines * step), seed=2026), 0, lines * step, step)
    with path.open("w", encoding="utf-8") as file:
        file.write("Nom;SIREN;Domaine email;Website\n")
        for n, company in enumerate(drawn):
            if n % 10 == 9:
                file.write(f"Inconnue {n};;inconnue-{n}.fr;\n")
            elif n % 3 == 0 and company.website:
                file.write(f"{company.spoken};;;https://www.{company.website}/accueil\n")
            else:
                file.write(f"{company.spoken};{company.siren};;\n")
    return path


def misspelt_file(path: Path, lines: int, companies: int) -> Path:
    """A list of so many lines that no key answers: names with a word shortened, at domains nobody has."""
    from tamis.demo.companies import generate_companies

    drawn = islice(generate_companies(companies, seed=2026), 0, None, max(companies // lines, 1))
    with path.open("w", encoding="utf-8") as file:
        file.write("Nom;SIREN;Domaine email;Website\n")
        for n, company in enumerate(islice(drawn, lines)):
            longest = max(company.spoken.split(), key=len)
            file.write(f"{company.spoken.replace(longest, longest[: max(4, len(longest) - 3)])};;inconnu-{n}.fr;\n")
    return path


if __name__ == "__main__":
    _build(int(sys.argv[1]))
