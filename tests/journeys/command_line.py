"""Runs the command line in this process, as a user would: words in, status, stdout and stderr out."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import frozen
from jsonschema import Draft202012Validator

from aiointercom.cli import main
from aiointercom.sandbox import Sandbox
from tests.pages import ROOT

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "json-lines.schema.json").read_text(encoding="utf-8")))
"""What --json prints."""
WORKING = {"whoami", "redact", "convert", "plan", "run", "settle"}
"""The commands that work on a workspace."""
TOKEN = "dG9rOnBsYW50ZWQtaW4tdGhlLXRlc3Rz"


@frozen
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        [line] = self.lines
        return line

    @property
    def lines(self) -> list[Any]:
        """The lines of JSON on stdout, each of which is as docs/json-lines.schema.json says."""
        lines = [json.loads(line) for line in self.out.splitlines()]
        for line in lines:
            SCHEMA.validate(line)
        return lines


class Terminal(io.StringIO):
    """A stdin at which somebody sits."""

    def isatty(self) -> bool:
        return True


class CommandLine:
    """What tests call. Nobody sits at the terminal, unless an answer is given."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self._workspace: tuple[str, ...] = ()
        for name in ("INTERCOM_BASE_URL", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)

    def __call__(self, *words: object, answer: str | None = None, stdin: str = "") -> Ended:
        """Run one command. answer: what is typed at the terminal; stdin: what is piped in, where there is none."""
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin) if answer is None else Terminal(answer))
        workspace = self._workspace if words[:1] and words[0] in WORKING else ()
        logger = logging.getLogger("aiointercom")
        level, handlers = logger.level, logger.handlers[:]
        try:
            status = main([*map(str, words), *workspace])
        finally:
            logger.setLevel(level)
            logger.handlers[:] = handlers
        out, err = self._capsys.readouterr()
        assert TOKEN not in out + err
        assert "Traceback" not in out + err
        return Ended(status, out, err)

    def working_on(self, sandbox: Sandbox) -> None:
        """Let commands work on this sandbox, in process, in place of the invented conversations of --sandbox."""
        self._monkeypatch.setattr("aiointercom.cli.samples.filled", lambda: sandbox)
        self._workspace = ("--sandbox",)

    @contextmanager
    def serving(self, sandbox: Sandbox) -> Iterator[None]:
        """Let commands talk to a sandbox on a socket of this machine, found through the environment."""
        with sandbox.serve() as server:
            self._monkeypatch.setenv("INTERCOM_BASE_URL", server.url)
            self._monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
            yield
            self._monkeypatch.delenv("INTERCOM_BASE_URL")
            self._monkeypatch.delenv("INTERCOM_ACCESS_TOKEN")
