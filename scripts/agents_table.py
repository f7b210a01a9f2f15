"""Writes the table of ways in docs/reference/agents.md from tests/agents/tried/; `make agents` calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "agents.md"
RESULTS = ROOT / "tests" / "agents" / "tried"
BEGIN, END = "<!-- tried: written by `make agents` -->\n", "<!-- end of tried -->\n"
GUARDS = ("nothing", "protect", "sandbox")
MARKS = {"leaks": "●", "kept": "○"}
UNTRIED = "–"  # noqa: RUF001
NOT_TRIED = {
    16: "The clipboard, because it needs a desktop: what a program prints of it is masked as any output is.",
    28: "Asking the person for a token or a yes, because it needs a person: a token in the answer is a token in a "
    "prompt, and [approvals](../explanation/approval.md) say who asks for what.",
}
"""Why some of the ways of agents are in no row, by the number of their kind."""
AGENTS_NOT_TRIED = (
    (
        "Cline 3.0.65, because a denial ends its work. Of a sample of ways with `protect`, prompts with a token "
        "reached its model, and no file, command, search or MCP server's result with one did."
    ),
    (
        "Mistral Vibe 3.0.3, because pip does not find the certifi that it names, so no lock holds it. With another, "
        "by hand, `cat` showed a token, and with `protect` stars."
    ),
)
"""Agents that could run here, and why they are in no column."""


def main() -> None:
    PAGE.write_text(with_table(PAGE.read_text(), records()))


def record_of(agent: str, guard: str) -> Path:
    """Return the file with the record of an agent with a guard."""
    return RESULTS / f"{agent.casefold().replace(' ', '-')}-{guard}.json"


def records() -> dict[str, dict[str, Any]]:
    """Return the records of each agent by its guards."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(RESULTS.glob("*.json")):
        record = json.loads(path.read_text())
        found.setdefault(record["agent"], {})[record["guard"]] = record
    return found


def counts(ways: dict[str, str]) -> str:
    """Return in how many ways a token leaked."""
    return f"{list(ways.values()).count('leaks')} of {len(ways)}"


def with_table(page: str, results: dict[str, dict[str, Any]]) -> str:
    """Return a page with the table of the results."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{_table(results)}{END}{after}"


def _table(results: dict[str, dict[str, Any]]) -> str:
    agents = {name: results[name] for name in sorted(results)}
    all_records = [record for one in agents.values() for record in one.values()]
    dates, commits = (sorted({record[key] for record in all_records}) for key in ("date", "commit"))
    lines = [f"Tried on {' and '.join(dates)}, at commit {' and '.join(commits)}.", ""]
    lines += [_row("leaks, of the ways tried", "nothing", "`protect`", "with its own sandbox")]
    lines += [_row(*["---"] * 4)]
    lines += [_row(name, *(_total(one, guard) for guard in GUARDS)) for name, one in agents.items()]
    names = [f"{name} {one[GUARDS[0]]['version']}" for name, one in agents.items()]
    lines += ["", _row("way", *names), _row(*["---"] * (len(names) + 1))]
    ways = dict.fromkeys(way for one in agents.values() for way in one[GUARDS[0]]["ways"])
    # Not every agent has a tool for each way of a kind.
    kinds = [*dict.fromkeys(map(_kind, ways))]
    ordered = sorted(ways, key=lambda way: kinds.index(_kind(way)))
    lines += [_row(way, *(_cell(one, way) for one in agents.values())) for way in ordered]
    lines += ["", "Not tried:", "", *(f"- {why}" for why in (*NOT_TRIED.values(), *AGENTS_NOT_TRIED))]
    return "\n".join(lines) + "\n"


def _kind(way: str) -> str:
    return way.partition(": ")[0]


def _total(records: dict[str, Any], guard: str) -> str:
    return counts(records[guard]["ways"]) if guard in records else UNTRIED


def _cell(records: dict[str, Any], way: str) -> str:
    tried = [records[guard]["ways"] for guard in GUARDS if guard in records]
    if not any(way in ways for ways in tried):
        return UNTRIED
    return " ".join(MARKS.get(ways.get(way, ""), UNTRIED) for ways in tried)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
