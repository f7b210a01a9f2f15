"""Shared by the tests of reports: hostile reports, and decoders for escaped text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tokenward.model import Claims, Kind, Profile
from tokenward.operations.scan.report import (
    IgnoredCount,
    KnownFindings,
    Position,
    Report,
    ReportedFinding,
    Summary,
)

ENDED = datetime(2025, 3, 1, 12, 0, 9, tzinfo=UTC)
FINDING = ReportedFinding(
    path="app/settings.py",
    start_offset=120,
    end_offset=160,
    start=Position(4, 10),
    end=Position(4, 50),
    rule="betterleaks.github-pat",
    provider="GitHub",
    severity="error",
    fingerprint="0123456789abcdef0123456789abcdef",
    label="GitHub token (ghp_…, 40 characters)",
    profile=Profile(
        "GitHub",
        Kind.LONG_LIVED,
        "until its expiry date, if it has one",
        "Whatever its scopes allow.",
        works_elsewhere=True,
        ends="Delete it in the settings of its owner.",
        page="https://github.example.com/settings/tokens",
        claims=Claims(checksum=True),
    ),
)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HOSTILE_NAMES = [
    "a\nb",
    "a\r\n::stop-commands::x",
    "::set-output name=x::y",
    "  ::error::x",
    "\u00a0::error::x",
    "x##[set-output name=x]y",
    "###[group]y",
    "##vso[task.setvariable variable=PATH]y",
    "##teamcity[buildStop]",
    'say "hi", <b>&amp;</b> ]]>',
    "=cmd|' /C calc'!A0",
    "  +1",
    "\uff1d1+1",
    "=\u0338x",
    "'=1",
    "-x",
    "@SUM(A1)",
    "[click](https://evil.example)",
    "{0} {1}",
    "100%0A::error::x%3A%2C%25%",
    "back\\slash\\n",
    "\x1b[2J\x07\x00\x7f\x85",
    "\u202egnp.exe",
    "line\u2028separator",
    "raw\udcff\udc80bytes",
    "half\ud83dname",
    "\U000e0001tag",
    "\ufffe\uffff",
    "[bold]rich[/bold]",
    "caf\u00e9/\u65e5\u672c\u8a9e/\U0001f600 name.txt",
    "a,b;c:d=e",
]


def report(*findings: ReportedFinding, **summary: object) -> Report:
    counted = Summary(files=3, bytes=4096, seconds=1.5, findings=len(findings), ended=ENDED)
    return Report(findings, replace(counted, **summary))  # type: ignore[arg-type]


def history(*findings: ReportedFinding) -> Report:
    """Return a report of commits, all of whose findings came with one commit."""
    return report(*(replace(found, commit=COMMIT) for found in findings), commits=2)


def named(name: str) -> Report:
    """Return a report with a hostile text wherever a repository can put one."""
    found = replace(FINDING, path=name, rule=name, provider=name, label=name)
    return report(
        found,
        silenced=(IgnoredCount(name, 2),),
        known=KnownFindings(name, 2),
        left_out=(f"{name} was not scanned.",),
    )


# As Linux gives file names, with a half for each byte of no encoding, and as Windows does, with any halves.
linux_texts = st.one_of(
    st.binary(min_size=1, max_size=30).map(lambda name: name.decode("utf-8", "surrogateescape")),
    st.sampled_from([name for name in HOSTILE_NAMES if "\ud83d" not in name]),
    st.text("ab/ \\:#[]%,'\"=\n\r\udc80{}<&", min_size=1, max_size=20),
)
windows_texts = (
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=20)
    .map(lambda name: name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass"))
    # Nothing tells a name of lone second halves alone from a Linux name of bytes.
    .filter(lambda name: bool(re.search("[\ud800-\udbff]", name)) or not re.search("[\udc00-\udfff]", name))
)
texts = st.one_of(linux_texts, windows_texts)

positions = st.builds(Position, st.integers(0, 10**6), st.integers(0, 10**6))


dates = st.none() | st.integers(1, 253_402_300_799)
claims = st.builds(
    Claims,
    dates,
    dates,
    st.lists(st.tuples(texts, texts), max_size=2, unique_by=lambda fact: fact[0]).map(tuple),
    st.none() | st.booleans(),
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Draw profiles as `profile_of` makes them: a repository controls only the provider's name and the claims."""
    return Profile(
        draw(texts),
        draw(st.sampled_from(Kind)),
        works_elsewhere=draw(st.none() | st.booleans()),
        ends=draw(st.sampled_from(["", "Delete it in the settings."])),
        claims=draw(claims),
        harmless=draw(st.booleans()),
    )


@st.composite
def findings(draw: st.DrawFn, paths: st.SearchStrategy[str] = texts) -> ReportedFinding:
    start, end = sorted(draw(st.lists(positions, min_size=2, max_size=2)))
    first, last = sorted(draw(st.lists(st.integers(0, 2**40), min_size=2, max_size=2)))
    return ReportedFinding(
        path=draw(paths),
        start_offset=first,
        end_offset=last,
        start=start,
        end=end,
        rule=draw(texts),
        provider=draw(texts),
        severity=draw(st.sampled_from(["error", "warning", "information"])),
        fingerprint=draw(st.text("0123456789abcdef", min_size=32, max_size=32)),
        label=draw(texts),
        profile=draw(profiles()),
    )


def reports(paths: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Report]:
    silenced = st.lists(st.builds(IgnoredCount, texts, st.integers(1, 9)), max_size=2).map(tuple)
    files = st.builds(
        lambda found, silent, known, left_out: report(
            *found, silenced=silent, known=known, left_out=left_out
        ),
        st.lists(findings(paths), max_size=4),
        silenced,
        st.none() | st.builds(KnownFindings, texts, st.integers(0, 9)),
        st.lists(texts, max_size=2).map(tuple),
    )
    return files | st.lists(findings(paths), max_size=4).map(lambda found: history(*found))


def read(spelled: str) -> str:
    r"""Decode a text with `\\` and `\uXXXX` as in JSON."""
    escape = re.compile(r"\\\\|(?:\\u[0-9a-f]{4})+")
    text = escape.sub(lambda match: json.loads(f'"{match[0]}"'), spelled)
    assert "\\" not in escape.sub("", spelled), "an escape that JSON does not have"
    return text


NO_PROFILE = Profile("")


def unprofiled(found: ReportedFinding) -> ReportedFinding:
    """Return a finding without the details that only some formats show."""
    return replace(found, profile=NO_PROFILE)


def expiry_of(found: ReportedFinding) -> str:
    """Return when a finding's token expires, as programs read it, or an empty string."""
    expires = found.profile.claims.expires
    if expires is None:
        return ""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=expires):%Y-%m-%dT%H:%M:%SZ}"


def whole(render: Callable[[Report], Iterator[str]]) -> Callable[[Report], str]:
    """Return a renderer of whole texts."""
    return lambda report: "".join(render(report))
