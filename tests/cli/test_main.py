from __future__ import annotations

import subprocess
import sys

import pytest

from cli_shell import TOKENWARD, Shell
from tokenward.cli.main import main

VERBS = (
    *(
        "server",
        "redact",
        "watch",
        "run",
        "env",
        "exec",
        "shell",
        "get",
        "put",
        "list",
        "lease",
        "rename",
        "rm",
        "move",
        "restore",
        "inject",
        "credential",
        "review",
        "report",
    ),
    *("approve", "bind", "unbind", "workspaces", "vault", "ledger", "doctor"),
)


def through_shell(shell: Shell, command: str) -> tuple[int, str]:
    """Return the exit code and stderr of `tokenward` in a line of sh, where it is called $0."""
    done = subprocess.run(
        ["sh", "-c", command, TOKENWARD],
        env=dict(shell.environment),
        cwd=shell.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stderr.decode()


def test_the_help_lists_every_verb_with_a_whole_sentence_under_a_heading(bare_shell: Shell) -> None:
    done = bare_shell("--help", COLUMNS="80")
    assert done.code == 0
    lines = [line for line in done.text.partition("Find tokens:\n")[2].splitlines() if line]
    assert {"Move tokens:", "AI agents:", "After a leak:"} <= set(lines)
    listed = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert set(VERBS) <= set(listed)
    assert [verb for verb in VERBS if "..." in listed[verb]] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(bare_shell: Shell, verb: str) -> None:
    long, short = bare_shell(verb, "--help"), bare_shell(verb, "-h")
    assert (long.code, long.err, long.out) == (0, "", short.out)
    assert long.text.startswith(f"Usage: tokenward {verb} ")


LOADS_ALL = """
import sys
from types import ModuleType
sys.modules |= dict.fromkeys(["termios", "pty", "tty"])
# It chooses by the system, not by these modules.
chosen = sys.modules["tokenward.operations.terminal.run_command"] = ModuleType("run_command")
chosen.run_filtered = chosen.run_unfiltered = None
from tokenward.cli.app import VERBS, load_verb
for verb in VERBS:
    load_verb(verb)
"""


def test_every_verb_loads_where_no_terminal_of_posix_is() -> None:
    assert subprocess.run([sys.executable, "-c", LOADS_ALL], check=False).returncode == 0


def test_the_help_and_the_completion_of_verbs_load_none(bare_shell: Shell) -> None:
    completing = bare_shell.having(
        _TOKENWARD_COMPLETE="complete_bash", COMP_WORDS="tokenward le", COMP_CWORD="1"
    )
    assert sorted(completing().text.split()) == ["lease", "leave", "ledger"]
    code = (
        "import sys; from tokenward.cli.app import app; app(sys.argv[1:], standalone_mode=False);"
        " print(*(one for one in sys.modules if one.startswith('tokenward.cli.verbs')))"
    )
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, check=True)
    assert b"leave " in done.stdout
    assert b"tokenward.cli.verbs" not in done.stdout


def test_without_a_verb_the_help_is_a_failure(bare_shell: Shell) -> None:
    for arguments, heading in (([], "Find tokens:\n"), (["vault"], "Commands:\n")):
        done = bare_shell(*arguments)
        assert (done.code, done.out) == (2, b"")
        assert heading in done.err


@pytest.mark.parametrize(
    "arguments", [["nosuch"], ["--nosuch"], ["get"], ["list", "--format", "xml"], ["list", "A"]]
)
def test_a_usage_error_is_one_sentence_that_names_the_help(bare_shell: Shell, arguments: list[str]) -> None:
    done = bare_shell(*arguments)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("tokenward: ")
    assert done.err.endswith("--help`.\n")
    assert done.err.count("\n") == 1


@pytest.mark.usefixtures("own_interpreter")
def test_the_version_is_printed(bare_shell: Shell) -> None:
    assert bare_shell("--version").text.startswith("tokenward 0.")


