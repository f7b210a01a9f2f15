"""A text can break its parser; the process with values goes on, and other texts are parsed as before."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
import threading
import time
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from examples import fewer
from rewriting.code.samples import SAMPLES
from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, spans_of
from tokenward import child
from tokenward.errors import RewriteRefused
from tokenward.rewriting import planner
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.planner import MAX_MEGABYTES, ByteEdit, Planner
from tokenward.rewriting.planner_process import GRAMMARS
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.settings_files.formats import FORMATS
from tokenward.rewriting.settings_files.setting_entry import SettingEntry
from tokenward.rewriting.tree import Tree
from tokenward.wire import ChildLost

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads about processes what Linux shows")

KIB_IN_MIB = 1_024
PLAIN = b"a: 1\n"


@pytest.fixture
def own() -> Iterator[Planner]:
    one = Planner()
    yield one
    one.close()


def process_of(one: Planner) -> Any:
    assert one._child is not None
    return one._child._process


def peak(pid: int) -> int:
    """Return the most memory that a process has had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // KIB_IN_MIB


def outcome(one: Planner, grammar: str, text: str) -> str:
    try:
        one.parse(grammar, text.encode() + b"\n")
    except RewriteRefused as refusal:
        return str(refusal)
    return ""


DEEP_YAML = {
    "lists at the last depth that is safe": "- " * 253 + "a",
    "lists": "- " * 254 + "a",
    "more lists": "- " * 300 + "a",
    "keys": "? " * 300 + "a",
    "indents": "".join(" " * depth + "a:\n" for depth in range(400)),
}


@pytest.mark.parametrize("text", DEEP_YAML.values(), ids=DEEP_YAML)
def test_yaml_that_breaks_its_parser_leaves_other_texts_alone(own: Planner, text: str) -> None:
    outcome(own, "yaml", text)
    tree, _ = own.parse("yaml", PLAIN)
    assert tree.root.type == "stream"


@pytest.mark.parametrize("text", DEEP_YAML.values(), ids=DEEP_YAML)
def test_yaml_that_would_break_its_parser_never_reaches_it(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenward.rewriting.syntax.parse", lambda *_: pytest.fail("it was parsed"))
    with pytest.raises(RewriteRefused, match="nested too deeply"):
        plan_rewrite(f"{text}\n# {TOKEN}\n", LANGUAGE["yaml"], spans_of(f"{text}\n# {TOKEN}\n"), REFERENCE)


@pytest.mark.parametrize(
    "text",
    [
        "".join("  " * depth + "a:\n" for depth in range(150)) + "  " * 150 + "T0K",
        "- " * 150 + "T0K",
        "a:\n" + "- b: c\n" * 500 + "k: T0K",
        "".join(" " * (depth % 60) + f"a{depth}:\n" for depth in range(59)) + " " * 60 + "k: T0K",
        'a: "- - - - ? : - -"\nk: T0K',
    ],
)
def test_yaml_that_people_write_is_moved(text: str) -> None:
    moved, _ = move("yaml", filled(text))
    assert str(REFERENCE) in moved


FILLERS = {
    "groovy": ('{"a":', 20_000),
    "swift": ("/*", 20_000),
    "lua": ("=> ", 8_000),
    "dart": ("-> ", 8_000),
    "perl": ('{"a":', 5_000),
    "rust": ('@"', 12_500),
}


@pytest.mark.slow
@pytest.mark.parametrize("grammar", FILLERS)
def test_a_parse_has_an_end_and_bounded_memory(
    own: Planner, grammar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "MAX_SECONDS", 1.0)
    filler, count = FILLERS[grammar]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome(own, grammar, filler * count)
    tree, _ = own.parse("yaml", PLAIN)
    assert tree.root.type == "stream"
    assert peak(process_of(own).pid) < MAX_MEGABYTES
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / KIB_IN_MIB < 64


def test_the_plan_for_a_jenkinsfile_has_bounded_memory() -> None:
    text = '{"a":' * 20_000 + f'"{TOKEN}"'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RewriteRefused):
        plan_rewrite(text, LANGUAGE["jenkins"], spans_of(text), REFERENCE)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / KIB_IN_MIB < 64


