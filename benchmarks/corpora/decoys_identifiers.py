"""Decoys that identify something: public identifiers of services, keys that open nothing, addresses, signatures."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

import json

from corpora.draw import Draw


def public_ids(draw: Draw) -> tuple[str, str]:
    return draw.one([
        (".env", f"TWILIO_ACCOUNT_SID=AC{draw.hex(32)}\nSLACK_CHANNEL_ID=C0{draw.upper(9)}\nNOTION_DATABASE_ID={draw.hex(32)}\n"),
        (".env", f"GOOGLE_CLIENT_ID={draw.digits(12)}-{draw.lower(32)}.apps.googleusercontent.com\nAUTH0_CLIENT_ID={draw.alphanumeric(32)}\nGA_ID=G-{draw.upper(10)}\n"),
        ("prices.json", json.dumps({"price": f"price_1{draw.alphanumeric(23)}", "customer": f"cus_{draw.alphanumeric(14)}", "product": f"prod_{draw.alphanumeric(14)}", "payment_intent": f"pi_3{draw.alphanumeric(23)}"})),
        ("pod.yaml", f"metadata:\n  uid: {draw.uuid()}\n  resourceVersion: '{draw.digits(9)}'\n  name: api-{draw.hex(10)}-{draw.lower(5)}\n  ownerReferences:\n  - name: default-token-{draw.lower(5)}\n"),
        ("helm.log", f"secret/sh.helm.release.v1.api.v{draw.number(1, 40)} configured\nserviceaccount/api-token-{draw.lower(5)} unchanged\n"),
        ("main.tf", f'key_name  = "deploy-{draw.word()}"\nkms_key_id = "arn:aws:kms:eu-central-1:{draw.digits(12)}:key/{draw.uuid()}"\nsecret_arn = "arn:aws:secretsmanager:eu-west-1:{draw.digits(12)}:secret:api-{draw.alphanumeric(6)}"\n'),
        ("chat.json", json.dumps({"id": f"chatcmpl-{draw.alphanumeric(29)}", "system_fingerprint": f"fp_{draw.hex(10)}", "tool_call_id": f"call_{draw.alphanumeric(24)}", "usage": {"total_tokens": 991}})),
        ("messages.jsonl", json.dumps({"id": f"msg_01{draw.alphanumeric(22)}", "request_id": f"req_011{draw.alphanumeric(21)}", "tool_use_id": f"toolu_01{draw.alphanumeric(22)}"}) + "\n"),
        ("sentry.properties", f"defaults.project=api\ndefaults.org={draw.word()}\nrelease={draw.hex(40)}\ndebug.id={draw.uuid()}\n"),
        ("db.json", json.dumps([{"_id": {"$oid": draw.hex(24)}, "key": f"users/{draw.hex(24)}", "slug": f"{draw.word()}-{draw.word()}-{draw.number(10, 99)}"}])),
    ])  # fmt: skip


def other_keys(draw: Draw) -> tuple[str, str]:
    word = draw.word()
    return draw.one([
        ("table.tf", f'hash_key  = "{word}_identifier"\nrange_key = "created_timestamp"\nsort_key = "createdAtTimestamp"\n'),
        ("models.py", f'primary_key = "customer_{word}_id"\nforeign_key = ForeignKey("{word}_accounts.account_id")\nunique_key = ("tenant", "external_reference")\n'),
        ("keys.ts", "if (event.key === 'ArrowRight') next();\nconst storageKey = 'acme.preferences.sidebarCollapsed';\nconst queryKey = ['projects', projectId, 'deployments'];\n"),
        ("List.tsx", '<Item key="navigation-item-settings" tokenKey="colorPrimaryBackgroundHover" translationKey="settings.security.title" />\n'),
        ("cache.py", f'CACHE_KEY = "acme:{word}:permissions:v3"\nkey = f"session:{{user.id}}:token:{{digest}}"\nkey_prefix = "production-web-frontend"\n'),
        ("keymap.json", json.dumps([{"key": "ctrl+shift+alt+p", "command": "workbench.action.showCommands"}, {"key": "cmd+k cmd+s", "command": "editor.action.tokenInspector"}])),
        ("manifest.json", json.dumps({"manifest_version": 3, "name": "acme", "key": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + draw.base64(270), "permissions": ["storage"]})),
        ("zone.db", f'mail._domainkey IN TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ{draw.base64(120)}"\n_443._tcp IN TLSA 3 1 1 {draw.hex(64)}\n'),
        ("release.asc.txt", "-----BEGIN PGP SIGNATURE-----\n\n" + draw.base64(144) + "\n-----END PGP SIGNATURE-----\n"),
        ("wallet.md", f"Donate: bc1q{draw.lower(38)} or 0x{draw.hex(40)}; the token contract is 0x{draw.hex(40)}.\n"),
    ])  # fmt: skip


def handles(draw: Draw) -> tuple[str, str]:
    """Return tokens that mark a page, a request or a version."""
    return draw.one([
        ("list.sh", f"aws s list --next-token {draw.base64(60)}\naws e run --client-token {draw.uuid()}\n"),
        ("waf.md", f"```\naws w update --change-token {draw.uuid()} --lock-token {draw.uuid()}\naws a request --idempotency-token {draw.lower(10)}\n```\n"),
        ("page.json", json.dumps({"NextToken": draw.base64(80), "nextPageToken": draw.base64(40), "LockToken": draw.uuid(), "ExportToken": f"export-token-{draw.lower(15)}1"})),
        ("calls.ipynb", json.dumps({"cells": [{"outputs": [{"text": [f"{{'nextPageToken': '{draw.base64(40)}'}}\n"]}]}]})),
        ("costs.md", f"[estimate](https://calculator.example.com/calc5.html?key=cloudformation/{draw.uuid()})\n"),
        ("settings.json", json.dumps({"vapidKey": "B" + draw.url_safe(86), "values": [{"key": "public_key", "value": draw.base64(43) + "="}]})),
        ("analytics.js", f'amplitude.init(AMPLITUDE_API_KEY);\nconst AMPLITUDE_API_KEY = "{draw.hex(32)}";\n'),
        ("gpg.t", f"fields => {{ PrivateKey => '{draw.hex(40).upper()}' }},\n"),
    ])  # fmt: skip


def addresses(draw: Draw) -> tuple[str, str]:
    word = draw.word()
    return draw.one([
        ("oauth.yaml", f"token_endpoint: https://login.example.com/{draw.uuid()}/oauth2/v2.0/token\njwks_uri: https://login.example.com/{word}/.well-known/jwks.json\n"),
        ("urls.py", 'RESET_URL = "https://app.example.com/account/password/reset?next=/dashboard/overview"\nSCOPE = "https://www.example.com/auth/cloud-platform.read-only"\n'),
        (".npmrc", "registry=https://npm.example.com/repository/acme-group/\n@acme:registry=https://npm.example.com/\nemail=ada@example.com\nalways-auth=true\n"),
        ("compose.yml", "environment:\n  DATABASE_URL: postgresql://db.internal:5432/shop\n  REDIS_URL: redis://cache.internal:6379/0\n  OTEL_ENDPOINT: http://collector.internal:4317\n"),
        (".gitmodules", f'[submodule "tokens"]\n\tpath = vendor/tokens\n\turl = git@git.example.com:acme/{word}-secrets.git\n[submodule "b"]\n\turl = ssh://git@git.example.com:22/acme/api.git\n'),
        ("beans.xml", '<bean id="passwordEncoder" class="org.example.security.crypto.bcrypt.BCryptPasswordEncoder"/>\n<property name="tokenStore" ref="jdbcTokenStoreWithCaching"/>\n'),
        ("app.properties", "password.encoder.class=org.example.security.Pbkdf2PasswordEncoder\ntoken.store=com.example.auth.JdbcTokenRepositoryImpl\nssl.key-store=classpath:keystore/server.p12\n"),
        ("mail.txt", f"Message-ID: <{draw.alphanumeric(32)}@mail.example.com>\nReferences: <CA+{draw.url_safe(44)}@mail.example.com>\nSubject: password reset\n"),
        ("links.md", f"[recording](https://video.example.com/watch?v={draw.url_safe(11)}) [sheet](https://docs.example.com/spreadsheets/d/{draw.url_safe(44)}/edit#gid=0)\n"),
        ("image.html", f'<img src="https://cdn.example.com/{draw.hex(40)}/{draw.uuid()}.png?w=640&v={draw.hex(8)}" alt="token">\n'),
    ])  # fmt: skip


DECOYS = (public_ids, public_ids, other_keys, other_keys, addresses, handles, handles)
