"""Tables as files to take away: CSV as it is written, a workbook from a temporary file."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from tamis.errors import NotFound
from tamis.messages import say
from tamis.sources.writing import Format, csv_lines, write_table

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def wanted_format(request: HttpRequest, word: str = "") -> Format:
    """The format that an address or a form asks for, CSV unless it says. Raises :class:`~tamis.errors.NotFound`."""
    word = word or request.GET.get("format", Format.CSV)
    if word not in [*Format]:
        raise NotFound(say("Le format « {format} » n'existe pas : csv, csv-fr ou xlsx.", format=word[:20]))
    return Format(word)


def download(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[object]], form: Format = Format.CSV
) -> HttpResponseBase:
    """A table to be saved under a name, to which its format's ending is added."""
    if form is not Format.XLSX:
        response = StreamingHttpResponse(csv_lines(headings, rows, form), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or ""
        return response
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        write_table(path, headings, rows, form)
        opened = path.open("rb")  # outlives its folder, and is closed with the response
    return FileResponse(opened, as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)
