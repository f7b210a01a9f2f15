"""The table of programs whose files `run` fills: what each reads, and how it gets the filled file."""

from __future__ import annotations

from pathlib import Path

import pytest

from home_files import HOME_FILES
from tokenward.operations.run.command_reader import CommandReader
from tokenward.operations.run.command_readers import (
    COMMAND_READERS,
    MOST_FILES,
    files_read,
    paths_in,
)
from tokenward.operations.run.kustomization import kustomized_files

FILES = (
    "Dockerfile",
    "a.yaml",
    "b.yaml",
    "k8s/1.yaml",
    "k8s/2.json",
    "k8s/note.txt",
    "chart/values.yaml",
    "alembic.ini",
    "auth.json",
    ".streamlit/secrets.toml",
    ".dev.vars",
    "terraform.tfvars",
    "samconfig.toml",
    "over/kustomization.yml",
    "Kustomization",
    "other/config.yml",
    "data/kaggle.json",
)
AT_HOME = (
    ".pypirc",
    ".aider.conf.yml",
    ".pgpass",
    ".my.cnf",
    ".netrc",
    "key.json",
    *(one.path for one in HOME_FILES),
)
GOOGLE = "GOOGLE_APPLICATION_CREDENTIALS"
CASES: tuple[tuple[str, dict[str, str], list[str]], ...] = (
    ("kubectl apply -f a.yaml --filename=b.yaml", {}, ["2-4 -f a.yaml", "4-5 --filename=b.yaml"]),
    ("/usr/bin/kubectl apply -fk8s", {}, ["2-3 -fk8s/1.yaml", "2-3 -fk8s/2.json"]),
    ("kubectl apply -k over", {}, ["2-4 -k over"]),
    ("kubectl kustomize", {}, ["2-2 "]),
    ("kustomize build over", {}, ["2-3 over"]),
    ("kustomize edit over", {}, []),
    ("kubectl get -k chart", {}, []),
    ("oc apply -f - -f nothing.yaml -f", {}, []),
    ("kubectl exec pod -- cat -f a.yaml", {}, []),
    ("helm upgrade -f a.yaml api chart", {}, ["2-4 -f a.yaml", "2-2 --values=chart/values.yaml"]),
    ("helm list chart", {}, []),
    ("psql shop", {}, ["1-1 PGPASSFILE ~/.pgpass"]),
    ("pg_dump shop", {"PGPASSFILE": "key.json"}, ["0-0 PGPASSFILE key.json"]),
    ("python app.py", {"PGPASSFILE": "key.json"}, ["0-0 PGPASSFILE key.json"]),
    ("mysql shop", {}, ["1-1 --defaults-file=~/.my.cnf"]),
    ("mysqldump --defaults-extra-file=b.yaml", {}, ["1-2 --defaults-extra-file=b.yaml"]),
    ("curl -n https://example.com", {}, ["1-1 --netrc-file ~/.netrc"]),
    ("curl https://example.com", {}, []),
    ("curl -q -K a.yaml", {}, ["2-4 -K a.yaml"]),
    ("glab mr list", {"GLAB_CONFIG_DIR": "other"}, ["0-0 GLAB_CONFIG_DIR other/config.yml"]),
    ("wget https://example.com", {"WGETRC": "key.json"}, ["0-0 WGETRC key.json"]),
    ("s3cmd -c a.yaml ls", {}, ["1-3 -c a.yaml"]),
    ("curl --netrc-file a.yaml", {"NETRC": "b.yaml"}, ["1-3 --netrc-file a.yaml", "0-0 NETRC b.yaml"]),
    ("ssh -i key.json example.com", {}, ["1-3 -i key.json"]),
    ("ssh-add -q key.json", {}, ["2-3 key.json"]),
    ("alembic upgrade head", {}, ["1-1 --config alembic.ini"]),
    ("alembic upgrade head", {"ALEMBIC_CONFIG": "a.yaml"}, ["0-0 ALEMBIC_CONFIG a.yaml"]),
    ("prometheus --config.file=a.yaml", {}, ["1-2 --config.file=a.yaml"]),
    ("blackbox_exporter --config.file a.yaml", {}, ["1-3 --config.file a.yaml"]),
    ("mosquitto -v -c a.yaml", {}, ["2-4 -c a.yaml"]),
    ("traefik --configFile=a.yaml", {}, ["1-2 --configFile=a.yaml"]),
    ("cloudflared tunnel --config a.yaml run", {}, ["2-4 --config a.yaml"]),
    ("redis-server a.yaml --port 1", {}, ["1-2 a.yaml"]),
    ("streamlit run app.py", {}, ["2-2 --secrets.files .streamlit/secrets.toml"]),
    ("streamlit version", {}, []),
    ("twine upload a", {}, ["2-2 --config-file ~/.pypirc"]),
    ("twine check a", {}, []),
    ("aider --config a.yaml", {}, ["1-3 --config a.yaml"]),
    ("aider", {}, ["1-1 --config ~/.aider.conf.yml"]),
    ("docker build -t a .", {}, ["2-2 --secret id=NAME,env=NAME"]),
    ("docker build . -f a.yaml", {}, ["3-5 -f a.yaml"]),
    ("docker run a .", {}, []),
    ("composer install", {}, ["1-1 COMPOSER_AUTH auth.json"]),
    ("composer install", {"COMPOSER_AUTH": "{}"}, []),
    ("python a.py", {"KAGGLE_CONFIG_DIR": "data"}, ["0-0 KAGGLE_CONFIG_DIR data/kaggle.json"]),
    *(
        ("python a.py", {name: "a.yaml"}, [f"0-0 {name} a.yaml"])
        for name in ("BOTO_CONFIG", "DATABRICKS_CONFIG_FILE", "HF_TOKEN_PATH", "OCI_CONFIG_FILE")
    ),
    ("node app.js", {"NETRC": "~", GOOGLE: "key.json"}, [f"0-0 {GOOGLE} key.json"]),
    ("node -f a.yaml -i b.yaml", {}, []),
    ("node app.js --config=a.yaml -c b.yaml", {}, ["2-3 --config=a.yaml", "3-5 -c b.yaml"]),
    ("python -m synapse.app.homeserver -c a.yaml", {}, ["3-5 -c a.yaml"]),
    ("node app.js -- --config a.yaml", {}, []),
    ("kubectl apply -f a.yaml --config b.yaml", {}, ["2-4 -f a.yaml", "4-6 --config b.yaml"]),
    ("sam local invoke Fn -n key.json", {}, ["4-6 -n key.json"]),
    ("mamba env create --file=a.yaml", {}, ["3-4 --file=a.yaml"]),
    ("cf push -f a.yaml", {}, ["2-4 -f a.yaml"]),
    ("helmfile -f a.yaml apply", {}, ["1-3 -f a.yaml"]),
    ("sam deploy", {}, ["2-2 --config-file samconfig.toml"]),
    ("sam deploy --config-file a.yaml", {}, ["2-4 --config-file a.yaml"]),
    ("sam logs", {}, []),
    ("zappa deploy -s a.yaml", {}, ["2-4 -s a.yaml"]),
    ("wrangler dev", {}, ["2-2 --env-file .dev.vars"]),
    ("wrangler deploy --env-file a.yaml", {}, ["2-4 --env-file a.yaml"]),
    ("deck gateway sync a.yaml", {}, ["3-4 a.yaml"]),
    ("dex serve a.yaml", {}, ["2-3 a.yaml"]),
    ("wg-quick up a.yaml", {}, ["2-3 a.yaml"]),
    ("az deployment group create --parameters a.yaml", {}, ["4-6 --parameters a.yaml"]),
    ("terraform apply", {}, ["2-2 -var-file=terraform.tfvars", "1-1 TF_CLI_CONFIG_FILE ~/.terraformrc"]),
    ("tofu plan -var-file=a.yaml", {}, ["2-3 -var-file=a.yaml", "1-1 TF_CLI_CONFIG_FILE ~/.terraformrc"]),
    ("terraform fmt", {}, ["1-1 TF_CLI_CONFIG_FILE ~/.terraformrc"]),
    *(
        (
            one.command,
            {},
            [
                f"1-1 {one.given} ~/{one.path}" if one.given.startswith("-")
                else f"1-1 {one.given.strip('$').partition('/')[0]} ~/{one.path}"
            ],
        )
        for one in HOME_FILES
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with files, whose home folder is another."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    folder = tmp_path / "project"
    places = [folder / name for name in (*FILES, "key.json")] + [home / name for name in AT_HOME]
    for path in places:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(("line", "variables", "expected"), CASES)
def test_a_command_reads_these_files(
    line: str, variables: dict[str, str], expected: list[str], project: Path
) -> None:
    shown = []
    for read in files_read(line.split(), variables):
        words = " ".join(read.words).replace("FILE", str(read.path)) or f"{read.reader.variable} {read.path}"
        shown.append(f"{read.start}-{read.end} {words}")
    text = (
        "\n".join(shown)
        .replace(f"{project}/", "")
        .replace(f"{project}", "")
        .replace(str(project.parent / "home"), "~")
    )
    assert text.splitlines() == expected


def test_every_row_has_a_case() -> None:
    def is_tried(row: CommandReader) -> bool:
        programs = row.programs or {"python", "node", "curl"}
        return any(
            line.split()[0] in programs
            and expected
            and (row.programs or row.variable in variables or {*row.options} & {*line.split()})
            for line, variables, expected in CASES
        )

    assert [row for row in COMMAND_READERS if not is_tried(row)] == []


def test_a_huge_folder_is_read_in_part(project: Path) -> None:
    for number in range(MOST_FILES):
        project.joinpath("k8s", f"x{number}.yaml").touch()
    assert len([*files_read(["kubectl", "apply", "-f", "k8s"], {})]) == MOST_FILES


@pytest.mark.parametrize(
    ("only", "names"), [([], {"NETRC", "PGPASSFILE", "COMPOSER_AUTH"}), (["A,NETRC"], {"NETRC"})]
)
def test_environment_files_name_files_or_have_their_content(
    only: list[str], names: set[str], project: Path
) -> None:
    env_file = project / ".env"
    env_file.write_text("A=1\nNETRC=a.yaml\nPGPASSFILE='b.yaml'\nCOMPOSER_AUTH={}\n")
    assert paths_in([env_file, project / "missing"], only, project).keys() == names


@pytest.mark.parametrize("path", ["../a.yaml", "/a.yaml", "nul\0", "link/a.yaml"])
def test_an_environment_file_names_no_file_elsewhere(path: str, project: Path) -> None:
    project.joinpath("link").symlink_to(project.parent)
    env_file = project / ".env"
    env_file.write_text(f"NETRC={path}\n")
    assert paths_in([env_file], [], project) == {}


def test_only_a_file_that_nothing_names_is_one_of_the_home_folder() -> None:
    given = str(Path.home() / ".pgpass")
    assert [one.is_home for one in files_read(["psql"], {})] == [True]
    assert [one.is_home for one in files_read(["psql"], {"PGPASSFILE": given})] == [False]
    assert [one.is_home for one in files_read(["alembic"], {})] == [False]


def test_links_of_a_hostile_kustomization_lead_to_no_more_files_than_may_be_copied(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(".")
    (tmp_path / "b").symlink_to(".")
    (tmp_path / "c.yaml").write_text("")
    names = ("/".join(["ab"[number >> bit & 1] for bit in range(11)]) for number in range(1 << 11))
    (tmp_path / "kustomization.yaml").write_text("\n".join(f"{name}/c.yaml" for name in names))
    found = kustomized_files(tmp_path)
    assert (len(found.paths), found.is_whole) == (1_001, False)
