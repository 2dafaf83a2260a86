"""The workflows of the public host: well formed, for every Python that is named, and nothing is published untested."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))


def jobs(name: str) -> Any:
    return YAML(typ="safe").load(FOLDER / name)["jobs"]


def commands(job: Any) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


@pytest.mark.slow
def test_they_are_workflows() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *FILES]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_python_that_is_named_is_tried_on_every_system() -> None:
    matrix = jobs("test.yml")["try"]["strategy"]["matrix"]
    named = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    pythons = [found[1] for one in named if (found := re.search(r":: (3\.\d+)$", one))]
    assert set(pythons) <= set(matrix["python"])
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_what_is_built_is_what_is_tried_and_published() -> None:
    test, release = jobs("test.yml"), jobs("release.yml")
    assert test["try"]["needs"] == "build"
    assert "make dist" in commands(test["build"])
    assert "release/try_dist.py dist" in commands(test["try"])
    assert release["test"]["uses"] == "./.github/workflows/test.yml"
    assert release["publish"]["needs"] == "test"
    assert release["test"]["needs"] == "notes"
    assert "make dist" not in str(release)
    uploaded = {step["with"]["name"] for job in (*test.values(), release["notes"]) for step in job["steps"]
                if "upload-artifact" in step.get("uses", "")}  # fmt: skip
    taken = {step["with"]["name"] for name in ("publish", "tell") for step in release[name]["steps"]
             if "download-artifact" in step.get("uses", "")}  # fmt: skip
    assert taken == uploaded == {"dist", "notes"}


def test_no_job_may_do_more_than_it_needs() -> None:
    for file in FILES:
        assert YAML(typ="safe").load(file)["permissions"] == {"contents": "read"}
    may = {name: job["permissions"] for name, job in jobs("release.yml").items() if "permissions" in job}
    assert may == {"publish": {"id-token": "write"}, "tell": {"contents": "write"}}


def test_what_they_call_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for file in FILES:
        text = file.read_text("utf-8")
        for target in re.findall(r"run: make ([\w-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        for script in re.findall(r"(\.ci/\w+|release/\w+\.py)", text):
            assert (ROOT / script).is_file()
