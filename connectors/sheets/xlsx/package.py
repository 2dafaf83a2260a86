"""The package that an `.xlsx` file is: its parts, and which of them is which tab."""

from __future__ import annotations

import codecs
import posixpath
import struct
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from fivestep.connectors.sheets.xlsx.zip_members import with_member
from fivestep.errors import SettingsError

MAX_UNPACKED = 1 << 30
"""Bytes. A tab with ten million cells, which is more than such a file is good for, unpacks to about half of it."""

_BROKEN_ZIP = (BadZipFile, ZlibError, EOFError, RuntimeError, ValueError, struct.error)
"""What `zipfile` raises for damaged archives; RuntimeError also for encrypted members and unknown methods."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "open it in a spreadsheet program and save it as .xlsx"


class Worksheet(NamedTuple):
    """One worksheet; sheets that hold nothing but a chart or a dialogue are none."""

    title: str
    part: str
    hidden: bool


class Package:
    """One content of the file."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raises SettingsError, with what to do, where this is no package of a workbook. `name` is the file's."""
        self.content = content
        self.name = name
        if content.startswith(_OLE):
            what = "is protected by a password; remove it" if _ENCRYPTED in content else f"is an old .xls file; {_SAVE}"
            raise SettingsError(f"{name} {what}")
        try:
            with ZipFile(BytesIO(content)) as file:
                members = file.infolist()
        except _BROKEN_ZIP:
            raise SettingsError(f"{name} is no .xlsx file, or a part of it is missing; {_SAVE}") from None
        self._members = {member.filename.casefold(): member.filename for member in members}
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise SettingsError(
                f"{name} unpacks to more than {MAX_UNPACKED >> 20} MB; remove what the pipeline does not need"
            )
        if len(self._members) != len(members):
            raise self.damaged("parts of the same name")
        self.tabs = list(self._worksheets())

    def tab(self, title: str | None) -> Worksheet:
        """The tab of this title, hidden or not; for None the first that is not hidden."""
        shown = [tab for tab in self.tabs if not tab.hidden]
        if title is None:
            if not shown:
                raise SettingsError(f"{self.name} has no tab to read")
            return shown[0]
        for same in (title, title.casefold()):
            for tab in self.tabs:
                if same in (tab.title, tab.title.casefold()):
                    return tab
        raise SettingsError(self._no_tab(title, [tab.title for tab in shown]))

    def part(self, name: str) -> bytes:
        """A part's content. Raises SettingsError where it is missing or damaged."""
        try:
            with ZipFile(BytesIO(self.content)) as file:
                content = file.read(self._members[name.casefold()])
        except (KeyError, *_BROKEN_ZIP) as error:
            raise self.damaged(name) from error
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SettingsError(f"{self.name} holds {name} in UTF-16; {_SAVE}")
        return content

    def with_part(self, name: str, content: bytes) -> bytes:
        """The package's content with another content for one part."""
        return self.with_parts({name: content})

    def with_parts(self, parts: Mapping[str, bytes]) -> bytes:
        """The package's content with other contents for some parts."""
        content = self.content
        for name, other in parts.items():
            content = with_member(content, self._members[name.casefold()], other)
        return content

    def damaged(self, what: str) -> SettingsError:
        """The fault to raise where a part can't be understood."""
        return SettingsError(f"{self.name} is damaged ({what}); {_SAVE}")

    def related(self, kind: str) -> str:
        """The name of the workbook's part of this kind, such as `styles`; empty where there is none."""
        return next((part for named, part in self._relations(self.workbook).values() if named == kind), "")

    def related_to(self, part: str, kind: str) -> list[str]:
        """The names of the parts of this kind, such as `table`, that another part refers to."""
        related = (name for named, name in self._relations(part).values() if named == kind)
        return [name for name in related if name.casefold() in self._members]

    @property
    def workbook(self) -> str:
        """The name of the part that lists the tabs; empty where there is none."""
        return next((part for kind, part in self._relations("").values() if kind == "officeDocument"), "")

    def _worksheets(self) -> Iterator[Worksheet]:
        workbook = self.workbook
        if not workbook.endswith(".xml"):
            raise SettingsError(f"{self.name} is another kind of file than .xlsx; {_SAVE}")
        relations = self._relations(workbook)
        for element in self.elements(workbook, "sheet"):
            attributes = {_local(name): text for name, text in element.attrib.items()}
            kind, part = relations.get(attributes.get("id", ""), ("", ""))
            if kind == "worksheet":
                yield Worksheet(attributes.get("name", ""), part, attributes.get("state", "visible") != "visible")

    def _relations(self, source: str) -> dict[str, tuple[str, str]]:
        """ID to the kind and the name of each part that a part (or, without a name, the package) refers to."""
        folder, name = posixpath.split(source)
        listed = f"{folder}/_rels/{name}.rels".lstrip("/")
        if listed.casefold() not in self._members:
            return {}
        return {
            each.get("Id", ""): (
                each.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/"),
            )
            for each in self.elements(listed, "Relationship")
        }

    def elements(self, part: str, name: str) -> list[ElementTree.Element]:
        """The elements of this name in a part, whatever their namespace.

        Raises SettingsError where the part is damaged.
        """
        return [element for element in self.root(part).iter() if _local(element.tag) == name]

    def root(self, part: str) -> ElementTree.Element:
        """A part's outermost element. Raises SettingsError where it is damaged."""
        try:
            return ElementTree.fromstring(self.part(part))
        except ElementTree.ParseError as error:
            raise self.damaged(part) from error

    def _no_tab(self, title: str, titles: list[str]) -> str:
        from difflib import get_close_matches

        near = get_close_matches(title, titles, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"{self.name} has no tab {title!r}; {hint}its tabs are {', '.join(map(repr, titles))}"


def _local(name: str) -> str:
    return name.rpartition("}")[2]
