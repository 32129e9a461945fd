"""The commands about one thing, in this process: what they send, print and end with."""

from __future__ import annotations

import getpass
import json
import re
import sys
import warnings
from collections.abc import Iterator

import pytest
from rich.console import Console

from aiointercom import cli
from aiointercom.cli import talk
from aiointercom.cli.app import app
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import TOKEN, CommandLine


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line."""
    return CommandLine(capsys, monkeypatch)


@pytest.fixture
def sandbox(aio: CommandLine) -> Sandbox:
    """A sandbox that the commands work on."""
    sandbox = Sandbox(TOKEN, region="Europe")
    aio.working_on(sandbox)
    return sandbox


@pytest.fixture
def served(aio: CommandLine) -> Iterator[Sandbox]:
    """A sandbox on a socket, which the commands find through the environment."""
    sandbox = Sandbox(TOKEN)
    with aio.serving(sandbox):
        yield sandbox


def test_whoami_names_the_workspace_and_no_person(aio: CommandLine, sandbox: Sandbox) -> None:
    """whoami tells workspace, region, the admin's id and the rate limit, and neither name nor address of anybody."""
    ended = aio("whoami")
    assert ended.status == 0
    assert ended.out == ("workspace sandbox1 (EU), token of admin 991260001; rate limit: 1667 requests in 10 seconds\n")
    assert ended.err == ""


def test_whoami_as_json_is_one_document(aio: CommandLine, sandbox: Sandbox) -> None:
    """With --json stdout is one JSON document and nothing else."""
    ended = aio("whoami", "--json")
    told = {"version": 1, "type": "workspace"}
    assert ended.json == {**told, "workspace": "sandbox1", "region": "EU", "admin_id": "991260001", "limit": 1667}


def test_a_part_is_redacted_once_and_said_so(aio: CommandLine, sandbox: Sandbox) -> None:
    """redact part redacts, prints the outcome and ends with 0; a second time it was redacted already, which is 0 as
    well.
    """
    assert aio("redact", "part", 471, 115, "--yes").out == "redacted: part 115 of conversation 471\n"
    again = aio("redact", "part", 471, 115, "--yes", "--json")
    assert (again.status, again.json["outcome"], again.json["part_id"]) == (0, "already_redacted", "115")
    assert [effect.target_id for effect in sandbox.ledger] == ["115"]


def test_a_source_is_redacted(aio: CommandLine, sandbox: Sandbox) -> None:
    """redact source redacts the message that began a conversation, and its JSON names the request."""
    ended = aio("redact", "source", 480, 403918320, "--yes", "--json")
    assert ended.status == 0
    assert ended.json.pop("request_id") == sandbox.ledger[0].request_id
    told = {name: ended.json[name] for name in ("type", "conversation_id", "source_id", "outcome", "by_reading")}
    assert told == {
        "type": "redact_source",
        "conversation_id": "480",
        "source_id": "403918320",
        "outcome": "redacted",
        "by_reading": False,
    }


def test_a_refusal_is_one_line_and_status_1(aio: CommandLine, sandbox: Sandbox) -> None:
    """What Intercom refuses ends with 1, and one line on stderr says why."""
    ended = aio("redact", "source", 471, 403918311, "--yes")
    assert ended.status == 1
    assert ended.out.startswith("not redactable: ")
    assert len(ended.err.splitlines()) == 1
    assert "conversation_part_not_redactable" in ended.err


def test_an_unknown_outcome_is_status_4(aio: CommandLine, sandbox: Sandbox) -> None:
    """A write whose answer was lost, and that cannot be read back, ends with 4."""
    sandbox.fault(Fault(operation="redactConversation", when="after", drop=True, times=None))
    sandbox.fault(Fault(operation="retrieveConversation", status=403, code="forbidden", times=None))
    ended = aio("redact", "part", 471, 115, "--yes", "--json")
    assert (ended.status, ended.json["outcome"], ended.json["error"]) == (4, "unknown", "OutcomeUnknownError")


