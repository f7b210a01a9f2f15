"""Pasting references: the result is the same as after a move, and the value was never in the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from desk import Desk, tampered
from tokenward.custody.ledger.events import Event
from tokenward.detection.engine import Detector
from tokenward.errors import RewriteRefused, TokenGone, TokenwardError, VaultUnavailable
from tokenward.model import Reference, Span
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.plan import plan_move
from tokenward.operations.stored.paste import PastePlan, PasteRequest, plan_paste, store_paste
from tokenward.places import Places
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.sources.source import Source

REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
HERE = "¦"
"""Where a test pastes."""


LAUNCH = ".vscode/launch.json"


def in_launch(members: str) -> str:
    return f'{{"configurations": [{{"env": {{{members}}}}}]}}'


def request(desk: Desk, name: str, marked: str, text: str) -> PasteRequest:
    """Return a paste at each mark of a document; two marks with text between them are a selection."""
    parts = marked.split(HERE)
    source = desk.editor.open(desk.folder / name, "".join(parts))
    places, offset = [], 0
    for part in parts[:-1]:
        offset += len(part)
        places.append(Span(offset, offset))
    return PasteRequest(source, desk.folder, tuple(places), text)


def pasted(source: Source, places: Sequence[Span], plan: PastePlan) -> str:
    """Return the document after a client has made the whole change."""
    beside = next((file.edits for file in plan.files if file.source is source), ())
    changes = [*(Edit(place, plan.text) for place in places), *beside]
    return apply_edits(source.text, sorted(changes, key=lambda edit: edit.span))


def stored(desk: Desk, name: str, marked: str, text: str) -> str:
    wanted = request(desk, name, marked, text)
    return pasted(wanted.source, wanted.places, store_paste(desk.context, wanted, desk.editor))


def environment(desk: Desk, plan: PastePlan) -> FileEdit:
    return next(file for file in plan.files if file.source.origin.path == desk.folder / ".env")


@pytest.mark.parametrize(
    ("name", "marked", "text", "after"),
    [
        (".env", f"A=1\nGITHUB_TOKEN={HERE}\n", "{}", f"A=1\nGITHUB_TOKEN={REFERENCE}\n"),
        (".env", f"A=1\n{HERE}", "GITHUB_TOKEN={}\n", f"A=1\nGITHUB_TOKEN={REFERENCE}\n"),
        (LAUNCH, in_launch(f'"github_token": "{HERE}"'), "{}", in_launch(f'"github_token": "{REFERENCE}"')),
        (LAUNCH, in_launch(f'"github_token": {HERE}'), '"{}"', in_launch(f'"github_token": "{REFERENCE}"')),
        (
            ".github/workflows/ci.yml",
            f"env:\n  github_token: {HERE} # 🔑\n",
            "{}",
            "env:\n  github_token: ${{ secrets.GH_TOKEN }} # 🔑\n",
        ),
        (
            "app.py",
            f'import os\ngithub_token = "{HERE}"\n',
            "{}",
            'import os\ngithub_token = os.environ["GITHUB_TOKEN"]\n',
        ),
        (
            "app.py",
            f"a = 1\n{HERE}",
            'github_token = "{}"\n',
            'import os\na = 1\ngithub_token = os.environ["GITHUB_TOKEN"]\n',
        ),
        (
            "app.ts",
            f'const githubToken = "Bearer {HERE}";\n',
            "{}",
            'const githubToken = ("Bearer " + process.env.GITHUB_TOKEN!);\n',
        ),
        (
            "run.sh",
            f'export GITHUB_TOKEN="{HERE}"\n',
            "{}",
            'export GITHUB_TOKEN="${GITHUB_TOKEN}"\n',
        ),
    ],
)
def test_a_reference_is_pasted_where_it_works(
    desk: Desk, name: str, marked: str, text: str, after: str
) -> None:
    token = tokens.github()
    result = stored(desk, name, marked, text.format(token))
    assert token not in result
    assert result == after
    assert desk.value(REFERENCE) == token
    (record,) = [one for one in desk.context.ledger.records() if one.event is Event.PUT]
    assert record.detail["provider"] == "GitHub"
    assert desk.context.entries.all()[0].provider == "GitHub"


def test_code_gains_a_line_in_the_environment_file(desk: Desk) -> None:
    wanted = request(desk, "app.py", f'import os\nx = "{HERE}"\n', tokens.github())
    plan = store_paste(desk.context, wanted, desk.editor)
    env = environment(desk, plan)
    assert env.creates
    assert apply_edits("", env.edits) == f"GITHUB_TOKEN={REFERENCE}\n"
    assert plan.files[-1].source is wanted.source


def test_an_environment_file_is_added_to_and_its_other_tokens_are_not_told(desk: Desk) -> None:
    """Each line is a separate edit, so that no answer contains the text between them."""
    first, other, second = tokens.github(1), tokens.npm(), tokens.gitlab()
    desk.editor.open(desk.folder / ".env", f"A_TOKEN={first}\nOTHER={other}\n", "dotenv")
    text = f'a_token = "{first}"\nb_token = "{second}"\n'
    plan = store_paste(desk.context, request(desk, "app.py", f"import os\n{HERE}", text), desk.editor)
    env = environment(desk, plan)
    assert apply_edits(env.source.text, env.edits) == (
        f"A_TOKEN=keyring://acme-api/A_TOKEN\nOTHER={other}\nB_TOKEN=keyring://acme-api/B_TOKEN\n"
    )
    assert not any(value in edit.text for edit in env.edits for value in (first, other, second))


def test_each_token_gets_a_name_of_its_own(desk: Desk) -> None:
    first, second = tokens.github(1), tokens.github(2)
    text = f'a("{first}")\nb("{second}")\nc("{first}")\n'
    wanted = request(desk, "app.py", f"import os\n{HERE}", text)
    assert [m.reference.name for m in plan_paste(desk.context, wanted, desk.editor).moves] == [
        "GITHUB_TOKEN",
        "APP_GITHUB_TOKEN",
    ]
    result = stored(desk, "app.py", f"import os\n{HERE}", text)
    assert result == (
        'import os\na(os.environ["GITHUB_TOKEN"])\nb(os.environ["APP_GITHUB_TOKEN"])\n'
        'c(os.environ["GITHUB_TOKEN"])\n'
    )
    assert [desk.value(REFERENCE), desk.value("keyring://acme-api/APP_GITHUB_TOKEN")] == [first, second]


def test_the_same_text_is_pasted_at_each_cursor(desk: Desk) -> None:
    token = tokens.github()
    marked = f'import os\na = "{HERE}"\nb = ["{HERE}", "{HERE}"]\n'
    assert stored(desk, "app.py", marked, token) == (
        'import os\na = os.environ["GITHUB_TOKEN"]\n'
        'b = [os.environ["GITHUB_TOKEN"], os.environ["GITHUB_TOKEN"]]\n'
    )


def test_tokens_that_stood_in_the_document_stay(desk: Desk) -> None:
    token = tokens.github()
    result = stored(desk, LAUNCH, in_launch(f'"old": "{token}", "new": "{HERE}"'), token)
    assert result == in_launch(f'"old": "{token}", "new": "keyring://acme-api/GITHUB_TOKEN"')


def test_line_breaks_become_those_of_the_document(desk: Desk) -> None:
    result = stored(desk, ".env", f"A=1\r\n{HERE}", f"GITHUB_TOKEN={tokens.github()}\nB=2\n")
    assert result == f"A=1\r\nGITHUB_TOKEN={REFERENCE}\r\nB=2\r\n"


def test_a_selection_gives_way_to_the_reference(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / ".env", "GITHUB_TOKEN=changeme # 🔑\n")
    wanted = PasteRequest(source, desk.folder, (Span(13, 21),), tokens.github())
    plan = store_paste(desk.context, wanted, desk.editor)
    assert pasted(source, wanted.places, plan) == f"GITHUB_TOKEN={REFERENCE} # 🔑\n"


@pytest.mark.parametrize(
    ("name", "marked", "text", "failure"),
    [
        ("app.py", f'x = "{HERE}"\n', "nothing of note", TokenGone),
        ("notes.txt", HERE, "{}", RewriteRefused),
        ("app.py", f"x = {HERE}\n", "{}", RewriteRefused),
        ("app.py", f'import os\na = "{HERE}"\nb = "x {HERE}"\n', "{}", RewriteRefused),
        ("app.py", f"import os\n{HERE}", 'a = "{}"\nb = {}\n', RewriteRefused),
    ],
)
def test_nothing_is_pasted_otherwise_than_whole(
    desk: Desk, name: str, marked: str, text: str, failure: type[TokenwardError]
) -> None:
    wanted = request(desk, name, marked, text.replace("{}", tokens.github()))
    for operation in (plan_paste, store_paste):
        with pytest.raises(failure):
            operation(desk.context, wanted, desk.editor)
    assert desk.context.entries.all() == ()
    assert not [one for one in desk.context.ledger.records() if one.event is Event.PUT]


def test_a_paste_that_makes_a_token_of_what_stands_there_is_none(desk: Desk) -> None:
    token = tokens.github()
    wanted = request(desk, "c.json", f'{{"github_token": "{token[:10]}{HERE}"}}', token[10:])
    with pytest.raises(RewriteRefused):
        plan_paste(desk.context, wanted, desk.editor)


def test_an_offer_stores_nothing_and_records_nothing(desk: Desk) -> None:
    wanted = request(desk, ".env", f"GITHUB_TOKEN={HERE}", tokens.github())
    plan = plan_paste(desk.context, wanted, desk.editor)
    assert (plan.text, plan.files) == (REFERENCE, ())
    assert desk.value(REFERENCE) is None
    assert not desk.places.custody.exists() or desk.context.entries.all() == ()
    assert not desk.places.ledger.exists() or desk.context.ledger.records() == ()


def test_an_entry_that_the_records_do_not_know_is_not_overwritten(desk: Desk) -> None:
    desk.hold(REFERENCE, "somebody else's")
    assert stored(desk, ".env", f"GITHUB_TOKEN={HERE}", tokens.github()) == f"GITHUB_TOKEN={REFERENCE}_2"
    assert desk.value(REFERENCE) == "somebody else's"


def test_no_reference_is_given_for_what_the_keyring_did_not_take(desk: Desk) -> None:
    """Those stored before stay there, on record."""
    first, second = tokens.github(), tokens.npm()
    wanted = request(desk, ".env", HERE, f"A_TOKEN={first}\nB_TOKEN={second}\n")

    def fail(reference: Reference, value: object, put: Callable[..., bool]) -> bool:
        if reference.name == "B_TOKEN":
            raise VaultUnavailable("The keyring is gone.")
        return put(reference, value)

    with tampered(desk.vault, "put", fail), pytest.raises(VaultUnavailable):
        store_paste(desk.context, wanted, desk.editor)
    assert [entry.reference.name for entry in desk.context.entries.all()] == ["A_TOKEN"]


def test_many_tokens_are_refused_when_they_would_take_too_long(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is always planned, as for a move."""
    monkeypatch.setattr("tokenward.operations.stored.paste.MAX_PLANNING_SECONDS", -1.0)
    first, second = tokens.github(), tokens.npm()
    one = request(desk, ".env", HERE, f"A_TOKEN={first}\n")
    assert len(plan_paste(desk.context, one, desk.editor).moves) == 1
    two = request(desk, ".env", HERE, f"A_TOKEN={first}\nB_TOKEN={second}\n")
    with pytest.raises(RewriteRefused, match="too long"):
        plan_paste(desk.context, two, desk.editor)
    with pytest.raises(RewriteRefused, match="too long"):
        store_paste(desk.context, two, desk.editor)
    assert desk.context.entries.all() == ()


