"""A zip archive with one member replaced; every other member keeps its bytes, compressed as they are.

`zipfile` reads archives, but writes members anew; what a spreadsheet program made should stay as that program made
it. The layout is that of PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header) and 4.3.12 (central directory).
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_PLAIN_VERSION = 20
_NAME_IS_UTF8 = 0x800
_ZIP64 = 1


def with_member(archive: bytes, name: str, content: bytes) -> bytes:
    """The archive with another content for the member of this name.

    Raises zipfile.BadZipFile where it is no archive, KeyError where it has no such member.
    """
    with ZipFile(BytesIO(archive)) as file:
        replaced, listed = file.getinfo(name), file.infolist()
        start, comment = file.start_dir, file.comment
    in_order = sorted(listed, key=lambda member: member.header_offset)
    ends = [member.header_offset for member in in_order[1:]] + [start]
    parts = [archive[: in_order[0].header_offset]]
    position = len(parts[0])
    for member, end in zip(in_order, ends, strict=True):
        raw = _member(member, content) if member is replaced else archive[member.header_offset : end]
        member.header_offset = position
        parts.append(raw)
        position += len(raw)
    directory = b"".join(map(_central, listed))
    count = len(listed)
    end_record = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), position, len(comment))
    return b"".join([*parts, directory, end_record, comment])


def _member(info: ZipInfo, content: bytes) -> bytes:
    """A local header and the data behind it; `info` says afterwards what the central directory has to say."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    stored = info.compress_type == ZIP_STORED
    data = content if stored else deflate.compress(content) + deflate.flush()
    info.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
    info.extract_version = _PLAIN_VERSION
    info.flag_bits &= _NAME_IS_UTF8  # nothing behind the data, and nothing encrypted
    info.CRC, info.compress_size, info.file_size = zlib.crc32(content), len(data), len(content)
    name = _name(info)
    return _LOCAL.pack(b"PK\3\4", *_common(info), len(name), 0) + name + data


def _central(info: ZipInfo) -> bytes:
    name, extra = _name(info), _without_zip64(info.extra)
    made_by = info.create_version | info.create_system << 8
    lengths = len(name), len(extra), len(info.comment)
    attributes = info.internal_attr, info.external_attr
    head = _CENTRAL.pack(b"PK\1\2", made_by, *_common(info), *lengths, 0, *attributes, info.header_offset)
    return head + name + extra + info.comment


def _common(info: ZipInfo) -> tuple[int, ...]:
    """What both headers say, from the version on to the sizes."""
    year, month, day, hour, minute, second = info.date_time
    return (
        info.extract_version,
        info.flag_bits,
        info.compress_type,
        hour << 11 | minute << 5 | second // 2,
        (year - 1980) << 9 | month << 5 | day,
        info.CRC,
        info.compress_size,
        info.file_size,
    )


def _name(info: ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _NAME_IS_UTF8 else "cp437")


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields without the long sizes: `zipfile` has read those, and the short fields suffice."""
    kept = b""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind != _ZIP64:
            kept += extra[: 4 + length]
        extra = extra[4 + length :]
    return kept