def test_a_lost_answer_is_settled_by_reading(aio: CommandLine, sandbox: Sandbox) -> None:
    """Where reading back shows the effect, the outcome is told with by_reading."""
    sandbox.fault(Fault(operation="redactConversation", when="after", drop=True))
    ended = aio("redact", "part", 471, 115, "--yes", "--json")
    assert (ended.status, ended.json["outcome"], ended.json["by_reading"]) == (0, "redacted", True)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("redact", "part", 471, 115), "would redact part 115 of conversation 471; nothing was sent"),
        (("redact", "source", 480, 403918320), "would redact source 403918320 of conversation 480; nothing was sent"),
    ],
)
def test_a_dry_run_sends_nothing(aio: CommandLine, sandbox: Sandbox, words: tuple[object, ...], what: str) -> None:
    """With --dry-run a write is described and no request leaves."""
    assert aio(*words, "--dry-run").out == f"{what}\n"
    assert aio(*words, "--dry-run", "--json").json["dry_run"] is True
    assert sandbox.requests == []


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("YES\n", 0), ("n\n", 3), ("\n", 3), ("", 3), ("yo\n", 3)])
def test_the_question_before_what_cannot_be_undone(
    aio: CommandLine, sandbox: Sandbox, answer: str, status: int
) -> None:
    """Only y and yes agree; the question names the workspace and its region, on stderr, and no ends with 3 and nothing
    sent.
    """
    ended = aio("redact", "part", 471, 115, answer=answer)
    question = "Redact part 115 of conversation 471 of workspace sandbox1 (EU)? This cannot be undone. [y/N] "
    assert ended.err.startswith(question)
    assert ended.status == status
    assert len(sandbox.ledger) == (status == 0)


def test_nobody_to_ask_is_wrong_usage(aio: CommandLine, sandbox: Sandbox) -> None:
    """Without a terminal and without --yes nothing is sent, and the status is 2."""
    ended = aio("redact", "part", 471, 115)
    assert (ended.status, ended.out) == (2, "")
    assert "--yes" in ended.err
    assert sandbox.ledger == []


