"""The command of a helper becomes the tool's own entry again, also where the record of the move fits no more."""

from __future__ import annotations

import pytest

from rewriting.moving import TOKEN, filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import Language, language_of
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.text import newline_of

REFERENCE = Reference("acme", "API_KEY")
ID = "AK" + "IA" + "Q" * 16
PEM = "LS0t" * 40
FILES = {
    ".aws/credentials": f"[a]\naws_access_key_id = {ID}\naws_secret_access_key = T0K\nregion = x\n",
    ".aws/config": f"[a]\r\naws_access_key_id = {ID}\r\naws_secret_access_key = T0K\r\n",
    ".kube/config": 'kind: Config\nusers:\n- name: me\n  user:\n    token: "T0K"\n    as: you\n',
    "a.kubeconfig": f'kind: Config\nusers:\n- user:\n    client-certificate-data: {PEM}\n    client-key-data: "T0K"\n',
    ".mcp.json": '{"mcpServers": {"a": {"headers": {"Authorization": "Bearer T0K"}, "url": "b"}}}',
    ".git-credentials": f"https://me:{'T0K'}@example.com/a\nhttps://you:x@example.com\n",
    ".cargo/config.toml": '[registries.a]\nindex = "sparse+https://example.com/"\ntoken = "T0K"\n',
    ".pypirc": "[a]\nrepository = https://example.com/\nusername = ada\npassword = T0K\n",
    ".cargo/credentials.toml": '[registry]\ntoken = "T0K"\n[other]\n',
    ".cargo/credentials": '[registries.a]\ntoken = "T0K"\n',
    "pypoetry/auth.toml": '[http-basic.a]\nusername = "ada"\npassword = "T0K"\n',
}


def language(path: str, text: str) -> Language:
    found = language_of(f"/w/{path}", None, text)
    assert found is not None
    return found


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_was_edited_after_the_move_is_restored(path: str) -> None:
    text = filled(FILES[path])
    blank = newline_of(text)
    rewrite = plan_rewrite(text, language(path, text), spans_of(text), REFERENCE)
    assert not rewrite.needs_environment
    assert rewrite.asks_helper
    edited = blank + apply_edits(text, rewrite.edits)
    back = plan_restore(edited, language(path, edited), rewrite.undo, REFERENCE, rewrite.value)
    assert apply_edits(edited, back) == blank + text


KUBE = "kind: Config\nusers:\n- name: me\n  user:\n    "
BLOCK = (
    "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      args:\n      - credential\n      - kubectl\n"
    "      - REF\n      command: tokenward\n      env: null\n      interactiveMode: IfAvailable\n"
    "      provideClusterInfo: false\n"
)
"""A move's command as kubectl writes it when it changes its file."""


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (BLOCK, f'token: "{TOKEN}"\n'),
        (
            BLOCK.replace("- REF", f"- {PEM}\n      - REF"),
            f'client-certificate-data: {PEM}\n    client-key-data: "{TOKEN}"\n',
        ),
    ],
)
def test_a_command_that_kubectl_has_rewritten_is_taken_back(text: str, restored: str) -> None:
    text = KUBE + text.replace("REF", str(REFERENCE))
    back = plan_restore(text, language(".kube/config", text), (), REFERENCE, Secret(TOKEN))
    assert apply_edits(text, back) == KUBE + restored


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".aws/config", f"[a]\ncredential_process = /opt/bin/tokenward credential aws {ID} REF\n"),
        (".kube/config", "kind: Config\nusers:\n- user: {exec: {args: [tokenward, credential, x, REF]}}\n"),
        (".kube/config", KUBE + BLOCK.replace("      env: null\n", "      env: []\n")),
        (".kube/config", KUBE + BLOCK.replace("      - REF", "      # note\n      - REF")),
        (".kube/config", KUBE + BLOCK.replace("- credential", "- 'credential' #")),
        (
            ".mcp.json",
            '{"mcpServers": {"a": {"headersHelper": "tokenward credential headers -v \'A: REF\'"}}}',
        ),
    ],
)
def test_a_value_is_not_written_into_a_command_that_no_move_has_made(path: str, text: str) -> None:
    text = text.replace("REF", str(REFERENCE))
    with pytest.raises(RewriteRefused, match=r"put (?:it|the value) back by hand"):
        plan_restore(text, language(path, text), (), REFERENCE, Secret(TOKEN))
