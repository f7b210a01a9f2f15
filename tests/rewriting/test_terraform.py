"""The default of a variable of Terraform becomes `null`, and the token moves under the name that Terraform reads."""

from __future__ import annotations

import pytest

from rewriting.moving import LANGUAGE, TOKEN, filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.naming import keys_at
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import find_references, plan_rewrite

TERRAFORM = LANGUAGE["terraform"]
VARIABLE = (
    'variable "api_key" {\n  type    = string # b\n  default = "T0K"\n}\n\nlocals {\n  none = null\n}\n'
)
REFERENCE = Reference("acme", "TF_VAR_api_key")


@pytest.mark.parametrize("with_record", [True, False])
def test_a_default_becomes_null_and_comes_back(with_record: bool) -> None:
    before = filled(VARIABLE)
    rewrite = plan_rewrite(before, TERRAFORM, spans_of(before), REFERENCE)
    moved = apply_edits(before, rewrite.edits)
    assert moved == VARIABLE.replace('"T0K"', "null")
    assert rewrite.value.reveal() == TOKEN
    assert rewrite.needs_environment
    assert len(find_references(moved, TERRAFORM, [REFERENCE.name])) == 1
    record = rewrite.undo if with_record else ()
    assert apply_edits(moved, plan_restore(moved, TERRAFORM, record, REFERENCE, rewrite.value)) == before


_DECLARATION = '\n\nvariable "NAME" {\n  type = string\n}\n'
DECLARED = [
    (
        'provider "github" {\n  token = "T0K"\n}\n',
        'provider "github" {\n  token = var.NAME\n}'
        + _DECLARATION.replace("type =", "type      =").replace("string\n", "string\n  sensitive = true\n"),
        "provider_github_token",
    ),
    (
        'locals {\n  a = { api-key = ["x T0K", "T0K"] } # T0K\n}'.replace("\n", "\r\n"),
        (
            'locals {\n  a = { api-key = ["x ${var.NAME}", var.NAME] } # REFERENCE\n}' + _DECLARATION.rstrip()
        ).replace("\n", "\r\n"),
        "local_a_api_key",
    ),
    (
        'resource "a_db" "shop" {\n  b { password = "${var.x}T0K" }\n}\n',
        f'resource "a_db" "shop" {{\n  b {{ password = "${{var.x}}${{var.NAME}}" }}\n}}{_DECLARATION}',
        "a_db_shop_password",
    ),
]


@pytest.mark.parametrize("with_record", [True, False])
@pytest.mark.parametrize(("source", "after", "name"), DECLARED)
def test_other_values_become_a_variable_that_the_file_declares(
    source: str, after: str, name: str, with_record: bool
) -> None:
    before = filled(source)
    reference = Reference("acme", TERRAFORM.read(before).variable(spans_of(before)[0]) or "")
    assert reference.name == f"TF_VAR_{name}"
    rewrite = plan_rewrite(before, TERRAFORM, spans_of(before), reference)
    moved = apply_edits(before, rewrite.edits)
    assert moved == after.replace("NAME", name).replace("REFERENCE", str(reference))
    assert rewrite.needs_environment
    record = rewrite.undo if with_record else ()
    assert apply_edits(moved, plan_restore(moved, TERRAFORM, record, reference, rewrite.value)) == before


def test_a_variable_stays_while_something_reads_it() -> None:
    before = filled(DECLARED[0][0])
    reference = Reference("acme", "TF_VAR_provider_github_token")
    rewrite = plan_rewrite(before, TERRAFORM, spans_of(before), reference)
    used = (
        f'{apply_edits(before, rewrite.edits)}\noutput "a" {{\n  value = 1 + var.provider_github_token2\n}}\n'
    )
    assert apply_edits(
        used, plan_restore(used, TERRAFORM, rewrite.undo, reference, rewrite.value)
    ).startswith(before)
    used = used.replace("token2", "token")
    restored = apply_edits(used, plan_restore(used, TERRAFORM, rewrite.undo, reference, rewrite.value))
    assert 'variable "provider_github_token"' in restored


def test_a_comment_gets_the_reference() -> None:
    before = filled("# T0K\n")
    rewrite = plan_rewrite(before, TERRAFORM, spans_of(before), REFERENCE)
    assert apply_edits(before, rewrite.edits) == f"# {REFERENCE}\n"


@pytest.mark.parametrize(
    ("source", "name", "why"),
    [
        (VARIABLE, "API_KEY", "from TF_VAR_api_key"),
        (VARIABLE.replace('"T0K"', '"a T0K"'), "TF_VAR_api_key", "declare a variable"),
        (VARIABLE.replace('"T0K"', '["T0K"]'), "TF_VAR_api_key", "declare a variable"),
        (VARIABLE.replace("default", "nullable = false\n  default"), "TF_VAR_api_key", "declare a variable"),
        (VARIABLE.replace("default", "description"), "TF_VAR_api_key", "declare a variable"),
        ('module "a" {\n  source = "T0K"\n}\n', "TF_VAR_token", "declare a variable"),
        ('terraform {\n  backend "s3" {\n    token = "T0K"\n  }\n}\n', "TF_VAR_token", "declare a variable"),
        ('locals {\n  a = { "T0K" = 1 }\n}\n', "TF_VAR_token", "declare a variable"),
        ('locals {\n  token = "T0K"\n}\n', "API_KEY", "from TF_VAR_local_token"),
        ("locals {\n  token = <<-A\n    T0K\n  A\n}\n", "TF_VAR_token", "not inside a string"),
    ],
)
def test_what_terraform_reads_from_no_variable_is_refused(source: str, name: str, why: str) -> None:
    text = filled(source)
    with pytest.raises(RewriteRefused, match=why):
        plan_rewrite(text, TERRAFORM, spans_of(text), Reference("acme", name))


@pytest.mark.parametrize(
    ("source", "variable"),
    [(VARIABLE, "TF_VAR_api_key"), ('locals {\n  api_key = "T0K"\n}\n', "TF_VAR_local_api_key")],
)
def test_only_a_default_has_a_name_that_terraform_reads(source: str, variable: str | None) -> None:
    text = filled(source)
    assert TERRAFORM.read(text).variable(spans_of(text)[0]) == variable
    assert keys_at(text, TERRAFORM, spans_of(text)[0])[-1] in {"default", "api_key"}
