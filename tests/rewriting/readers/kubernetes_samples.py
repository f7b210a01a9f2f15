from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample(
        "Kubernetes Secrets",
        "k8s/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\nstringData:\n  token: T0K\n",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\nstringData:\n  token: keyring://acme/API_KEY\n",
    ),
    Sample(
        "Kubernetes Secrets",
        "k8s/exported.yml",
        'apiVersion: v1\ndata:\n  token: "T0K"\nkind: "Secret" # from the cluster\nmetadata: {name: api}\n',
        'apiVersion: v1\ndata:\n  token: "keyring://acme/API_KEY"\nkind: "Secret" # from the cluster\n'
        "metadata: {name: api}\n",
    ),
    Sample(
        "Kubernetes",
        "deployment.yaml",
        "apiVersion: apps/v1\r\nkind: Deployment\r\nspec:\r\n  template:\r\n    spec:\r\n      containers:\r\n"
        "        - env:\r\n            - name: TOKEN\r\n              value: 'T0K'\r\n"
        "            - {value: T0K, name: B}\r\n"
        "          args: [--token=T0K, \"--user\", 'u:T0K']\r\n",
        "apiVersion: apps/v1\r\nkind: Deployment\r\nspec:\r\n  template:\r\n    spec:\r\n      containers:\r\n"
        "        - env:\r\n            - name: TOKEN\r\n              value: 'keyring://acme/API_KEY'\r\n"
        "            - {value: keyring://acme/API_KEY, name: B}\r\n"
        "          args: [--token=keyring://acme/API_KEY, \"--user\", 'u:keyring://acme/API_KEY']\r\n",
    ),
    Sample(
        "Kubernetes",
        "config.yaml",
        "kind: ConfigMap\napiVersion: v1\ndata:\n  app.ini: |\n    [api]\n    token = T0K\n",
        "kind: ConfigMap\napiVersion: v1\ndata:\n  app.ini: |\n    [api]\n    token = keyring://acme/API_KEY\n",
    ),
    Sample(
        "Kubernetes Secrets",
        "k8s/secret.json",
        '{ "apiVersion": "v1", "kind": "Secret", "stringData": { "token": "T0K" } }\n',
        '{ "apiVersion": "v1", "kind": "Secret", "stringData": { "token": "keyring://acme/API_KEY" } }\n',
    ),
    Sample(
        "Kubernetes",
        "deployment.json",
        '{"kind": "Deployment", "spec": {"env": [{"name": "A", "value": "T0K"}]}, "apiVersion": "apps/v1"}\n',
        '{"kind": "Deployment", "spec": {"env": [{"name": "A", "value": "keyring://acme/API_KEY"}]}, '
        '"apiVersion": "apps/v1"}\n',
    ),
    Sample(
        "Helm's values",
        "chart/values-production.yaml",
        "api:\n  token: T0K\n  url: u:T0K@example.com\n",
        "api:\n  token: keyring://acme/API_KEY\n  url: u:keyring://acme/API_KEY@example.com\n",
    ),
    Sample(
        "Kustomize",
        "k8s/kustomization.yaml",
        "kind: Kustomization\nsecretGenerator:\n  - name: api\n    literals: [token=T0K]\n",
        "kind: Kustomization\nsecretGenerator:\n  - name: api\n    literals: [token=keyring://acme/API_KEY]\n",
    ),
)
REFUSED = (
    Refused(
        "Helm's templates",
        "chart/templates/secret.yaml",
        "apiVersion: v1\nkind: Secret\n{{- if .Values.on }}\nstringData:\n  token: T0K\n{{- end }}\n",
        ".Values.NAME",
    ),
    Refused(
        "Sealed Secrets and External Secrets",
        "sealed.yaml",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    token: T0K\n",
        "reads this file from the repository",
    ),
)
