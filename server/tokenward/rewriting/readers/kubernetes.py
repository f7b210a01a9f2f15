"""Readers of manifests and charts: `tokenward run` fills them for kubectl and helm."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.reader import Place, filled, reader

_APPLY = (
    "Apply it with `tokenward run -- kubectl apply -f FILE`, with this file as FILE, or with `-k FOLDER` if Kustomize "
    "reads it. Write it that way in Makefiles and scripts too."
)
_NO_MANIFEST = r"Config|Kustomization|Component|\w+Configuration|ClusterConfig"
_MANIFEST = r"\A(?=[\s\S]*^apiVersion:)[\s\S]*^kind:[ \t]*[\"']?"
# Azure's templates have both words too, with a date.
_JSON_MANIFEST = r"\A\s*\{(?=[\s\S]*?\"apiVersion\"\s*:\s*\"(?:[\w.-]+/)?v\d)[\s\S]*?(?<!\\)\"kind\"\s*:\s*\""
_FILLED = Place("REFERENCE", after=_APPLY)

# fmt: off
KUBERNETES = (
    reader(
        "Helm's templates", "lines", r"templates/.+\.(?:ya?ml|tpl|txt)", content=r"\{\{",
        refusal=(
            "Helm fills this template; write `{{ .Values.NAME }}` or a name of your own there, put the token into "
            "values.yaml under it, and move it there."
        ),
    ),
    reader(
        "Helm's values", "yaml", r"values(?:[.-][^/]*)?\.ya?ml",
        Place("REFERENCE", after="Install it with `tokenward run -- helm upgrade --install …`."),
    ),
    reader(
        "Kustomize", "yaml", r"kustomization(?:\.ya?ml)?",
        filled("kubectl apply -k FOLDER", ", with this file's folder as FOLDER."),
    ),
    *(
        row
        for language, files, manifest, end in (
            ("yaml", r"[^/]*\.ya?ml", _MANIFEST, r"[\"']?[ \t]*(?:#.*)?\r?$"),
            ("json", r"[^/]*\.json", _JSON_MANIFEST, r"\""),
        )
        for row in (
            reader(
                "Sealed Secrets and External Secrets", language, files,
                content=rf"{manifest}(?:SealedSecret|(?:Cluster)?ExternalSecret|PushSecret)\b",
                refusal=(
                    "The cluster's controller reads this file from the repository, so a reference would not work; keep "
                    "the token in the store that the controller reads."
                ),
            ),
            reader(
                "Kubernetes Secrets", language, files,
                # Values under `data` are Base64, and so is what is found, stored and filled in.
                Place(
                    "REFERENCE", re.compile("(?:items/)?data/.*"),
                    after=f"{_APPLY} The entry NAME holds the value in Base64, as the file did.",
                ),
                _FILLED, content=rf"{manifest}Secret\b",
            ),
            reader(
                "Kubernetes", language, files, _FILLED, content=rf"{manifest}(?!(?:{_NO_MANIFEST})\b)[A-Z]\w*{end}",
            ),
        )
    ),
)
# fmt: on
