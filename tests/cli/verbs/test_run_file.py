"""`run --file`: a command finds a file with its tokens, which nobody else can read and which goes with the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import git_tree
import tokens
from cli_shell import PATIENCE, TOKENWARD, Done, Shell
from starts import in_session

TOKEN = tokens.github("file")
FILLED = f'{{"token": "{TOKEN}"}}\n'
BOTH = pytest.mark.parametrize("option", ["--no-mask", "--mask"])


@pytest.fixture
def template(shell: Shell) -> Shell:
    """A workspace with a token and a template that names it."""
    shell.put("TOKEN", TOKEN)
    shell.folder.joinpath("conf.tmpl.json").write_text('{"token": "keyring://acme-api/TOKEN"}\n')
    return shell


def run(shell: Shell, *command: str, place: str = "conf.json", options: tuple[str, ...] = ()) -> Done:
    return shell("run", *options, "--file", f"conf.tmpl.json={place}", "--", *command)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def notes(shell: Shell) -> list[Path]:
    return list(Path(shell.environment["HOME"], ".local", "share", "tokenward", "writes").glob("*"))


@BOTH
def test_the_command_finds_a_private_file_that_is_gone_afterwards(template: Shell, option: str) -> None:
    script = "stat -c %a conf.json; wc -c < conf.json; grep -c keyring conf.json; cmp conf.json expected"
    template.folder.joinpath("expected").write_text(FILLED)
    done = run(template, "sh", "-c", script, options=(option,))
    assert (done.code, done.text.split(), done.err) == (0, ["600", str(len(FILLED)), "0"], "")
    assert names(template.folder) == ["conf.tmpl.json", "expected"]
    assert notes(template) == []


def test_the_output_is_masked_for_the_values_of_the_file(template: Shell) -> None:
    assert TOKEN not in run(template, "cat", "conf.json").text
    assert run(template, "cat", "conf.json", options=("--no-mask",)).text == FILLED


def test_a_private_file_is_named_in_the_arguments_and_in_a_variable(template: Shell) -> None:
    """Several files work, and the folder disappears with all that the command wrote into it."""
    command = ["sh", "-c", 'cat "$0" "$B"; touch "$A.bak"; echo "$A"; stat -c %a "$(dirname "$A")"', "{A}"]
    options = ("--no-mask", "--file", "conf.tmpl.json={B}")
    done = run(template, *command, place="{A}", options=options)
    *shown, path, mode = done.text.splitlines(keepends=True)
    assert ("".join(shown), mode) == (FILLED * 2, "700\n")
    assert path.endswith("/conf.tmpl.json\n")
    assert not Path(path).parent.exists()


def test_a_private_file_is_kept_in_memory_where_the_system_has_a_place_for_it(
    template: Shell, tmp_path: Path
) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(0o700)
    shell = template.having(XDG_RUNTIME_DIR=str(runtime))
    assert run(shell, "printenv", "A", place="{A}").text.startswith(f"{runtime}/tokenward-")
    assert names(runtime) == []
    runtime.chmod(0o755)
    assert not run(shell, "printenv", "A", place="{A}").text.startswith(str(runtime))


@BOTH
@pytest.mark.parametrize(
    ("script", "code"), [("exit 7", 7), ("kill -KILL $$", 128 + 9), ("kill -TERM $$", 128 + 15)]
)
def test_the_exit_code_is_the_commands_and_the_file_goes(
    template: Shell, option: str, script: str, code: int
) -> None:
    assert run(template, "sh", "-c", f"test -f conf.json && {script}", options=(option,)).code == code
    assert names(template.folder) == ["conf.tmpl.json"]


@BOTH
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_reaches_the_command_and_the_file_goes(template: Shell, option: str, name: str) -> None:
    script = f"trap 'cat conf.json > seen; exit 7' {name.removeprefix('SIG')}; echo ready; while :; do sleep 0.05; done"
    with in_session(
        [TOKENWARD, "run", option, "--file", "conf.tmpl.json=conf.json", "--", "sh", "-c", script],
        template.environment,
        template.folder,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, name))
        assert process.wait(PATIENCE) == 7
    assert template.folder.joinpath("seen").read_text() == FILLED
    assert names(template.folder) == ["conf.tmpl.json", "seen"]


def test_at_a_terminal_the_command_has_it(template: Shell) -> None:
    probe = "import os; print([os.isatty(n) for n in (0, 1, 2)], os.tcgetpgrp(0) == os.getpgrp())"
    arguments = ("run", "--file", "conf.tmpl.json=conf.json", "--", sys.executable, "-c", probe)
    with template.terminal(*arguments) as terminal:
        assert terminal.end() == 0
    assert terminal.shown.strip() == "[True, True, True] True"


def test_ctrl_c_reaches_the_command_once_and_the_file_goes(template: Shell) -> None:
    handler = "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done"
    with template.terminal(
        "run", "--file", "conf.tmpl.json=conf.json", "--", "sh", "-c", handler
    ) as terminal:
        terminal.expect("ready")
        terminal.type("\x03")
        assert terminal.end() == 7
    assert terminal.shown.replace("^C", "").split() == ["ready", "caught"]
    assert names(template.folder) == ["conf.tmpl.json"]


def test_a_command_that_does_not_start_leaves_no_file(template: Shell) -> None:
    template.write_script("broken", "#!/no/such/interpreter\n")
    assert run(template, "./broken").code == 126
    assert run(template, "no-such-command").code == 127
    assert names(template.folder) == ["broken", "conf.tmpl.json"]


def test_one_reference_that_is_missing_keeps_everything_from_starting(template: Shell) -> None:
    template.write_env("OTHER=keyring://acme-api/MISSING")
    done = run(template, "touch", "started")
    assert (done.code, done.err.count("\n"), "MISSING" in done.err) == (125, 1, True)
    assert names(template.folder) == [".env", "conf.tmpl.json"]


def test_all_values_are_one_use_of_the_lease(template: Shell) -> None:
    """The same token in the environment and in two files counts once."""
    template.write_env("TOKEN=keyring://acme-api/TOKEN")
    assert template("lease", "TOKEN", "--uses", "2").code == 0
    for code in (0, 0, 125):
        assert run(template, "true", options=("--file", "conf.tmpl.json={A}")).code == code
    assert len(template("ledger", "show", "--event", "resolved").text.splitlines()) == 2


def test_the_lease_decides_by_the_program_that_gets_the_file(template: Shell) -> None:
    assert template("lease", "TOKEN", "--only", "/bin/cat").code == 0
    assert run(template, "/bin/cat", "conf.json").code == 0
    assert run(template, "/bin/ls").code == 125


def test_a_template_elsewhere_belongs_to_its_own_workspace(template: Shell, tmp_path: Path) -> None:
    """The references of each file must belong to the workspace of that file, and to no other."""
    other = tmp_path / "other"
    other.mkdir()
    source = template.folder / "conf.tmpl.json"
    done = template.at(other)("run", "--no-mask", "--file", f"{source}={{A}}", "--", "cat", "{A}")
    assert done.text == FILLED
    copy = other / "conf.tmpl.json"
    copy.write_text(source.read_text())
    other.joinpath(".env").write_text("URL=https://example.com/?${keyring://acme-api/TOKEN}\n")
    for options in ((f"{copy}={{A}}",), (f"{source}={{A}}",)):
        done = template.at(other)("run", "--file", *options, "--", "true")
        assert (done.code, "belongs to" in done.err) == (125, True)


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling", "fifo", "template"])
def test_what_is_there_is_refused_and_kept(template: Shell, kind: str) -> None:
    place, other = template.folder / "conf.json", template.folder / "other"
    other.write_text("")
    {
        "file": lambda: place.write_text(""),
        "folder": place.mkdir,
        "link": lambda: place.symlink_to(other),
        "dangling": lambda: place.symlink_to("nowhere"),
        "fifo": lambda: os.mkfifo(place),
        "template": lambda: place.symlink_to("conf.tmpl.json"),
    }[kind]()
    before = names(template.folder)
    done = run(template, "touch", "started")
    assert (done.code, done.err.count("\n"), "exists already" in done.err) == (125, 1, True)
    assert template("list").code == 0
    assert names(template.folder) == before
    assert other.read_text() == ""


def test_a_file_that_appears_at_the_last_moment_is_refused_and_kept(template: Shell, tmp_path: Path) -> None:
    """It appears after the record was written, and looks as ours would before it has any content."""
    intruder = tmp_path / "intruder"
    intruder.mkdir()
    intruder.joinpath("sitecustomize.py").write_text(
        "import os, sys\n"
        "def hook(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('/conf.json') and args[2] & os.O_CREAT:\n"
        "        if not os.path.exists('conf.json'): os.mknod('conf.json', 0o600)\n"
        "sys.addaudithook(hook)\n"
    )
    done = run(template.having(PYTHONPATH=str(intruder)), "touch", "started")
    assert (done.code, "exists already" in done.err) == (125, True)
    assert template("list").code == 0
    assert names(template.folder) == ["conf.json", "conf.tmpl.json"]


@pytest.mark.parametrize("kind", ["missing", "link", "file", "open to others", "Git's own"])
def test_a_folder_that_is_not_the_users_own_is_refused(template: Shell, kind: str, tmp_path: Path) -> None:
    folder = template.folder / (".git" if kind == "Git's own" else "sub")
    if kind == "link":
        folder.symlink_to(tmp_path)
    elif kind == "file":
        folder.write_text("")
    elif kind != "missing":
        folder.mkdir()
    if kind == "open to others":
        folder.chmod(0o777)
    done = run(template, "touch", "started", place=f"{folder.name}/conf.json")
    assert (done.code, done.err.count("\n")) == (125, 1), done.err
    assert not folder.is_dir() or not [*folder.glob("conf.json")]
    assert not template.folder.joinpath("started").exists()


@pytest.mark.parametrize("argument", ["conf.tmpl.json", "=conf.json", "conf.tmpl.json="])
def test_a_file_without_a_place_or_a_template_is_refused(template: Shell, argument: str) -> None:
    done = template("run", "--file", argument, "--", "touch", "started")
    assert (done.code, "TEMPLATE=PLACE" in done.err) == (125, True)
    assert names(template.folder) == ["conf.tmpl.json"]


def test_what_git_would_commit_is_said_in_one_line(template: Shell) -> None:
    git_tree.repository(template.folder)
    done = run(template, "true")
    assert (done.code, done.err.count("\n"), "Git would commit" in done.err) == (0, 1, True)
    template.folder.joinpath(".gitignore").write_text("/conf.json\n")
    assert run(template, "true").err == ""


def test_what_the_command_makes_of_the_file(template: Shell) -> None:
    """Changed in place or replaced by a file with a value, it goes; another file of the same name stays."""
    assert run(template, "sh", "-c", "echo more >> conf.json").code == 0
    assert names(template.folder) == ["conf.tmpl.json"]
    assert run(template, "sh", "-c", "cp conf.json new && mv new conf.json").code == 0
    assert names(template.folder) == ["conf.tmpl.json"]
    done = run(template, "sh", "-c", "echo mine > new && mv -f new conf.json")
    assert (done.code, "so it stays" in done.err) == (0, True)
    assert template.folder.joinpath("conf.json").read_text() == "mine\n"


def test_killed_it_leaves_a_file_that_the_next_command_in_any_folder_removes(
    template: Shell, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for place in ("conf.json", "{A}"):
        process = start(template, place)
        (left,) = find(template, tmp_path)
        process.kill()
        process.wait(PATIENCE)
        assert left.exists()
        assert template.at(other)("list").code == 0
        assert find(template, tmp_path) == []
        assert notes(template) == []
    assert names(template.folder) == ["conf.tmpl.json"]


def test_a_file_that_is_in_use_is_not_removed_by_other_commands(template: Shell, tmp_path: Path) -> None:
    process = start(template, "conf.json")
    assert template("list").code == 0
    assert run(template, "true").code == 125
    (file,) = find(template, tmp_path)
    assert file.read_text() == FILLED
    process.terminate()
    process.wait(PATIENCE)
    assert find(template, tmp_path) == []


def test_a_leftover_that_was_changed_stays_and_is_named_once(template: Shell, tmp_path: Path) -> None:
    process = start(template, "conf.json")
    process.kill()
    process.wait(PATIENCE)
    with template.folder.joinpath("conf.json").open("a") as file:
        file.write("mine\n")
    done = template("list")
    assert (done.code, "conf.json was left by a `tokenward run --file`" in done.err) == (0, True)
    assert template("list").err == ""
    assert run(template, "true").code == 125
    assert template.folder.joinpath("conf.json").read_text() == f"{FILLED}mine\n"


def start(shell: Shell, place: str) -> subprocess.Popen[bytes]:
    """Start a command that runs until tokenward is killed or terminated."""
    script = "echo ready; exec >&-; while kill -0 $PPID 2>&-; do sleep 0.05; done"
    arguments = ["run", "--no-mask", "--file", f"conf.tmpl.json={place}", "--", "sh", "-c", script]
    process = in_session([TOKENWARD, *arguments], shell.environment, shell.folder, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"ready\n"
    return process


def find(shell: Shell, tmp_path: Path) -> list[Path]:
    """Return the filled files, wherever they are."""
    folders = (tmp_path, *(Path(shell.environment[name]) for name in ("HOME", "XDG_RUNTIME_DIR")))
    found = {path for folder in folders for path in folder.rglob("conf*.json")}
    return sorted(found - {shell.folder / "conf.tmpl.json"})


@pytest.mark.slow
def test_at_no_moment_can_others_read_it(template: Shell, tmp_path: Path) -> None:
    """With a umask that keeps nothing from others, a file with a value is private from its first moment."""
    witness = tmp_path / "witness"
    witness.mkdir()
    witness.joinpath("sitecustomize.py").write_text(
        "import os, sys\n"
        "def look(frame, event, called):\n"
        "    if event in ('c_call', 'c_return') and os.path.exists('conf.json'):\n"
        "        sys.setprofile(None)\n"
        "        status = os.lstat('conf.json')\n"
        "        with open(os.environ['WITNESS'], 'a') as file:\n"
        "            file.write(f'{status.st_mode & 0o777:o} {status.st_size}\\n')\n"
        "        sys.setprofile(look)\n"
        "if os.environ.get('WITNESS'): os.umask(0); sys.setprofile(look)\n"
    )
    seen = tmp_path / "seen"
    shell = template.having(PYTHONPATH=str(witness), WITNESS=str(seen))
    assert run(shell, "/bin/true").code == 0
    lines = [line.split() for line in seen.read_text().splitlines()]
    assert {mode for mode, _ in lines} == {"600"}
    assert {int(size) for _, size in lines} == {0, len(FILLED)}


def test_a_signal_that_comes_before_the_command_has_started_reaches_it(template: Shell) -> None:
    command = [TOKENWARD, "run", "--file", "conf.tmpl.json=conf.json", "--", "sleep", "60"]
    with in_session(command, template.environment, template.folder) as process:
        while not template.folder.joinpath("conf.json").exists():
            time.sleep(0.001)
        process.terminate()
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert names(template.folder) == ["conf.tmpl.json"]
