"""A made-up overview for the report, of a busy workspace after half a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tokenward.model import Surface
from tokenward.operations.report.overview import (
    Overview,
    ReportedLease,
    ReportedPlace,
    ReportedToken,
    ReportedUse,
    TokenState,
)

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)


def before(**span: float) -> datetime:
    return NOW - timedelta(**span)


def token(
    number: int,
    provider: str,
    state: TokenState,
    first: datetime,
    gone: datetime | None,
    *places: tuple[str, Surface],
    reference: str = "",
    label: str = "",
) -> ReportedToken:
    seen = tuple(ReportedPlace(name, surface, first, gone) for name, surface in places)
    return ReportedToken(
        label=label or f"{provider} token ({36 + number} characters)",
        provider=provider,
        reference=reference,
        state=state,
        first_seen=first,
        gone=gone,
        places=seen,
        is_revoked=state is TokenState.ENDED,
    )


FILE, TERMINAL, LOG, NOTEBOOK, DOCUMENT = (
    Surface.FILE,
    Surface.TERMINAL,
    Surface.LOG,
    Surface.NOTEBOOK,
    Surface.DOCUMENT,
)
API = "keyring://acme-api"
TOKENS = (
    token(
        1, "GitHub", TokenState.EXPOSED, before(days=41), None, ("scripts/release.sh", FILE), (".env", FILE)
    ),
    token(2, "GitHub", TokenState.EXPOSED, before(hours=7), None, ("acme-api", TERMINAL)),
    token(3, "OpenAI", TokenState.EXPOSED, before(days=12), None, ("notebooks/evaluate.ipynb", NOTEBOOK)),
    token(
        4,
        "AWS",
        TokenState.EXPOSED,
        before(days=3),
        None,
        ("logs/worker.log", LOG),
        ("infra/dev.tfvars", FILE),
    ),
    token(
        5,
        "GitHub",
        TokenState.MOVED,
        before(days=173),
        before(days=92),
        ("config/ci.yml", FILE),
        reference=f"{API}/CI_TOKEN",
    ),
    token(
        6,
        "Anthropic",
        TokenState.MOVED,
        before(days=66),
        before(days=65),
        (".mcp.json", FILE),
        reference=f"{API}/ANTHROPIC_API_KEY",
    ),
    token(
        7,
        "Stripe",
        TokenState.MOVED,
        before(days=120),
        before(days=58),
        (".env", FILE),
        ("src/pay.py", FILE),
        reference=f"{API}/STRIPE_KEY",
    ),
    token(
        8,
        "npm",
        TokenState.MOVED,
        before(days=20),
        before(days=20, minutes=-14),
        (".npmrc", FILE),
        reference=f"{API}/NPM_TOKEN",
    ),
    token(9, "Slack", TokenState.LOOSE, before(days=88), before(days=30), ("src/alerts.py", FILE)),
    token(10, "GitLab", TokenState.LOOSE, before(days=15), before(days=13), (".gitlab-ci.yml", FILE)),
    token(
        11,
        "GitHub",
        TokenState.ENDED,
        before(days=140),
        before(days=131),
        ("src/sync.py", FILE),
        ("acme-api", TERMINAL),
    ),
    token(
        12,
        "AWS",
        TokenState.ENDED,
        before(days=9),
        before(days=9, hours=-12),
        ("acme-api", TERMINAL),
    ),
    token(
        13,
        "Jupyter",
        TokenState.ENDED,
        before(days=5),
        before(days=5, hours=-6),
        ("logs/jupyter.log", LOG),
    ),
    token(14, "Sentry", TokenState.IGNORED, before(days=100), before(days=100), ("web/config.ts", DOCUMENT)),
    token(
        15,
        "Postgres",
        TokenState.MOVED,
        before(days=50),
        before(days=49),
        ("docker-compose.yml", FILE),
        reference=f"{API}/DATABASE_PASSWORD",
        label="password (24 characters)",
    ),
    token(
        16,
        "Hugging Face",
        TokenState.MOVED,
        before(days=2),
        before(days=2, minutes=-5),
        ("train.py", FILE),
        reference=f"{API}/HF_TOKEN",
    ),
)
USES = tuple(
    ReportedUse(before(days=day, hours=hour), f"{API}/{name}", program, agent, why)
    for day in range(0, 38, 1)
    for hour, name, program, agent, why in (
        (2, "STRIPE_KEY", "/usr/bin/python3", "", ""),
        (3, "CI_TOKEN", "/usr/bin/node", "Claude Code" if day % 3 == 0 else "", ""),
        (5, "DATABASE_PASSWORD", "/usr/bin/psql", "", "ProgramNotAllowed" if day % 11 == 4 else ""),
        (
            6,
            "NPM_TOKEN",
            "/usr/bin/npm",
            "Cursor" if day % 9 == 2 else "",
            "ApprovalUnavailable" if day % 9 == 2 else "",
        ),
    )
    if (day * 7 + hour) % 5
)
LEASES = (
    ReportedLease(f"{API}/HF_TOKEN", "Hugging Face", ("huggingface.co",), NOW + timedelta(hours=5), "", None),
    ReportedLease(f"{API}/NPM_TOKEN", "npm", (), NOW + timedelta(days=4), "", None),
    ReportedLease(f"{API}/CI_TOKEN", "GitHub", ("api.github.com", "github.com", "ghcr.io"), None, "login", 2),
    ReportedLease(
        f"{API}/STRIPE_KEY",
        "Stripe",
        ("api.stripe.com", "files.stripe.com"),
        NOW + timedelta(days=80),
        "",
        None,
    ),
    ReportedLease(f"{API}/DATABASE_PASSWORD", "Postgres", (), None, "", None),
)
SAMPLE = Overview(
    title="acme-api",
    folder="~/code/acme-api",
    now=NOW,
    since=None,
    tokens=TOKENS,
    uses=USES,
    leases=LEASES,
    stored=6,
    version="0.1.0",
)
EMPTY = Overview(
    title="fresh-start",
    folder="~/code/fresh-start",
    now=NOW,
    since=None,
    tokens=(),
    uses=(),
    leases=(),
    stored=0,
    version="0.1.0",
)