def test_a_reader_that_has_gone_is_no_reason_to_complain(bare_shell: Shell) -> None:
    for command in ("--help", "doctor", "list --format json"):
        code, err = through_shell(bare_shell, f'{{ "$0" {command}; echo "code $?" >&2; }} | true')
        assert (code, err) in ((0, "code 1\n"), (0, "code 0\n")), command


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_under_the_output_is_a_failure(bare_shell: Shell, unbuffered: str) -> None:
    shell = bare_shell.having(PYTHONUNBUFFERED=unbuffered)
    for command in ("--help", "list --format json"):
        code, err = through_shell(shell, f'"$0" {command} >/dev/full')
        assert (code, "No space left on device" in err, err.count("\n")) == (2, True, 1), command


def test_a_closed_output_is_a_failure_and_a_closed_stderr_is_not(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    assert through_shell(shell, '"$0" get TOKEN >&-') == (
        2,
        "tokenward: Nothing can be printed because stdout is closed; open it and try again.\n",
    )
    assert through_shell(shell, 'test "$("$0" get TOKEN 2>&-)" = "the value"') == (0, "")


def test_a_closed_input_holds_no_value(bare_shell: Shell) -> None:
    code, err = through_shell(bare_shell, '"$0" put TOKEN <&-')
    assert code == 2
    assert (
        err == "tokenward: The value of TOKEN cannot be read because stdin is closed; nothing was stored.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1"])
def test_a_value_is_printed_in_utf_8_in_every_locale(shell: Shell, locale: str) -> None:
    shell = shell.having(LC_ALL=locale, PYTHONIOENCODING="ascii", PYTHONCOERCECLOCALE="0")
    shell.put("TOKEN", "ключ 🔑")
    assert shell.get("TOKEN") == "ключ 🔑"
    assert shell("doctor").code == 0


def test_a_failure_of_ours_shows_its_place_and_no_more(bare_shell: Shell) -> None:
    # A broken third-party package simulates any bug; tables are drawn with this one.
    broken = bare_shell.folder / "broken" / "rich"
    broken.mkdir(parents=True)
    broken.joinpath("__init__.py").write_text("raise RuntimeError('the value')\n")
    with bare_shell.having(PYTHONPATH=str(broken.parent)).terminal("scan") as terminal:
        assert terminal.end() == 70
    assert "tokenward: Unexpected RuntimeError at __init__.py:1 < " in terminal.shown
    assert "the value" not in terminal.shown
    assert "Traceback" not in terminal.shown


@pytest.mark.parametrize(
    ("failure", "missing"),
    [
        ("libstdc++.so.6: cannot open shared object file: No such file or directory", "libstdc++.so.6"),
        ("/lib/libc.so.6: version `GLIBC_2.28' not found (required by /a.so)", "GLIBC_2.28"),
        ("DLL load failed while importing _native: the module", "a library of kingfisher_sdk._native"),
    ],
)
def test_a_library_that_the_system_lacks_is_named(bare_shell: Shell, failure: str, missing: str) -> None:
    engine = bare_shell.folder / "broken" / "kingfisher_sdk"
    engine.mkdir(parents=True)
    engine.joinpath("__init__.py").touch()
    engine.joinpath("_native.py").write_text(f"raise ImportError({failure!r}, name=__name__)\n")
    for option in ("--cache", "--no-cache"):
        done = bare_shell.having(PYTHONPATH=str(engine.parent))("scan", option)
        assert done.code == 2
        assert done.err.startswith(
            f"tokenward: The engine that finds tokens does not load because {missing} is"
        )
        assert done.err.count("\n") == 1


def test_arguments_reach_the_verbs_as_they_were_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toolkit would expand them on Windows."""
    given: dict[str, object] = {}
    monkeypatch.setattr("tokenward.cli.app.app", lambda **options: given.update(options))
    monkeypatch.setattr("tokenward.core_dumps.prevent", lambda: None)
    with pytest.raises(SystemExit):
        main()
    assert given["windows_expand_args"] is False
