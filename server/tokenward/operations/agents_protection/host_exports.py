"""Stored tokens and their hosts, as the settings of sandboxes that give commands placeholders.

None holds a value: each sandbox takes it from a variable of its own process, which `tokenward run` sets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from tokenward.detection.rules.token_hosts import TokenHost

Exported = Mapping[str, Sequence[TokenHost]]
"""The hosts of tokens, by their variables."""
_PORT = 443


def nono(tokens: Exported) -> str:
    """Return a profile of nono, with a route for each host to which a header carries a token.

    Its fields are those of nono's "Credential injection" page and of its profiles' reference (0.80).
    """
    routes: dict[str, dict[str, str]] = {}
    for variable, host, header, before in _headers(tokens):
        # A name becomes a part of variables, and nono allows no other characters.
        number = sum(one["env_var"] == variable for one in routes.values())
        routes[f"{variable.lower()}{f'_{number + 1}' if number else ''}"] = {
            "upstream": f"https://{host.name}{host.path}",
            "credential_key": f"env://{variable}",
            "env_var": variable,
            "inject_header": header,
            "credential_format": f"{before}{{}}",
        }
    network = {"credentials": [*routes], "custom_credentials": routes}
    return json.dumps({"meta": {"name": "tokenward"}, "network": network}, indent=2)


def openshell(tokens: Exported) -> str:
    """Return provider profiles of OpenShell, one document for each token; a person adds the programs that may use it.

    Its fields are those of OpenShell's "Profiles" page (0.1.10), which knows one header for a token.
    """
    return "\n---\n".join(json.dumps(one, indent=2) for one in _profiles(tokens))


def _profiles(tokens: Exported) -> Iterator[Mapping[str, object]]:
    first: dict[str, tuple[str, str]] = {}
    hosts: dict[str, list[TokenHost]] = {}
    for variable, host, header, before in _headers(tokens):
        # It puts nothing in front of a token but `Bearer`.
        if before in {"", "Bearer "} and first.setdefault(variable, (header, before)) == (header, before):
            hosts.setdefault(variable, []).append(host)
    for variable, (header, before) in first.items():
        credential = {
            "name": "token",
            "env_vars": [variable],
            "required": True,
            "auth_style": "bearer" if before else "header",
            "header_name": header,
        }
        yield {
            "id": variable.lower().replace("_", "-"),
            "display_name": variable,
            "credentials": [credential],
            "discovery": {"credentials": ["token"]},
            "endpoints": [_endpoint(host) for host in hosts[variable]],
            "binaries": [],
        }


def _endpoint(host: TokenHost) -> Mapping[str, object]:
    name, _, port = host.name.partition(":")
    return {
        "host": name,
        "port": int(port or _PORT),
        "protocol": "rest",
        "access": "read-write",
        "enforcement": "enforce",
    }


def sbx(tokens: Exported) -> str:
    """Return commands of Docker's `sbx`, which ask for each token, as its reference of `secret set-custom` has them."""
    pairs = {(host.name, variable) for variable, host, *_ in _headers(tokens)}
    return "\n".join(f"sbx secret set-custom -g --host {host} --env {name}" for host, name in sorted(pairs))


def _headers(tokens: Exported) -> Iterator[tuple[str, TokenHost, str, str]]:
    """Yield the variable, host, first header and what precedes the token in it, where a header carries it."""
    for variable, hosts in tokens.items():
        for host in hosts:
            for header, before in [*host.headers.items()][:1]:
                yield variable, host, header, before


EXPORTS: Mapping[str, Callable[[Exported], str]] = {"nono": nono, "openshell": openshell, "sbx": sbx}
