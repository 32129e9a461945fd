"""The command line in broken environments: real processes, which end with 2 and name the variable before they
connect.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.commands import run

BROKEN = [
    ("NO_PROXY", "10.0.0.0/8,fd00::/8"),
    ("ALL_PROXY", "socks://127.0.0.1:9"),
    ("SSL_CERT_FILE", "missing.pem"),
    ("SSL_CERT_FILE", "empty.pem"),
    ("HTTPS_PROXY", "http://a..b:1"),
    ("SSLKEYLOGFILE", "missing/keys"),
    ("INTERCOM_REGION", "mars"),
    ("INTERCOM_BASE_URL", "api.intercom.io"),
    ("INTERCOM_BASE_URL", "https://xn--a"),
    ("INTERCOM_BASE_URL", "http://sandbox:8080"),
]
COMMANDS = [
    ("whoami",),
    ("redact", "part", 7, 8, "--yes"),
    ("redact", "all", 7, "--yes"),
    ("convert", 7, "--type", 9, "--yes"),
    ("plan", "--all", "--everything", "-o", "plan.jsonl"),
]


@pytest.mark.parametrize(("name", "value"), BROKEN, ids=lambda word: word)
def test_a_broken_environment_is_wrong_usage(tmp_path: Path, name: str, value: str) -> None:
    """Each command ends with 2 and one line that names the variable, and leaves no file."""
    (tmp_path / "empty.pem").write_text("not a certificate\n")
    own = {"INTERCOM_ACCESS_TOKEN": "t0ken", "INTERCOM_BASE_URL": "https://127.0.0.1:9", name: value}
    for words in COMMANDS:
        done = run(*words, folder=tmp_path, **own)
        assert (done.status, len(done.err.splitlines())) == (2, 1), done.err
        assert name in done.err
        assert "t0ken" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["empty.pem"]
