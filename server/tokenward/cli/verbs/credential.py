"""`tokenward credential`: the helpers by which tools ask for tokens, and the records that they answer from."""

from __future__ import annotations

import typer

from tokenward.cli.support.credential_helper import help_tool
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.options import NAME
from tokenward.cli.support.person import refuse_assistants
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.credentials import Address, parse_url
from tokenward.errors import CustodyError
from tokenward.operations.credentials.records import add_record, remove_record
from tokenward.places import shown

_URL = typer.Argument(..., metavar="URL", help="Where the token is valid, such as https://git.example.com.")
_USER = typer.Option("", "--user", "-u", help="The user name that goes with the token.")


credential = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Give git, docker, AWS and other tools their tokens."
)


@credential.command()
def add(
    url: str = _URL,
    name: str = NAME,
    user: str = _USER,
) -> None:
    """Answer with a stored token when git, docker, cargo and others ask for a URL.

    The record applies to the host, or to everything below the path, in this workspace alone.
    """
    refuse_assistants()
    address, named = _address(url)
    invocation = Invocation.here()
    reference = invocation.reference(name)
    with invocation.context() as context:
        add_record(context, invocation.folder, address, user or named, reference)
    say(f"Tools in {invocation.folder} that ask for {address} get {reference}.")
    if not address.is_encrypted:
        say(f"{address} is not encrypted, so everybody on the way can read the token.")


@credential.command("list")
def list_records() -> None:
    """List this workspace's credential records: URL, user and reference."""
    invocation = Invocation.here()
    with invocation.context() as context:
        workspace = context.bindings.name_of(invocation.folder)
        for record in context.credentials.in_workspace(workspace) if workspace else ():
            print_text("\t".join((shown(record.address), shown(record.user), str(record.reference))))


@credential.command()
def remove(url: str = _URL, user: str = _USER) -> None:
    """Stop answering for a URL; the token stays in the keyring."""
    refuse_assistants()
    address, named = _address(url)
    wanted = user or named
    invocation = Invocation.here()
    with invocation.context() as context:
        workspace = context.bindings.name_of(invocation.folder)
        records = context.credentials.in_workspace(workspace) if workspace else ()
        meant = [one for one in records if one.address == address and (not wanted or one.user == wanted)]
        removed = [one for one in meant if remove_record(context, invocation.folder, one)]
    if not removed:
        raise CustodyError(f"There is no record for {address} here; `tokenward credential list` shows them.")
    for record in removed:
        say(f"Tools that ask for {address} no longer get {record.reference}, which stays in the keyring.")


@credential.command()
def aws(words: list[str] = typer.Argument(..., metavar="ACCESS_KEY_ID REFERENCE [SESSION_TOKEN]")) -> None:
    """Print an access key as AWS's `credential_process` does."""
    raise typer.Exit(help_tool("aws", words))


@credential.command()
def kubectl(words: list[str] = typer.Argument(..., metavar="REFERENCE")) -> None:
    """Print a token, or a certificate and its key, as an exec plugin of kubectl does."""
    raise typer.Exit(help_tool("kubectl", words))


@credential.command()
def headers(words: list[str] = typer.Argument(..., metavar="'NAME: TEXT WITH REFERENCE'")) -> None:
    """Print HTTP headers as a JSON object, for MCP clients."""
    raise typer.Exit(help_tool("headers", words))


@credential.command()
def key(words: list[str] = typer.Argument(..., metavar="REFERENCE")) -> None:
    """Print a token, as Claude Code's `apiKeyHelper` does."""
    raise typer.Exit(help_tool("key", words))


def _address(url: str) -> tuple[Address, str]:
    try:
        return parse_url(url)
    except ValueError:
        # The URL is not repeated, because it may contain a password.
        pass
    raise CustodyError(
        "This is not the URL of a host; write one like https://git.example.com or "
        "https://git.example.com:8443/acme, without a password, a query or a percent sign."
    )
