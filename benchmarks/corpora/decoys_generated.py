"""Machine-generated decoys: lock files, hashes, identifiers, encoded pictures, build output, logs."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

import base64
import json
from itertools import pairwise

from corpora.draw import Draw


def _integrity(draw: Draw, size: int = 64) -> str:
    return draw.base64(size)


def npm_lock(draw: Draw) -> tuple[str, str]:
    packages = {
        f"node_modules/{name}": {
            "version": f"{draw.number(1, 9)}.{draw.number(0, 20)}.{draw.number(0, 9)}",
            "resolved": f"https://npm.example.com/{name}/-/{name}-1.0.0.tgz",
            "integrity": f"sha512-{_integrity(draw)}",
        }
        for name in (*draw.some(["js-tokens", "keytar", "csrf", "passport-jwt", "token-types", "secret-stack"], 4), draw.word())
    }  # fmt: skip
    return "package-lock.json", json.dumps(
        {"name": "acme", "lockfileVersion": 3, "packages": packages}, indent=2
    )


def yarn_lock(draw: Draw) -> tuple[str, str]:
    blocks = [
        f'"{name}@^4.0.0":\n  version "4.0.{draw.number(0, 9)}"\n'
        f'  resolved "https://npm.example.com/{name}/-/{name}-4.0.0.tgz#{draw.hex(40)}"\n'
        f"  integrity sha512-{_integrity(draw)}\n"
        for name in ("js-tokens", draw.word(), "password-prompt")
    ]
    return "yarn.lock", "# yarn lockfile v1\n\n" + "\n".join(blocks)


def yarn_berry_lock(draw: Draw) -> tuple[str, str]:
    return "yarn.lock", (f'"js-tokens@npm:^4.0.0":\n  version: 4.0.0\n  resolution: "js-tokens@npm:4.0.0"\n'
                         f"  checksum: 10c0/{draw.hex(128)}\n  languageName: node\n  linkType: hard\n")  # fmt: skip


def pnpm_lock(draw: Draw) -> tuple[str, str]:
    return "pnpm-lock.yaml", (f"lockfileVersion: '9.0'\npackages:\n\n  jsonwebtoken@9.0.2:\n    resolution: {{integrity: sha512-{_integrity(draw)}}}\n"
                              f"  {draw.word()}@1.0.0:\n    resolution: {{integrity: sha512-{_integrity(draw)}}}\n    engines: {{node: '>=6'}}\n")  # fmt: skip


def python_locks(draw: Draw) -> tuple[str, str]:
    files = "".join(f'    {{file = "acme-1.{n}.whl", hash = "sha256:{draw.hex(64)}"}},\n' for n in range(3))
    return draw.one([
        ("poetry.lock", f'[[package]]\nname = "python-jose"\nversion = "3.3.0"\nfiles = [\n{files}]\n\n[metadata]\ncontent-hash = "{draw.hex(64)}"\n'),
        ("uv.lock", f'[[package]]\nname = "keyring"\nversion = "25.7.0"\nsdist = {{ url = "https://files.example.com/{draw.hex(2)}/{draw.hex(60)}/keyring.tar.gz", hash = "sha256:{draw.hex(64)}", size = 63516 }}\n'),
        ("requirements.txt", f"keyring==25.7.0 \\\n    --hash=sha256:{draw.hex(64)} \\\n    --hash=sha256:{draw.hex(64)}\n"),
        ("Pipfile.lock", json.dumps({"_meta": {"hash": {"sha256": draw.hex(64)}}, "default": {"secretstorage": {"hashes": [f"sha256:{draw.hex(64)}"], "version": "==3.3.3"}}}, indent=4)),
    ])  # fmt: skip


def other_locks(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("Cargo.lock", f'[[package]]\nname = "secrecy"\nversion = "0.8.0"\nsource = "registry+https://index.example.com"\nchecksum = "{draw.hex(64)}"\n'),
        ("go.sum", f"github.com/golang-jwt/jwt/v5 v5.2.1 h1:{draw.base64(32)}\ngithub.com/golang-jwt/jwt/v5 v5.2.1/go.mod h1:{draw.base64(32)}\n"),
        ("composer.lock", json.dumps({"content-hash": draw.hex(32), "packages": [{"name": "firebase/php-jwt", "source": {"reference": draw.hex(40)}, "dist": {"shasum": draw.hex(40)}}]}, indent=4)),
        ("Gemfile.lock", f"GEM\n  specs:\n    jwt (2.8.1)\n    bcrypt (3.1.20)\n\nCHECKSUMS\n  jwt (2.8.1) sha256={draw.hex(64)}\n"),
        ("flake.lock", json.dumps({"nodes": {"nixpkgs": {"locked": {"narHash": f"sha256-{draw.base64(32)}", "rev": draw.hex(40), "lastModified": 1770000000}}}}, indent=2)),
        ("Podfile.lock", f"SPEC CHECKSUMS:\n  KeychainAccess: {draw.hex(40)}\n\nPODFILE CHECKSUM: {draw.hex(40)}\n"),
        ("mix.lock", f'%{{"guardian": {{:hex, :guardian, "2.3.2", "{draw.hex(64)}", [:mix], [], "hexpm", "{draw.hex(64)}"}}}}\n'),
        (".terraform.lock.hcl", f'provider "acme" {{\n  version = "3.6.0"\n  hashes = [\n    "h1:{draw.base64(32)}",\n    "zh:{draw.hex(64)}",\n  ]\n}}\n'),
    ])  # fmt: skip


def checksums(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("SHA256SUMS", "".join(f"{draw.hex(64)}  {draw.word()}-token-helper.tar.gz\n" for _ in range(4))),
        ("checksums.txt", "".join(f"{draw.hex(128)} *{draw.word()}.zip\n" for _ in range(3))),
        ("MD5SUMS", "".join(f"{draw.hex(32)}  ./{draw.word()}.iso\n" for _ in range(4))),
        ("RECORD", "".join(f"keyring/{draw.word()}.py,sha256={draw.base64(32).rstrip('=').replace('+', '-').replace('/', '_')},{draw.number(90, 9999)}\n" for _ in range(5))),
        ("formula.rb", f'class Acme < Formula\n  url "https://example.com/acme-1.0.tar.gz"\n  sha256 "{draw.hex(64)}"\nend\n'),
    ])  # fmt: skip


def digests(draw: Draw) -> tuple[str, str]:
    digest = draw.hex(64)
    return draw.one([
        ("Dockerfile", f"FROM python:3.12@sha256:{digest}\nRUN pip install keyring\n"),
        ("deployment.yaml", f"containers:\n- name: token-service\n  image: registry.example.com/auth/token@sha256:{digest}\n"),
        ("manifest.json", json.dumps({"config": {"digest": f"sha256:{digest}", "size": 7023}, "layers": [{"digest": f"sha256:{draw.hex(64)}"}]})),
        ("build.log", f"Step 4/9 : COPY . .\n ---> {draw.hex(12)}\nSuccessfully built {draw.hex(12)}\nPushed auth-token: digest: sha256:{digest} size: 1362\n"),
    ])  # fmt: skip


def git_hashes(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("CHANGELOG.md", f"- fix(auth): refresh the token ([{draw.hex(7)}](https://git.example.com/acme/commit/{draw.hex(40)}))\n"),
        ("ci.yml", f"steps:\n  - uses: actions/checkout@{draw.hex(40)} # v4\n  - uses: acme/secrets-action@{draw.hex(40)}\n"),
        ("git.log", f"commit {draw.hex(40)}\nAuthor: Ada <ada@example.com>\n\n    Rotate the api key of the password service\n"),
        (".gitmodules.status", f" {draw.hex(40)} vendor/secret-lib (v1.2.0)\n+{draw.hex(40)} vendor/token (heads/main)\n"),
        ("versions.py", f'GIT_REVISION = "{draw.hex(40)}"\nBUILD_SHA = "{draw.hex(40)}"\n'),
        (".git-blame-ignore-revs", f"# reformat passwords.py\n{draw.hex(40)}\n{draw.hex(40)}\n"),
        ("change.patch", f"From {draw.hex(40)} Mon Sep 17 00:00:00 2001\nSubject: token names\n\nindex {draw.hex(7)}..{draw.hex(7)} 100644\n"),
        (".pre-commit-config.yaml", f"repos:\n- repo: https://git.example.com/detect-secrets\n  rev: {draw.hex(40)}\n"),
    ])  # fmt: skip


def integrity(draw: Draw) -> tuple[str, str]:
    return "index.html", (f'<script src="https://cdn.example.com/token.min.js" integrity="sha384-{draw.base64(48)}" crossorigin="anonymous"></script>\n'
                          f'<link rel="stylesheet" href="/password.css" integrity="sha256-{draw.base64(32)}">\n')  # fmt: skip


def uuids(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("seed.sql", f"INSERT INTO token_types (id, name) VALUES ('{draw.uuid()}', 'access'), ('{draw.uuid()}', 'refresh');\n"),
        ("config.json", json.dumps({"tenantId": draw.uuid(), "clientId": draw.uuid(), "subscriptionId": draw.uuid(), "objectId": draw.uuid()})),
        ("App.csproj", f"<Project><PropertyGroup><UserSecretsId>{draw.uuid()}</UserSecretsId></PropertyGroup></Project>\n"),
        ("acme.sln", f'Project("{{{draw.uuid().upper()}}}") = "Auth.Tokens", "Auth.Tokens.csproj", "{{{draw.uuid().upper()}}}"\n'),
        ("models.py", f'TOKEN_NAMESPACE = uuid.UUID("{draw.uuid()}")\n'),
        ("main.tf", f'data "azurerm_key_vault_secret" "db" {{\n  key_vault_id = "/subscriptions/{draw.uuid()}/resourceGroups/acme/providers/Microsoft.KeyVault/vaults/acme"\n}}\n'),
        (".env", f"AZURE_TENANT_ID={draw.uuid()}\nAZURE_CLIENT_ID={draw.uuid()}\n"),
    ])  # fmt: skip


def pictures(draw: Draw) -> tuple[str, str]:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + draw.raw(900)).decode()
    return draw.one([
        ("style.css", f".password-icon {{ background: url(data:image/png;base64,{picture}); }}\n"),
        ("icons.js", f"export const tokenIcon = 'data:image/png;base64,{picture}';\n"),
        ("plot.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["plot(tokens)"], "outputs": [{"output_type": "display_data", "data": {"image/png": picture}}]}]})),
        ("font.css", f"@font-face {{ src: url('data:font/woff2;base64,{base64.b64encode(b'wOF2' + draw.raw(800)).decode()}') format('woff2'); }}\n"),
        ("README.md", f"![key](data:image/png;base64,{picture})\n"),
        ("drawing.svg", f'<svg><image xlink:href="data:image/png;base64,{picture}"/></svg>\n'),
    ])  # fmt: skip


def minified(draw: Draw) -> tuple[str, str]:
    names = [draw.lower(2) for _ in range(30)]
    code = ";".join(
        f'var {a}={a}||function(t,e){{return t.token=e.password,t.secret={b}.key+"{draw.word()}"}}'
        for a, b in pairwise(names)
    )
    map_ = json.dumps(
        {
            "version": 3,
            "sources": ["src/auth/token.ts"],
            "names": ["password", "secret"],
            "mappings": ";".join(draw.alphanumeric(4) + "," + draw.alphanumeric(8) for _ in range(80)),
        }
    )
    return draw.one([
        ("dist/app.min.js", f'!function(){{"use strict";{code}}}();\n//# sourceMappingURL=app.min.js.map\n'),
        ("dist/app.js.map", map_),
        (f"assets/index-{draw.alphanumeric(8)}.js", f'import{{a as e}}from"./vendor-{draw.alphanumeric(8)}.js";{code};const apiKey=e.apiKey;\n'),
        ("dist/app.min.css", "".join(f".{draw.word()}-token{{color:#{draw.hex(6)};margin:{draw.number(0, 9)}px}}" for _ in range(40))),
        ("bundle.js", f'e.exports={{token:"token",password:"password",secretKey:n({draw.number(1, 999)})}},"{draw.hex(20)}"===t.hash&&{code};\n'),
    ])  # fmt: skip


def build_manifests(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("manifest.json", json.dumps({"auth/token.js": f"/static/token.{draw.hex(20)}.js", "password.css": f"/static/password-{draw.alphanumeric(8)}.css"})),
        ("sw.js", f'self.__precache=[{{"revision":"{draw.hex(32)}","url":"/login/password.html"}},{{"revision":"{draw.hex(32)}","url":"/token.js"}}];\n'),
        ("tsconfig.tsbuildinfo", json.dumps({"fileInfos": [{"version": draw.hex(64), "signature": draw.hex(64)}], "fileNames": ["./src/secret.ts"]})),
        ("cache.json", json.dumps({"cacheKey": draw.hex(64), "cache_key": f"v2-deps-{draw.hex(40)}", "etag": f'W/"{draw.hex(32)}"'})),
        ("ci.yml", f"- uses: actions/cache@v4\n  with:\n    key: npm-{draw.hex(64)}\n    restore-keys: npm-\n"),
    ])  # fmt: skip


def certificates(draw: Draw) -> tuple[str, str]:
    body = base64.b64encode(b"0\x82\x03" + draw.raw(800)).decode()
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    kind = draw.one(
        [
            "CERTIFICATE",
            "PUBLIC KEY",
            "RSA PUBLIC KEY",
            "CERTIFICATE REQUEST",
            "PGP PUBLIC KEY BLOCK",
            "X509 CRL",
        ]
    )
    pem = f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n"
    return draw.one([
        ("ca.pem", pem),
        ("config.py", f'PUBLIC_KEY = """{pem}"""\n'),
        ("kubeconfig", f"clusters:\n- cluster:\n    certificate-authority-data: {base64.b64encode(pem.encode()).decode()}\n    server: https://{draw.host()}\n"),
        ("jwks.json", json.dumps({"keys": [{"kty": "RSA", "kid": draw.lower(20), "use": "sig", "n": draw.url_safe(342), "e": "AQAB", "x5t": draw.url_safe(27)}]})),
    ])  # fmt: skip


def public_keys(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("authorized_keys", f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{draw.url_safe(43)} ada@example.com\n"),
        ("known_hosts", f"git.example.com ssh-rsa AAAAB3NzaC1yc2E{draw.base64(270)}\n|1|{draw.base64(20)}|{draw.base64(20)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5{draw.url_safe(48)}\n"),
        ("wg.conf", f"[Peer]\nPublicKey = {draw.base64(32)}\nAllowedIPs = 10.0.0.2/32\n"),
        (".sops.yaml", f"creation_rules:\n  - age: age1{draw.lower(58)}\n    pgp: {draw.hex(40).upper()}\n"),
        (".env", f"NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY=pk_test_{draw.alphanumeric(24)}\nVAPID_PUBLIC_KEY=B{draw.url_safe(86)}\n"),
        ("allowed_signers", f"ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{draw.url_safe(43)}\n"),
        ("cosign.pub.txt", f"fingerprint: SHA256:{draw.base64(32).rstrip('=')}\nkeyid: {draw.hex(16).upper()}\n"),
        ("bootstrap.sh", f"gpg --recv-keys {draw.hex(40).upper()}\napt-key fingerprint {draw.hex(8).upper()}\n"),
    ])  # fmt: skip


def request_logs(draw: Draw) -> tuple[str, str]:
    trace = draw.hex(32)
    line = draw.one([
        f"2026-03-01T10:00:01Z INFO token refreshed request_id={draw.uuid()} trace_id={trace} span_id={draw.hex(16)}",
        f'{{"level":"info","msg":"password changed","requestId":"{draw.alphanumeric(22)}","traceparent":"00-{trace}-{draw.hex(16)}-01"}}',
        f'10.0.0.9 - - [01/Mar/2026] "POST /oauth/token HTTP/2" 200 1532 "-" "curl/8.5" rid={draw.hex(32)}',
        f"x-amzn-trace-id: Root=1-{draw.hex(8)}-{draw.hex(24)}; x-amz-request-id: {draw.upper(16)}; x-amz-id-2: {draw.base64(56)}",
        f'ETag: "{draw.hex(32)}"\nX-Request-Id: {draw.hex(32)}\nCF-RAY: {draw.hex(16)}-FRA',
        f"order 01{draw.of('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 24)} created by token service, correlation-id: {draw.uuid()}",
        "auth: token expired at 2026-03-01T10:00:01Z, issuing new access token for user 4711",
        f"[auth] login ok user=ada password=*** session=<redacted> duration=12ms id={draw.lower(12)}",
        f"cache miss key=user:{draw.number(1, 9999)}:token:v2 shard=0x{draw.hex(8)}",
    ])  # fmt: skip
    return draw.one(["app.log", "server.log", "terminal.txt"]), f"{line}\n2026-03-01T10:00:02Z INFO done\n"


def vocabularies(draw: Draw) -> tuple[str, str]:
    words = {draw.one(["Ġ", "▁", "##"]) + draw.word() + draw.lower(2): number for number in range(60)}
    return draw.one([
        ("tokenizer.json", json.dumps({"model": {"type": "BPE", "vocab": words, "merges": ["t o", "to ken", "Ġpass word"]}}, ensure_ascii=False)),
        ("special_tokens_map.json", json.dumps({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "[PAD]", "mask_token": "[MASK]"})),
        ("tokenizer_config.json", json.dumps({"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "add_prefix_space": False, "tokenizer_class": "GPT2TokenizerFast", "model_max_length": 131072})),
        ("bpe.tiktoken", "".join(f"{draw.base64(6)} {number}\n" for number in range(40))),
        ("vocab.txt", "\n".join(["[UNK]", "[CLS]", "password", "##token", "secret", *(draw.word() for _ in range(40))])),
    ])  # fmt: skip


def data_tables(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("users.csv", "id,name,token_count,hash\n" + "".join(f"{draw.number(1, 999)},{draw.word()},{draw.number(1, 9999)},{draw.hex(40)}\n" for _ in range(4))),
        ("snapshot.snap", f'exports[`login renders 1`] = `\n<input\n  className="css-{draw.lower(7)}-password"\n  id=":r{draw.number(1, 9)}:"\n  name="password"\n  type="password"\n/>\n`;\n'),
        ("cassette.yaml", f"interactions:\n- request:\n    headers:\n      Authorization: [REDACTED]\n    uri: https://api.example.com/token\n  response:\n    headers:\n      X-Request-Id: [{draw.uuid()}]\n"),
        ("weights.json", json.dumps({"token_embedding": [round(draw.number(-999, 999) / 1000, 3) for _ in range(20)], "sha": draw.hex(64)})),
        ("coins.json", json.dumps({"token": "USDC", "tokenAddress": f"0x{draw.hex(40)}", "chainId": 1, "txHash": f"0x{draw.hex(64)}"})),
        ("page.html", f'<meta http-equiv="Content-Security-Policy" content="script-src \'nonce-{draw.base64(16)}\' \'sha256-{draw.base64(32)}\'">\n'),
        ("db.lock.json", json.dumps({"_id": draw.hex(24), "schemaHash": draw.hex(64), "tokenVersion": draw.number(1, 9)})),
    ])  # fmt: skip


DECOYS = (
    npm_lock, yarn_lock, yarn_berry_lock, pnpm_lock, python_locks, other_locks, checksums, digests, git_hashes, integrity, uuids,
    pictures, minified, build_manifests, certificates, public_keys, request_logs, vocabularies, data_tables,
)  # fmt: skip
