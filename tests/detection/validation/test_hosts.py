"""The hosts that a rule contacts are known from the rule alone, or it is never used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.detection.engine import Detector
from tokenward.detection.validation.hosts import (
    CALLS,
    TYPED_CHECKS,
    TYPED_REVOCATIONS,
    Host,
    check_hosts,
    revocation_hosts,
)


@pytest.fixture(scope="module")
def catalog(detector: Detector) -> list[dict[str, Any]]:
    rules = detector.load().catalog.scanner.rules
    return [rules.detail(rule["id"]) for rule in rules.metadata()]


def http(url: str, **more: Any) -> dict[str, Any]:
    rule = {"pattern": "x", "detection_regex": "x", "depends_on_rule": [], "tls_mode": None, **more}
    way = {"type": "Http", "content": {"request": {"url": url}}}
    return {**rule, "validation": way, "revocation": way}


def expression(node: dict[str, Any]) -> dict[str, Any]:
    return {**http(""), "validation": {"type": "Betterleaks", "content": {"expression": node}}}


def text(value: str) -> dict[str, Any]:
    return {"kind": "string", "value": value}


def name(value: str) -> dict[str, Any]:
    return {"kind": "identifier", "value": value}


def call(space: str, what: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    callee = {"kind": "member", "node": name(space), "property": text(what)}
    return {"kind": "call", "callee": callee, "arguments": list(arguments)}


def plus(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "binary", "operator": "+", "left": left, "right": right}


def let(variable: str, value: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "variable_declarator", "name": variable, "value": value, "expr": then}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com/v1/{{ TOKEN }}", [Host("api.example.com")]),
        ("https://API.example.com", [Host("api.example.com")]),
        ("https://api.example.com:8443?x=1", [Host("api.example.com:8443")]),
        ("http://127.0.0.1:80/x", [Host("127.0.0.1:80", is_encrypted=False)]),
        ("https://[::1]/x", [Host("[::1]")]),
        ("{{ GITHUB_API_BASE_URL }}/credentials/revoke", [Host("api.github.com")]),
        ("https://api.example.com@elsewhere.example/x", []),
        ("https://api.example.com:p@elsewhere.example/x", []),
        ("https://api.example.com\\@elsewhere.example/x", []),
        ("https://api.example.com\t.elsewhere.example/x", []),
        ("https://api.example.com{{ TOKEN }}/x", []),
        ("https://{{ TOKEN }}.example.com/x", []),
        ("{{ TOKEN }}", []),
        ("{{ ACME_URL }}/x", []),
        ("{{ GITHUB_API_BASE_URL }}.example/x", [Host("api.github.com.example")]),
        ("{{ GITHUB_API_BASE_URL }}@elsewhere.example/x", []),
        ("{% if true %}https://api.example.com/{% endif %}", []),
        (" https://api.example.com/", []),
        ("ftp://api.example.com/", []),
        ("", []),
    ],
)
def test_the_host_must_stand_in_the_rule(url: str, expected: list[Host]) -> None:
    assert list(check_hosts(http(url))) == expected
    assert list(revocation_hosts(http(url))) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"pattern": "(?P<GITHUB_API_BASE_URL>https://elsewhere)"},
        {"detection_regex": "(?<github_api_base_url>x)"},
        {"depends_on_rule": [{"rule_id": "custom.x", "variable": "GITHUB_API_BASE_URL"}]},
    ],
)
def test_a_variable_that_the_text_could_supply_is_no_host(more: dict[str, Any]) -> None:
    assert check_hosts(http("{{ GITHUB_API_BASE_URL }}/x", **more)) == ()


def test_a_rule_that_skips_certificates_is_not_encrypted() -> None:
    assert check_hosts(http("https://a.example.com/", tls_mode="lax")) == (
        Host("a.example.com", is_encrypted=False),
    )


SECRET = {"kind": "member", "node": name("finding"), "property": text("secret")}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (call("http", "get", text("https://a.example.com/x")), ["a.example.com"]),
        (call("http", "get", plus(text("https://a.example.com/"), SECRET)), ["a.example.com"]),
        (
            let("u", text("https://a.example.com"), call("http", "post", plus(name("u"), text("/x")))),
            ["a.example.com"],
        ),
        (
            call(
                "http",
                "get",
                {
                    "kind": "conditional",
                    "cond": SECRET,
                    "exp1": text("https://a.example.com/"),
                    "exp2": text("https://b.example.com/"),
                },
            ),
            ["a.example.com", "b.example.com"],
        ),
        (
            call(
                "http",
                "get",
                plus(call("env", "getOrDefault", text("GITHUB_BASE_URL"), SECRET), text("/user")),
            ),
            ["api.github.com"],
        ),
        (
            call(
                "http",
                "get",
                plus(call("env", "getOrDefault", text("ACME"), text("https://a.b/")), text("x")),
            ),
            [],
        ),
        (call("http", "get", plus(text("https://"), SECRET)), []),
        (call("http", "get", plus(text("https://a.example.com"), SECRET)), []),
        (call("http", "get", SECRET), []),
        (call("http", "get"), []),
        (let("u", text("https://a.example.com/"), let("u", SECRET, call("http", "get", name("u")))), []),
        (let("u", name("u"), call("http", "get", name("u"))), []),
        (let("h", name("http"), call("h", "get", text("https://a.example.com/"))), []),
        (call("socket", "connect", text("https://a.example.com/")), []),
        (
            plus(
                call("http", "get", text("https://a.example.com/")), call("azure", "validateStorage", SECRET)
            ),
            [],
        ),
        (call("aws", "validate", SECRET, SECRET), ["sts.us-east-1.amazonaws.com"]),
        (text("no request"), []),
    ],
)
def test_an_expression_is_asked_by_only_if_all_its_requests_are_known(
    node: dict[str, Any], expected: list[str]
) -> None:
    assert [host.name for host in check_hosts(expression(node))] == expected


@pytest.mark.parametrize(
    "rule",
    [
        expression(call("http", "get", text("https://a.example.com/x"))),
        http("{{ GITHUB_API_BASE_URL }}/x"),
    ],
)
def test_of_a_rule_of_somebody_else_no_expression_and_no_variable_is_a_host(rule: dict[str, Any]) -> None:
    assert check_hosts(rule)
    assert check_hosts(rule, is_vetted=False) == ()
    assert revocation_hosts(rule, is_vetted=False) == ()


def test_a_rule_that_doubles_and_doubles_takes_no_time() -> None:
    node = call("http", "get", name("u25"))
    for number in range(1, 26):
        before = name(f"u{number - 1}")
        node = let(f"u{number}", plus(before, before), node)
    assert check_hosts(expression(let("u0", text("https://a.example.com/" + "x" * 100), node))) == (
        Host("a.example.com"),
    )


@given(st.text(), st.text())
def test_no_text_makes_a_host_that_does_not_begin_the_url(before: str, after: str) -> None:
    for host in check_hosts(http(f"{before}://{after}")):
        assert f"{before}://{after}".lower().startswith((f"https://{host.name}", f"http://{host.name}"))


def test_every_rule_of_the_catalog_is_asked_by_an_encrypted_host_or_not_at_all(
    catalog: list[dict[str, Any]],
) -> None:
    hosts = [host for rule in catalog for host in (*check_hosts(rule), *revocation_hosts(rule))]
    assert all(host.is_encrypted and "." in host.name for host in hosts)
    assert sum(bool(check_hosts(rule)) for rule in catalog) > 200
    assert sum(bool(revocation_hosts(rule)) for rule in catalog) > 30


def test_the_tables_hold_every_way_of_the_catalog_that_is_no_request_of_its_rule(
    catalog: list[dict[str, Any]],
) -> None:
    """A new engine version that adds another way fails here, and the way stays unused until then."""

    def kinds(key: str) -> set[str]:
        found = {rule[key]["type"] for rule in catalog if rule[key]}
        return found - {"Http", "HttpMultiStep", "Betterleaks"}

    assert kinds("validation") == set(TYPED_CHECKS)
    assert kinds("revocation") == set(TYPED_REVOCATIONS)
    called = {name for rule in catalog for name in _called(rule["validation"] or {})}
    assert {name for name in called if name.partition(".")[0] in ("aws", "azure", "gcp")} == set(CALLS)


def _called(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        callee = tree.get("callee")
        if isinstance(callee, dict) and callee["kind"] == "member":
            yield f"{callee['node'].get('value')}.{callee['property'].get('value')}"
        tree = list(tree.values())
    if isinstance(tree, list):
        for one in tree:
            yield from _called(one)
