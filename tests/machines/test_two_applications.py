"""Two applications in one database, apart by PgQueuer's prefix or schema, or by their workspaces alone in the same
tables.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest
from attrs import frozen
from pgqueuer.domain.settings import db_settings

from aiointercom.cleanup import Item
from aiointercom.cli import main
from aiointercom.sandbox import Sandbox
from tests.machines.fleet import effects, items_in, once, workspace
from tests.machines.test_command_line import Ended, environment, plan_of


@pytest.fixture(autouse=True)
def settings_are_read_anew() -> Iterator[None]:
    """PgQueuer reads its settings once in a process; here each command has its own, and the next test none of them."""
    yield
    db_settings.cache_clear()


@frozen
class Application:
    """One of the two: its workspace, and what its environment says."""

    box: Sandbox
    env: dict[str, str]
    items: list[Item]
    folder: Path

    def command(self, *words: str) -> Ended:
        """Run one command to its end, with this application's settings."""
        out, err = io.StringIO(), io.StringIO()
        db_settings.cache_clear()
        with patch.dict(os.environ, self.env, clear=True), redirect_stdout(out), redirect_stderr(err):
            status = main([*words, "--json"])
        return Ended(status, out.getvalue(), err.getvalue())

    def enqueue(self) -> Ended:
        """Put all items of this application into its queue."""
        plan = plan_of(self.folder / f"{self.box.workspace}.jsonl", self.box.workspace, self.items)
        return self.command("enqueue", str(plan), "--yes")

    def collected(self) -> dict[str, object]:
        """What is in this application's queue."""
        done = self.command(
            "collect", self.box.workspace, "--ledger", str(self.folder / f"{self.box.workspace}.ledger")
        )
        told: dict[str, object] = json.loads(done.stdout)
        return told


APART = {
    "prefix": ({"PGQUEUER_PREFIX": "billing_"}, {"PGQUEUER_PREFIX": "support_"}),
    "schema": ({"PGQUEUER_SCHEMA": "billing"}, {"PGQUEUER_SCHEMA": "support"}),
    "one without": ({}, {"PGQUEUER_PREFIX": "support_"}),
    "workspaces": ({}, {}),
}


@pytest.mark.parametrize("apart", APART)
def test_two_applications_in_one_database(empty_database: str, tmp_path: Path, apart: str) -> None:
    """Each one's worker carries out its own items and no others, and each one's ledger tells of its own."""
    boxes = [workspace("one1"), workspace("two2")]
    with boxes[0].serve() as first, boxes[1].serve() as second:
        one, two = (
            Application(box, environment(empty_database, server.url, box) | names, items_in(box, parts=4), tmp_path)
            for box, server, names in zip(boxes, (first, second), APART[apart], strict=True)
        )
        for application in (one, two):
            for done in (application.command("install"), application.command("install"), application.enqueue()):
                assert done.returncode == 0, done.stderr
        assert one.command("worker", "--until-empty").returncode == 0
        assert (effects(one.box), effects(two.box)) == (once(one.items), once([]))
        assert (one.collected()["results"], two.collected()["queued"]) == (4, 4)
        assert two.command("worker", "--until-empty").returncode == 0
        assert effects(two.box) == once(two.items)
        assert (one.collected()["results"], two.collected()["results"]) == (4, 4)
        assert json.loads(one.enqueue().stdout)["new"] == 0