NAMES = ("app.py", "app.ts", "c.json", "c.yaml", "c.toml", ".env", "run.sh", "a.properties")
AROUND = ("", " ", "\n", "\r\n", '"', "'", "x = ", "x: ", '{"x": ', "}", "# ", "🔑", "\\", "Bearer ", "a,")
OPENINGS = ('import os\nx = "', "const x = '", 'x = "', '{"x": "', "x: ", "x=", "import os\r\n# 🔑\r\nx = '")
CLOSINGS = ("", "\n", '"', "'", '"}', "';\n", '"\r\n')


@given(data=st.data(), name=st.sampled_from(NAMES))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_pasted_is_what_moves_would_have_made_and_holds_no_value(
    tmp_path: Path, detector: Detector, data: st.DataObject, name: str
) -> None:
    """With any text around the token, selected, or pasted along; at one place or several."""
    token = tokens.github("paste")
    some = st.lists(st.sampled_from(AROUND), max_size=3).map("".join)
    text = data.draw(st.one_of(st.just(""), some)) + token + data.draw(st.one_of(st.just(""), some))
    parts = [
        data.draw(st.one_of(st.sampled_from(OPENINGS), some)),
        *data.draw(st.lists(some, max_size=1)),
        data.draw(st.one_of(st.sampled_from(CLOSINGS), some)),
    ]
    before, places = "".join(parts), selections(parts, data.draw(st.booleans()))
    desk, other = desk_of(tmp_path, detector), desk_of(tmp_path, detector)
    wanted = PasteRequest(desk.editor.open(desk.folder / name, before), desk.folder, places, text)
    try:
        plan = plan_paste(desk.context, wanted, desk.editor)
    except TokenwardError:
        return
    result = pasted(wanted.source, places, plan)
    assert token not in result
    assert not any(token in edit.text for file in plan.files for edit in file.edits)
    native = text if "\n" not in before else text.replace("\r\n", "\n").replace("\n", newline(before))
    plain = other.editor.open(desk.folder / name, apply_edits(before, [Edit(one, native) for one in places]))
    assert result == planned(other, plain)


def selections(parts: Sequence[str], has_extent: bool) -> tuple[Span, ...]:
    """Draw a place between each two parts of a text, with or without the character after it."""
    ends = list(accumulate(map(len, parts)))
    found = {Span(end, min(end + has_extent, ends[-1])) for end in ends[:-1]}
    apart = sorted(found)
    return tuple(apart if all(one.end <= two.start for one, two in pairwise(apart)) else apart[:1])


def planned(desk: Desk, source: Source) -> str:
    """Return the text that moves would produce, without storing anything."""
    while desk.findings(source):
        tokens, request = FileTokens.of(desk.context.scanner, source), desk.request(source, everywhere=True)
        plan = plan_move(desk.context, tokens, request, desk.editor, "acme-api")
        for file in plan.files:
            desk.editor.show(replace(file.source, text=apply_edits(file.source.text, file.edits)))
        source = desk.editor.buffers[source.origin.uri]
    return source.text


def newline(text: str) -> str:
    return "\r\n" if text.find("\r\n") == text.find("\n") - 1 else "\n"


def desk_of(home: Path, detector: Detector) -> Desk:
    return Desk(Places(home / "config", home / "data", home / "cache"), detector, home / "acme-api")
