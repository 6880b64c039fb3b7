"""What a file is, told from its first bytes and never from its name."""

from tamis.messages import Message, say

HEAD = 1 << 12  # bytes that are enough to tell

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls, and of workbooks with a password

_PICTURE = say("une image")
_ARCHIVE = say("une archive compressée")
_PROGRAM = say("un programme")
_MEDIA = say("un fichier audio ou vidéo")
_DATABASE = say("une base de données")

_SIGNATURES = (
    (b"%PDF-", say("un document PDF")),
    (b"\x89PNG\r\n\x1a\n", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF87a", _PICTURE),
    (b"GIF89a", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"\x00\x00\x01\x00", _PICTURE),
    (b"PK\x05\x06", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"\x7fELF", _PROGRAM),
    (b"SQLite format 3\x00", _DATABASE),
    (b"\x00\x01\x00\x00Standard", _DATABASE),
    (b"PAR1", say("un fichier Parquet")),
    (b"OggS", _MEDIA),
    (b"{\\rtf", say("un document RTF")),
)
# Two letters may as well begin a heading: these count only beside a zero byte, which a text has not.
_SHORT_SIGNATURES = ((b"BM", _PICTURE), (b"MZ", _PROGRAM), (b"ID3", _MEDIA), (b"RIFF", _MEDIA))
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"<style")


def not_a_table(head: bytes) -> Message | None:
    """What a file with these first bytes is, when it is plainly neither a text nor a workbook."""
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    if b"\0" in head:
        for signature, what in _SHORT_SIGNATURES:
            if head.startswith(signature):
                return _PICTURE if head[8:12] == b"WEBP" else what
        if head[4:8] == b"ftyp":
            return _PICTURE if head[8:12] in (b"heic", b"heix", b"mif1", b"avif") else _MEDIA
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        return say("une page web ou un document XML")
    return None


def is_workbook(head: bytes) -> bool:
    """Whether these first bytes may begin a workbook: the two containers that workbooks come in."""
    return head.startswith((ZIP, OLE))
