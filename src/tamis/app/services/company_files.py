"""Files of companies and contacts between their upload and their rehearsal, each for the one who brought it."""

from collections.abc import Iterable
from functools import partial

from tamis.app.models import User
from tamis.app.services import kept_files
from tamis.app.services.company_file_columns import SeenColumn, seen_columns
from tamis.app.services.import_layouts import COMPANIES, Layout
from tamis.app.services.kept_files import Brought, KeptFiles

FILES = KeptFiles("company-files", "companies.json")
CompanyFile = Brought[SeenColumn]


def receive(user: User, file_name: str, chunks: Iterable[bytes], layout: Layout = COMPANIES) -> CompanyFile:
    """Keep a file and look at its columns. Raises as :func:`~tamis.app.services.kept_files.receive`."""
    return kept_files.receive(FILES, user, file_name, chunks, partial(seen_columns, layout=layout))


def find(token: str, user: User) -> CompanyFile:
    """A file by its token. Raises as :func:`~tamis.app.services.kept_files.find`."""
    return kept_files.find(FILES, token, user, SeenColumn)