WRONG = [
    (("redct",), 'Did you mean "redact"?'),
    (("redact", "part", "471"), "requires an argument"),
    (("redact", "part", "471", "115", "116", "--yes"), "1 words too many"),
    (("redact", "part", "../me", "115", "--yes"), "conversation_id must not hold"),
    (("redact", "part", "471", "", "--yes"), "part_id must not be empty"),
    (("redact", "source", "471", "a/b", "--yes"), "source_id must not hold"),
    (("redact", "all", "a b", "--yes"), "conversation_id must not hold"),
    (("redact", "all", "471", "--find", "names"), "card_number"),
    (("redact", "all", "471", "--pattern", "order"), "NAME=REGEX"),
    (("redact", "all", "471", "--pattern", "order=("), "no regular expression"),
    (("redact", "all", "471", "--find", "iban", "--find", "iban"), "the same name"),
    (("redact", "all", "471", "--find", "phone", "--phone-region", "Mars"), "no region of phone numbers"),
    (("convert", "474"), "--type"),
    (("convert", "474", "--type", "95", "--attribute", "amount"), "NAME=VALUE"),
    (("convert", "474", "--type", "95", "--attribute", "a=1", "--attribute", "a=2"), "each name once"),
    (("convert", "474", "--type", "95", "--attribute", "a:=High"), "takes JSON"),
    (("sandbox", "--port", "70000"), "65535"),
    (("sandbox", "--limit", "-1"), "limit"),
    (("completion", "tcsh"), "zsh"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_usage_ends_with_2_and_says_what(
    aio: CommandLine, sandbox: Sandbox, words: tuple[str, ...], said: str
) -> None:
    """What cannot be carried out as it was typed ends with 2, says why in one line, and sends nothing."""
    ended = aio(*words)
    assert ended.status == 2
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert sandbox.requests == []


NO_WORKSPACE = [
    (("--region", "mars"), "unknown region"),
    (("--token", "x"), "Unknown option"),
    (("--base-url", "http://api.example.com"), "https"),
    (("--sandbox", "--base-url", "http://127.0.0.1:1"), "--sandbox is a workspace of its own"),
    (("--sandbox", "--region", "EU"), "--sandbox is a workspace of its own"),
]


@pytest.mark.parametrize(("words", "said"), NO_WORKSPACE)
def test_a_workspace_that_cannot_be_meant(aio: CommandLine, served: Sandbox, words: tuple[str, ...], said: str) -> None:
    """A region, an address or a combination that makes no sense ends with 2, and nothing is sent."""
    ended = aio("whoami", *words)
    assert (ended.status, len(ended.err.splitlines())) == (2, 1)
    assert said in ended.err
    assert served.requests == []


def test_token_and_address_come_from_the_environment(aio: CommandLine, served: Sandbox) -> None:
    """INTERCOM_ACCESS_TOKEN and INTERCOM_BASE_URL say which workspace; an address that was typed goes before."""
    assert aio("whoami").out.startswith("workspace sandbox1 (US)")
    assert len(served.requests) == 1
    with Sandbox(TOKEN, region="Australia").serve() as other:
        assert aio("whoami", "--base-url", other.url).out.startswith("workspace sandbox1 (AU)")


def test_the_token_is_never_an_argument(aio: CommandLine, served: Sandbox) -> None:
    """A token given as an option is refused, and is not repeated in the error."""
    assert aio("whoami", f"--token={TOKEN}").status == 2
    assert aio("whoami", TOKEN).status == 2


def test_without_a_token_and_a_terminal_it_says_where_a_token_comes_from(aio: CommandLine) -> None:
    """Where no token is set and nobody can type one, the status is 2 and the variable is named."""
    ended = aio("whoami")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "aiointercom: no token: set INTERCOM_ACCESS_TOKEN\n"


@pytest.mark.parametrize(("typed", "status"), [(f" {TOKEN} \n", 0), ("", 2)])
def test_a_token_is_asked_for_at_a_terminal(
    aio: CommandLine, served: Sandbox, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    """At a terminal the token is typed without being seen; nothing typed is no token."""
    monkeypatch.delenv("INTERCOM_ACCESS_TOKEN")
    monkeypatch.setattr(talk, "getpass", lambda _prompt: typed)
    assert aio("whoami", answer="").status == status
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", TOKEN)


def test_a_terminal_that_cannot_hide_the_token_is_not_asked(
    aio: CommandLine, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the echo cannot be turned off the token is not asked for, and the variable is named."""

    def shows_it(_prompt: str) -> str:
        warnings.warn("it will be seen", getpass.GetPassWarning, stacklevel=1)
        return TOKEN

    monkeypatch.delenv("INTERCOM_ACCESS_TOKEN")
    monkeypatch.setattr(talk, "getpass", shows_it)
    assert aio("whoami", answer="").err == "aiointercom: no token: set INTERCOM_ACCESS_TOKEN\n"
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", TOKEN)


def test_verbose_shows_ids_and_no_content(aio: CommandLine, sandbox: Sandbox) -> None:
    """--verbose prints the client's records on stderr: operations, ids and codes; stdout stays as it was."""
    ended = aio("redact", "part", 471, 115, "--yes", "--verbose", "--json")
    assert ended.json["outcome"] == "redacted"
    assert "POST /conversations/redact" in ended.err
    assert "555-0117" not in ended.err


def test_the_sandbox_needs_no_account(aio: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --sandbox a command works without a token, whatever the environment says of region and address."""
    monkeypatch.setenv("INTERCOM_REGION", "mars")
    monkeypatch.setenv("INTERCOM_BASE_URL", "http://127.0.0.1:9")
    assert aio("whoami", "--sandbox").out.startswith("workspace sandbox1 (US)")
    assert aio("redact", "part", 471, 115, "--sandbox", "--yes").status == 0


def test_the_whole_of_a_conversation(aio: CommandLine, sandbox: Sandbox) -> None:
    """redact all redacts what Intercom redacts, prints the coverage, and ends with 0 as nothing remains."""
    ended = aio("redact", "all", 480, "--yes")
    assert ended.status == 0
    assert dict(line.split("  ", 1) for line in ended.out.splitlines()).keys() == {
        "parts           ".strip(),
        "redacted      ".strip(),
        "skipped: no body",
        "complete     ".strip(),
    }
    assert {effect.target_id for effect in sandbox.ledger} == {"120", "121", "403918320"}


def test_the_whole_with_a_rest_is_status_1(aio: CommandLine, sandbox: Sandbox) -> None:
    """Where something that was wanted remains, as a source that an admin wrote, the coverage is not complete and the
    status 1.
    """
    ended = aio("redact", "all", 471, "--yes", "--json")
    assert (ended.status, ended.json["complete"], ended.json["remaining"]) == (1, False, ["403918311"])


def test_the_whole_selects_with_detectors(aio: CommandLine, sandbox: Sandbox) -> None:
    """With --find and --pattern only messages in which something is found are redacted."""
    ended = aio("redact", "all", 480, "--find", "card_number", "--pattern", "travel=pass(port|age)", "--yes", "--json")
    assert ended.json["redacted"] == ["120", "403918320"]
    assert ended.status == 0


def test_the_whole_as_a_dry_run_reads_only(aio: CommandLine, sandbox: Sandbox) -> None:
    """redact all --dry-run reads the conversation once and names what would be redacted."""
    ended = aio("redact", "all", 480, "--find", "card_number", "--dry-run")
    assert ended.out == "would redact source 403918320 of conversation 480\n"
    assert ended.err == "1 message; nothing was sent\n"
    assert [one["source_id"] for one in aio("redact", "all", 480, "--find", "card_number", "--dry-run", "--json").lines]
    assert sandbox.ledger == []


def test_the_whole_with_an_unknown_rest_is_status_4(aio: CommandLine, sandbox: Sandbox) -> None:
    """Where nobody can say what became of one message, the status is 4."""
    sandbox.fault(Fault(operation="redactConversation", drop=True, times=None))
    sandbox.fault(Fault(operation="retrieveConversation", status=403, code="forbidden", skip=1))
    ended = aio("redact", "all", 480, "--find", "card_number", "--yes", "--json")
    assert (ended.status, [*ended.json["unknown"]]) == (4, ["403918320"])


def test_the_whole_that_is_stopped_tells_what_was_done(aio: CommandLine, sandbox: Sandbox) -> None:
    """A failure that would hit all that follows ends it, with the coverage until then and the error."""
    sandbox.fault(Fault(operation="redactConversation", status=401, code="token_revoked", times=None, skip=1))
    ended = aio("redact", "all", 480, "--yes", "--json")
    assert ended.status == 3
    assert ended.json["redacted"] == ["120"]
    assert "token_revoked" in ended.err


def test_the_whole_of_what_cannot_be_read(aio: CommandLine, sandbox: Sandbox) -> None:
    """A conversation that is not there ends with 1 and one line."""
    ended = aio("redact", "all", 9, "--yes")
    assert (ended.status, ended.out, len(ended.err.splitlines())) == (1, "", 1)


def test_a_conversion_takes_names_as_people_see_them(aio: CommandLine, sandbox: Sandbox) -> None:
    """convert looks up names and labels, sends the API's own, and ends with 0."""
    words = ("--type", 95, "--title", "Broken kettle", "--attribute", "Priority=High", "--attribute", "amount=39.9")
    ended = aio("convert", 474, *words, "--yes", "--json")
    assert (ended.status, ended.json["outcome"]) == (0, "converted")
    sent = sandbox.conversation(474)["ticket"]["custom_attributes"]
    assert sent["priority"]["value"] == "5b0c6f7e-2d1a-4c8e-9f43-7a1e0d9b6c21"
    assert sent["amount"]["value"] == 39.9
    assert "kettle" not in ended.out + ended.err


def test_a_conversion_that_does_not_fit_is_refused_before_it_is_sent(aio: CommandLine, sandbox: Sandbox) -> None:
    """Attributes that the ticket type does not have end with 2, all named at once, and nothing was converted."""
    ended = aio("convert", 474, "--type", 95, "--attribute", "Priority=Higher", "--attribute", "Colour=red", "--yes")
    assert ended.status == 2
    assert all(word in ended.err for word in ("Priority", "High", "Colour", "amount"))
    assert sandbox.ledger == []


def test_a_dry_run_of_a_conversion_checks_it(aio: CommandLine, sandbox: Sandbox) -> None:
    """convert --dry-run reads the ticket type: what does not fit ends with 2, what fits is described, and no write is
    sent.
    """
    words = ("convert", 474, "--type", 95, "--title", "Kettle", "--dry-run")
    assert aio(*words).status == 2
    ended = aio(*words, "--attribute", "amount=1")
    assert ended.out == "would convert conversation 474 to a ticket of type 95; nothing was sent\n"
    assert {one.method for one in sandbox.requests} == {"GET"}


def test_a_value_can_be_sent_as_it_is(aio: CommandLine, sandbox: Sandbox) -> None:
    """NAME:=JSON is sent unchecked, as the way around what is not known of ticket types."""
    item = "c4e19a02-8b5d-4f76-a3c0-1f2d7e6b9a58"
    words = ("--type", 95, "--attribute", "amount:=2.5", "--attribute", f'priority:="{item}"')
    assert aio("convert", 474, *words, "--yes").status == 0
    sent = sandbox.conversation(474)["ticket"]["custom_attributes"]
    assert (sent["amount"]["value"], sent["priority"]["value"]) == (2.5, item)


def test_a_conversion_of_a_ticket_is_refused(aio: CommandLine, sandbox: Sandbox) -> None:
    """A conversation that is a ticket already ends with 1."""
    ended = aio("convert", 493, "--type", 79, "--yes", "--json")
    assert (ended.status, ended.json["outcome"]) == (1, "already_ticket")


def test_completion_prints_a_script(aio: CommandLine) -> None:
    """completion prints what a shell needs, for each of the three."""
    for shell in ("bash", "zsh", "fish"):
        assert "aiointercom" in aio("completion", shell).out


def test_the_version(aio: CommandLine) -> None:
    """--version prints the package's version."""
    from aiointercom import __version__

    assert aio("--version").out.strip() == __version__


@pytest.mark.parametrize(
    "command", ["whoami", "redact part", "redact source", "redact all", "convert", "plan", "run", "report", "sandbox"]
)
def test_every_option_is_explained(aio: CommandLine, command: str) -> None:
    """--help of every command ends with 0, explains each of its options, and tells the exit statuses."""
    ended = aio(*command.split(), "--help")
    assert (ended.status, ended.err) == (0, "")
    assert "Exit status: 0 all done" in ended.out
    listed = re.findall(r"^│ (?:\*  |   )?(--[\w-]+|[A-Z]{2,})(?: -\w)?( {2,}\S)?", ended.out, re.MULTILINE)
    assert [name for name, explained in listed if not explained] == []
    assert listed


def test_help_breaks_lines_at_the_width_of_the_terminal_only(aio: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a wide terminal each paragraph and each option is one line, wherever the docstring breaks it."""
    monkeypatch.setattr(app, "_console", Console(width=600))  # one that was made in another test keeps its width
    ended = aio("run", "--help")
    assert re.search(
        r"^Whatever happens.* was under way is read first\..* loses nothing either\. *$", ended.out, re.MULTILINE
    )
    assert re.search(r"--ids .*a heading are passed over\.", aio("plan", "--help").out)


def test_a_fault_of_the_program_shows_no_text(aio: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody expected is one line with its class and place; its text could be a message."""

    def fails(*_: object, **__: object) -> None:
        raise ValueError("invalid literal: 'my card is 4000 0000'")

    monkeypatch.setattr("aiointercom.cli.single.workspace_of", fails)
    ended = aio("whoami", "--sandbox")
    assert ended.status == 3
    assert ended.err.startswith("aiointercom: an error in this program: ValueError at test_cli_single.py:")
    assert "4000" not in ended.err


def test_what_a_terminal_would_obey_is_not_printed(aio: CommandLine, sandbox: Sandbox) -> None:
    """Control characters of what is printed become question marks, also in errors."""
    assert "\x1b" not in aio("redact", "part", "471\x1b[2J", "1", "--yes").err
    assert "\x1b" not in aio("whoami", "--\x1b[2J").err


@pytest.mark.parametrize("missing", ["cyclopts", "rich"])
def test_without_the_extra_it_says_how_to_get_it(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where what the extra brings is not installed, the command names the extra and ends with 2."""
    for name in [name for name in sys.modules if name.startswith("aiointercom.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [missing, *(name for name in sys.modules if name.startswith(f"{missing}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    assert cli.main(["whoami"]) == 2
    assert capsys.readouterr().err == 'aiointercom: the command line needs: pip install "aiointercom[cli]"\n'


def test_a_module_of_ours_that_is_missing_is_no_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the extra brings is taken for a missing extra."""
    for name in [name for name in sys.modules if name.startswith("aiointercom.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiointercom.cleanup", None)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["whoami"])


@pytest.mark.parametrize("words", [(), ("redact",)])
def test_no_command_is_help_and_wrong_usage(aio: CommandLine, words: tuple[str, ...]) -> None:
    """Without a command the help is shown, and a script sees by the status that nothing was done."""
    ended = aio(*words)
    assert (ended.status, ended.err) == (2, "")
    assert "Commands" in ended.out


def test_json_is_json(aio: CommandLine, sandbox: Sandbox) -> None:
    """Every command with --json prints lines of JSON, and nothing else, on stdout."""
    for words in (("whoami",), ("redact", "part", 480, 120, "--yes"), ("redact", "part", 480, 122, "--yes")):
        for line in aio(*words, "--json").out.splitlines():
            assert isinstance(json.loads(line), dict)
