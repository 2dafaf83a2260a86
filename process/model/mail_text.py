"""A mail text, compiled: `config/texts/` holds the sources."""

from __future__ import annotations

from dataclasses import dataclass

from fivestep.process.model.template import Merge, MergeField


@dataclass(frozen=True)
class Text:
    """One mail text. Values are escaped when they are merged into `html`, and nowhere else."""

    name: str
    subject: Merge
    plain: Merge
    html: Merge

    @property
    def fields(self) -> frozenset[MergeField]:
        """All merge fields in use."""
        return frozenset(self.subject.fields) | frozenset(self.plain.fields) | frozenset(self.html.fields)
