"""The team's process and its mail texts, loaded and held against the settings and the sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from fivestep.config.sales_process.load import BUILT_IN_PROCESS, load_process
from fivestep.config.settings.model import Settings
from fivestep.config.texts.load import load_texts
from fivestep.errors import Mistake, SettingsError
from fivestep.process.mails.merge_values import MergeSource
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table
from fivestep.process.reading.layout import Layout
from fivestep.process.wording.spelling import did_you_mean
from fivestep.process.wording.vocabulary import plain


def load_team_process(settings: Settings, mapped: Collection[str]) -> tuple[Process, Mapping[str, Text]]:
    """The process, compiled for a sheet with columns for these fields, and the texts that it uses.

    Raises SettingsError with all mistakes of the process, else with those of `[stages]` and `[history]`.
    """
    own, folder = settings.process.file, settings.drafts.texts
    texts = load_texts(settings.path(folder) if folder else None)
    file = settings.path(own) if own else BUILT_IN_PROCESS
    process = load_process(file, own or file.name, mapped, texts)
    if mistakes := _stage_mistakes(settings, process):
        raise SettingsError(mistakes)
    if (target := settings.targets.new_leads_per_week) is not None:
        process = replace(process, new_leads_per_week=target)
    if settings.history:
        process = _with_stage_dates(process, mapped)
    return process, {name: texts[name] for name in sorted(_used(process))}


def stage_date_columns(settings: Settings) -> dict[str, str]:
    """The fields of the columns under `[history]`, each with its header: `entered_pitch` for Pitch."""
    return {_entered(stage): header for header, stage in settings.history.items()}


def _entered(stage: str) -> str:
    return f"entered_{plain(stage).replace(' ', '_')}"


def _with_stage_dates(process: Process, mapped: Collection[str]) -> Process:
    """The process whose stages are dated by their columns under `[history]`, unless others date them."""
    stages = {
        name: replace(stage, date_field=stage.date_field or _entered(name)) if _entered(name) in mapped else stage
        for name, stage in process.stages.items()
    }
    days = {_entered(name) for name in stages}.intersection(mapped)
    return replace(process, stages=stages, kinds={**process.kinds, **dict.fromkeys(days, "date")})


def _stage_mistakes(settings: Settings, process: Process) -> list[Mistake]:
    named = [(f"stages.{word}", stage) for word, stage in settings.stages.items()]
    named += [(f"history.{header}", stage) for header, stage in settings.history.items()]
    unknown = [
        Mistake(settings.file, place, repr(stage), f"a stage of the process{did_you_mean(stage, process.stages)}")
        for place, stage in named
        if stage not in process.stages
    ]
    times = Counter(settings.history.values())
    twice = [
        Mistake(settings.file, f"history.{header}", repr(stage), "has a column already: one for each stage")
        for header, stage in settings.history.items()
        if times[stage] > 1
    ]
    return unknown + twice


def check_texts(texts: Iterable[Text], table: Table, layout: Layout, policy: Policy) -> None:
    """Raise SettingsError where a text names what is neither a header of the sheet nor a field."""
    source = MergeSource(table, layout, policy)
    mistakes = [
        Mistake(f"{text.name}.md", "merge field", f"{{{{{field.name}}}}}",
                f"a header of the sheet or a field{did_you_mean(field.name, source.names)}")
        for text in texts
        for field in sorted(text.fields)
        if not source.knows(field.name)
    ]  # fmt: skip
    if mistakes:
        raise SettingsError(mistakes)


def _used(process: Process) -> set[str]:
    steps = (step for stage in process.stages.values() for steps in (*stage.sequences, stage.care) for step in steps)
    return {step.text for step in steps}