def test_a_text_that_takes_too_long_is_refused_at_once_the_next_time(
    own: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "MAX_SECONDS", 0.2)
    text = "=> " * 8_000
    assert "too long" in outcome(own, "lua", text)
    monkeypatch.setattr(own, "_running_child", lambda: pytest.fail("it was asked again"))
    for typed in (text, text + "x", "x" + text, text[:9_000] + "x" + text[9_000:]):
        assert "too long" in outcome(own, "lua", typed)


def test_another_text_is_not_refused_with_it(own: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "MAX_SECONDS", 0.2)
    assert outcome(own, "lua", "=> " * 8_000)
    assert not outcome(own, "lua", "x = 1\n" * 100)
    assert not outcome(own, "yaml", "a: 1\n" * 100)


def test_a_text_that_ends_the_process_does_so_once(own: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    text = DEEP_YAML["lists"]
    assert "parser failed" in outcome(own, "yaml", text)
    monkeypatch.setattr(own, "_running_child", lambda: pytest.fail("it was asked again"))
    assert "parser failed" in outcome(own, "yaml", text)


HERE, ELSEWHERE = Path("/acme"), Path("/other")
BREAKING = [f"{'- ' * 300}a{number}" for number in range(4)]
SPENT = "failed too often"


def ended_thrice(one: Planner, texts: Sequence[str] = tuple(BREAKING[:3])) -> None:
    with planner.parsing_for(HERE):
        assert ["parser failed" in outcome(one, "yaml", text) for text in texts] == [True] * 3


def test_a_grammar_that_three_texts_of_a_workspace_ended_is_refused_there(
    own: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the text, in whatever folder of the workspace."""
    ended_thrice(own)
    monkeypatch.setattr(own, "_running_child", lambda: pytest.fail("it was asked again"))
    with planner.parsing_for(HERE):
        for text in (BREAKING[3], "a: 1"):
            assert SPENT in outcome(own, "yaml", text)
            assert "yaml files" in outcome(own, "yaml", text)


def test_other_grammars_and_other_workspaces_are_parsed_after_it(own: Planner) -> None:
    ended_thrice(own)
    with planner.parsing_for(HERE):
        assert outcome(own, "json", '{"a": 1}') == ""
    for work in (planner.parsing_for(ELSEWHERE), contextlib.nullcontext()):
        with work:
            assert outcome(own, "yaml", "a: 1") == ""


def test_a_repository_that_marks_its_folders_as_workspaces_ends_the_process_nine_times(own: Planner) -> None:
    for number in range(12):
        with planner.parsing_for(HERE / str(number)):
            failure = outcome(own, "yaml", f"{'- ' * 300}b{number}")
            assert (SPENT if number >= 9 else "parser failed") in failure
            assert outcome(own, "json", "{}") == ""


def test_texts_that_only_do_not_parse_refuse_nothing(own: Planner) -> None:
    with planner.parsing_for(HERE):
        for broken in ("a: [", "b: {", "c: '", "? - : ["):
            tree, _ = own.parse("yaml", broken.encode())
            assert tree.root.has_error
        assert outcome(own, "yaml", "a: 1") == ""


def test_one_text_that_is_asked_for_again_counts_once(own: Planner) -> None:
    with planner.parsing_for(HERE):
        for typed in (BREAKING[0], BREAKING[0], f"{BREAKING[0]} ", f"{BREAKING[0]}\n\n"):
            assert "parser failed" in outcome(own, "yaml", typed * 10)
        assert outcome(own, "yaml", "a: 1") == ""


@pytest.mark.parametrize("kept", [True, False], ids=["after ten minutes", "before"])
def test_it_is_parsed_again_after_ten_minutes(
    own: Planner, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    ended_thrice(own)
    later = time.monotonic() + planner.SECONDS_REFUSED - 5 + 10 * kept
    monkeypatch.setattr(planner, "monotonic", lambda: later)
    with planner.parsing_for(HERE):
        assert (outcome(own, "yaml", "a: 1") == "") == kept
        if kept:
            assert "parser failed" in outcome(own, "yaml", BREAKING[3])
            assert outcome(own, "yaml", "a: 1") == ""


def test_every_way_to_end_the_process_counts(own: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of time, an answer that is garbage, and a death that somebody else may have caused."""
    monkeypatch.setattr(planner, "MAX_SECONDS", 0.2)
    with planner.parsing_for(HERE):
        assert "too long" in outcome(own, "lua", "=> " * 8_000)
        with monkeypatch.context() as false:
            false.setattr(child.Child, "exchange", lambda *_: {})
            assert "parser failed" in outcome(own, "lua", "a = 1")
        own.parse("json", b"{}")
        os.kill(process_of(own).pid, signal.SIGSTOP)
        threading.Timer(0.2, process_of(own).kill).start()
        assert "parser failed" in outcome(own, "lua", "a = 1")
        assert SPENT in outcome(own, "lua", "a = 1")


def test_an_awaited_answer_waits_for_no_other_work(own: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    awaited = Planner(0.1)
    monkeypatch.setattr(planner, "_planner", own)
    monkeypatch.setattr(planner, "_awaited_planner", awaited)
    own.parse("yaml", PLAIN)
    os.kill(process_of(own).pid, signal.SIGSTOP)
    other = threading.Thread(target=lambda: outcome(own, "yaml", "b: 2"))
    other.start()
    try:
        with planner.parsing_for(HERE, is_awaited=True):
            assert planner.parse("yaml", PLAIN)[0].root.type == "stream"
        assert other.is_alive()
    finally:
        own.close()
        other.join()
        awaited.close()


def test_an_awaited_parse_has_a_tenth_of_the_time_and_is_done_whole_by_other_work(
    own: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    awaited = Planner(0.1)
    monkeypatch.setattr(planner, "MAX_SECONDS", 2.0)
    text = "=> " * 4_000
    assert "too long" in outcome(awaited, "lua", text)
    assert outcome(own, "lua", text) == ""
    awaited.close()


def test_one_process_parses_all_texts(own: Planner) -> None:
    pids = {process_of(own).pid for grammar in GRAMMARS if not outcome(own, grammar, "") and own._child}
    assert len(pids) == 1


def test_a_process_that_is_killed_is_replaced_and_its_text_parsed_again(own: Planner) -> None:
    own.parse("yaml", PLAIN)
    first = process_of(own)
    os.kill(first.pid, signal.SIGSTOP)
    failures: list[str] = []
    call = threading.Thread(target=lambda: failures.append(outcome(own, "yaml", "a: 2")))
    call.start()
    time.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    call.join()
    assert ["parser failed" in failure for failure in failures] == [True]
    assert outcome(own, "yaml", "a: 2") == ""
    assert process_of(own).pid != first.pid


def test_a_process_that_hangs_is_given_up(own: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    own.parse("yaml", PLAIN)
    first = process_of(own)
    monkeypatch.setattr(planner, "MAX_WAITING", 0.3)
    os.kill(first.pid, signal.SIGSTOP)
    assert "parser failed" in outcome(own, "yaml", "a: 2")
    assert first.wait(5) == -signal.SIGKILL
    monkeypatch.undo()
    assert outcome(own, "yaml", "a: 3") == ""


def test_it_can_be_ended_during_a_parse(own: Planner) -> None:
    own.parse("yaml", PLAIN)
    os.kill(process_of(own).pid, signal.SIGSTOP)
    failures: list[str] = []
    call = threading.Thread(target=lambda: failures.append(outcome(own, "yaml", "a: 2")))
    call.start()
    time.sleep(0.2)
    own.close()
    call.join(planner.MAX_WAITING / 2)
    assert ["parser failed" in failure for failure in failures] == [True]


LEAF = (1, 0, 1, 0, 1)
KINDS: Any = {"1": ["a", True]}
GARBAGE: dict[str, tuple[Any, bytes]] = {
    "nothing": ({}, b""),
    "no nodes": ({"kinds": KINDS, "fields": {}, "changed": []}, b""),
    "half a number": ({"kinds": KINDS, "fields": {}, "changed": []}, b"abc"),
    "half a node": ({"kinds": KINDS, "fields": {}, "changed": []}, array("I", [1, 2]).tobytes()),
    "other types": ({"kinds": [1], "fields": {}, "changed": []}, array("I", LEAF).tobytes()),
    "no end of a place": (
        {"kinds": KINDS, "fields": {}, "changed": [[0, float("inf")]]},
        array("I", LEAF).tobytes(),
    ),
    "a refusal of others": ({"refused": ["late"]}, b""),
    "kinds of others": ({"kinds": {"a": 1}, "fields": {}, "changed": []}, array("I", LEAF).tobytes()),
    "places of others": ({"kinds": KINDS, "fields": {}, "changed": [[1]]}, array("I", LEAF).tobytes()),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_an_answer_that_is_garbage_is_a_refusal(
    own: Planner, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, raw = GARBAGE[name]
    monkeypatch.setattr(child.Child, "exchange", lambda *_: {**frame, "raw": raw})
    assert "parser failed" in outcome(own, "yaml", "a: 1")
    monkeypatch.undo()
    assert outcome(own, "yaml", "a: 2") == ""


ODD_NODES = {
    "sizes of nothing": [(1, 0, 9, 0, 3), (1, 0, 1, 0, 0), (1, 1, 2, 0, 0)],
    "more than there is": [(1, 0, 9, 0, 2**32 - 1), LEAF, LEAF],
    "nodes that overlap": [(1, 0, 9, 0, 3), (1, 0, 1, 0, 5), LEAF],
    "ends before starts": [(1, 9, 0, 0, 2), (1, 2**32 - 1, 0, 7, 1)],
    "kinds that nobody named": [(2**32 - 1, 0, 9, 0, 2), (9, 0, 2**32 - 1, 9, 1)],
}


@pytest.mark.parametrize("name", ODD_NODES)
def test_a_tree_that_contradicts_itself_is_read_or_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = array("I", [number for row in ODD_NODES[name] for number in row]).tobytes()
    answer = {"kinds": KINDS, "fields": {}, "changed": [[-5, 2**40]], "raw": raw}
    monkeypatch.setattr(child.Child, "exchange", lambda *_: answer)
    with contextlib.suppress(RewriteRefused):
        move("python", f'k = "{TOKEN}"')


def without_kinds(monkeypatch: pytest.MonkeyPatch, gone: set[str]) -> list[str]:
    """Answer trees in which nodes of some kinds have one that nobody knows; return the kinds of all others."""
    kinds: list[str] = []

    def parse(*given: Any) -> tuple[Tree, list[tuple[int, int]]]:
        tree, changed = planner.parse(*given)
        kinds.extend(kind for kind, _ in tree.kinds.values())
        known = {number: kind for number, kind in tree.kinds.items() if kind[0] not in gone}
        return Tree(tree.content, tree.rows, known, tree.fields), changed

    monkeypatch.setattr("tokenward.rewriting.syntax.parse", parse)
    return kinds


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)
def test_a_tree_without_what_its_grammar_promises_is_read_or_refused(
    sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, _ in sample.moved:
        gone: set[str] = set()
        kinds = without_kinds(monkeypatch, gone)
        moved, _ = move(sample.language, filled(text))
        assert TOKEN not in moved
        for kind in dict.fromkeys(kinds):
            gone.clear()
            gone.add(kind)
            with contextlib.suppress(RewriteRefused):
                plan_rewrite(filled(text), LANGUAGE[sample.language], spans_of(filled(text)), REFERENCE)


def test_settings_are_added_to_a_false_tree_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"json": '{"a": {"b": 1}}\n', "toml": "[a]\nb = 1\n"}
    for form, text in texts.items():
        gone: set[str] = set()
        kinds = without_kinds(monkeypatch, gone)
        added = FORMATS[form].insert(text, SettingEntry(("a", "c"), 2, in_list=False))
        assert apply_edits(text, added.edits) != text
        for kind in dict.fromkeys(kinds):
            gone.clear()
            gone.add(kind)
            with contextlib.suppress(RewriteRefused):
                FORMATS[form].insert(text, SettingEntry(("a", "c"), 2, in_list=False))
            with contextlib.suppress(RewriteRefused):
                FORMATS[form].remove(text, SettingEntry(("a", "b"), 1, in_list=False), 0)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)
def test_nodes_are_those_of_the_library(own: Planner, sample: Any) -> None:
    """The library runs here, in a test, on texts of ours."""
    from importlib import import_module  # noqa: PLC0415

    from tree_sitter import Language, Parser  # noqa: PLC0415

    if sample.language not in GRAMMARS:
        return
    module, function = GRAMMARS[sample.language]
    parser = Parser(Language(getattr(import_module(module), function)()))
    for text, _ in sample.moved:
        for content in (text.encode() + b"\n", text.encode()[:-3]):
            tree, _ = own.parse(sample.language, content)
            waiting = [(parser.parse(content).root_node, tree.root)]
            while waiting:
                theirs, ours = waiting.pop()
                assert _facts(ours) == _facts(theirs)
                names = {child.field for child in ours.children if child.field}
                # The library misses some that its cursor finds.
                for name, first in ((name, theirs.child_by_field_name(name)) for name in names):
                    known = ours.child_by_field_name(name)
                    assert first is None or (known and _facts(known)) == _facts(first)
                waiting += zip(theirs.children, ours.children, strict=True)


def _facts(node: Any) -> tuple[object, ...]:
    return (
        node.type, node.is_named, node.start_byte, node.end_byte, node.text, node.is_error, node.is_missing,
        node.has_error, len(node.children), len(node.named_children), node.parent and node.parent.type,
    )  # fmt: skip


def test_a_node_knows_those_beside_it(own: Planner) -> None:
    tree, _ = own.parse("python", b"f(a, # b\n c)\n")
    names = ["(", "identifier", ",", "comment", "identifier", ")"]
    nodes = tree.root.children[0].children[0].children[1].children
    assert [node.type for node in nodes] == names
    for at, node in enumerate(nodes):
        assert node.prev_sibling == (nodes[at - 1] if at else None)
        assert node.next_sibling == (nodes[at + 1] if at + 1 < len(nodes) else None)
    assert [node.prev_named_sibling for node in nodes] == [
        None, None, nodes[1], nodes[1], nodes[3], nodes[4]
    ]  # fmt: skip
    assert [node.next_named_sibling for node in nodes] == [
        nodes[1], nodes[3], nodes[3], nodes[4], None, None
    ]  # fmt: skip


def test_a_text_after_edits_is_what_it_would_be_alone(own: Planner) -> None:
    edits = [ByteEdit(0, 1, "ä"), ByteEdit(5, 5, "b: [1, 2]\n")]
    content = "ä: 1\nb: [1, 2]\n".encode()
    edited, changed = own.parse("yaml", content, PLAIN, edits)
    alone, nothing = own.parse("yaml", content)
    assert [*edited.leaves(())] == [*alone.leaves(())]
    assert changed
    assert nothing == []


def probe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> str:
    """Run a function `found` in a process that is confined like a planner, and return what it returns."""
    tmp_path.joinpath("probing.py").write_text(PROBE.format(code=code))
    monkeypatch.setattr(child, "import_path", lambda: [str(tmp_path), *sys.path])
    one = child.Child("probing", {"seconds": 5, "megabytes": MAX_MEGABYTES}, {}, has_site=False)
    try:
        return str(one.exchange({}, 10)["found"])
    finally:
        one.dispose()


PROBE = """
import ctypes, os, resource, signal, socket, subprocess
from tokenward.rewriting.confinement import confine, limit_seconds
from tokenward.wire import private_pipes, read_frame, write_frame

def found():
    {code}

def main():
    requests, answers = private_pipes()
    config = read_frame(requests)
    confine(config["megabytes"])
    write_frame(answers, {{}})
    read_frame(requests)
    with limit_seconds(1):
        try:
            result = found()
        except BaseException as error:
            result = type(error).__name__
    write_frame(answers, {{"found": result}})
"""
REFUSED = {"PermissionError", "OSError", "BlockingIOError", "ValueError"}


def test_it_has_its_pipes_its_memory_and_its_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert probe(monkeypatch, tmp_path, "return len(bytearray(100 << 20)) + sum(range(1000))") == str(
        (100 << 20) + 499_500
    )


@pytest.mark.parametrize(
    "code",
    [
        "return open({home!r}).read()",
        "return open('/proc/self/environ').read()",
        "return open(f'/proc/{{os.getppid()}}/environ').read()",
        "return os.listdir('/')",
        "return os.stat({home!r}).st_size",
        "open({home!r}, 'w').write('x')",
        "socket.socket(socket.AF_UNIX).connect({listening!r})",
        "socket.socket(socket.AF_INET).connect(('127.0.0.1', {port}))",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'])",
        "os.kill(os.getppid(), 0)",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))",
        "os.memfd_create('x')",
        "os.pipe()",
    ],
)
def test_it_can_do_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    home, listening = tmp_path / "secret", tmp_path / "bus"
    home.write_text("value")
    with socket.socket(socket.AF_UNIX) as bus, socket.create_server(("127.0.0.1", 0)) as server:
        bus.bind(str(listening))
        bus.listen()
        places = {"home": str(home), "listening": str(listening), "port": server.getsockname()[1]}
        outcome = probe(monkeypatch, tmp_path, code.format(**places))
        socket.socket(socket.AF_UNIX).connect(str(listening))
    assert outcome in REFUSED, outcome
    assert home.read_text() == "value"


def test_it_can_trace_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    attach = "return ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), None, None)"
    assert probe(monkeypatch, tmp_path, attach) == "-1"
    assert ctypes.CDLL(None).getpid() == os.getpid()


@pytest.mark.parametrize(
    "code", ["bytearray(600 << 20)", "x = []\n    while True: x.append(bytes(50 << 20))"]
)
def test_its_memory_is_limited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    assert probe(monkeypatch, tmp_path, code) == "MemoryError"


def test_its_environment_is_empty_and_it_leaves_no_core(
    own: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENWARD_VAULT_PASSPHRASE", "x")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=x")
    own.parse("yaml", PLAIN)
    place = Path(f"/proc/{process_of(own).pid}")
    assert place.joinpath("environ").read_bytes() == b""
    limits = place.joinpath("limits").read_text()
    # With 1, not even a program that handles dumps gets one.
    assert any(line.split()[4] == "1" for line in limits.splitlines() if "core file" in line)
    assert "Seccomp:\t2" in place.joinpath("status").read_text()


def test_its_time_is_limited_where_no_parser_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ChildLost) as lost:
        probe(monkeypatch, tmp_path, "while True: pass")
    assert lost.value.returncode == -signal.SIGPROF


def test_a_fork_has_a_process_of_its_own(own: Planner) -> None:
    planner.parse("yaml", PLAIN)
    before = process_of(planner._planner).pid
    gc.collect()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            planner.parse("yaml", PLAIN)
            code = 0 if process_of(planner._planner).pid != before else 2
            planner._planner.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    planner.parse("yaml", PLAIN)
    assert process_of(planner._planner).pid == before


def test_every_language_has_its_grammar(own: Planner) -> None:
    named = {sample.language for sample in SAMPLES} & {*GRAMMARS}
    assert len(named) > 15
    for grammar in GRAMMARS:
        own.parse(grammar, b"\n")


NESTED = (
    "{",
    "[",
    "(",
    "- ",
    "/*",
    '"a":',
    "<a>",
    "if a ",
    "a(",
    "=> ",
    "${",
    "`",
    '@"',
    "#{",
    "begin ",
    'f"{',
)


@pytest.mark.parametrize("depth", [300, 1_200, 20_000][: fewer(1, 3)])
@pytest.mark.parametrize("grammar", GRAMMARS)
def test_no_depth_ends_more_than_the_parser(
    own: Planner, grammar: str, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "MAX_SECONDS", 2.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for opening in NESTED[:: fewer(4, 1)]:
        outcome(own, grammar, opening * depth)
        if own._child is not None and own._child.alive:
            assert peak(process_of(own).pid) < MAX_MEGABYTES
    assert own.parse(grammar, b"\n")[0].root.is_named
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / KIB_IN_MIB < 64
