"""A client gets texts in the language of its locale, and its answers are understood in it."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

import tokens
from cli_shell import Shell
from lsp_client import editor


async def test_a_german_editor_is_spoken_to_in_german(unlocked: dict[str, str], folder: Path) -> None:
    uri, shell = (folder / ".env").as_uri(), Shell(unlocked, folder)
    async with editor(unlocked, folder, locale="de") as one:
        one.open(uri, f"GITHUB_TOKEN={tokens.github()}\n", "dotenv")
        (found,) = await one.diagnostics(uri)
        assert found.message == "GitHub token im Klartext: langlebig, funktioniert überall."
        titles = [action.title for action in await one.actions(uri, found)]
        assert "Dieses Token ignorieren" in titles
        assert titles[0] == "In den Schlüsselbund als GITHUB_TOKEN verschieben: GitHub token"
        hover = await one.hover(uri, 0, 20)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        facts = "So wird es widerrufen**: In den Einstellungen des Besitzers löschen."
        assert facts in hover.contents.value.replace("\\", "")
        await one.run((await one.actions(uri, found))[0])
        await one.told("In den Schlüsselbund als keyring://acme-api/GITHUB_TOKEN verschoben: GitHub token.")
        report = (await one.ask("tokenward/report", {}))["html"]
        assert '<html lang="de">' in report
        assert "Jetzt liegt kein Token offen. Das eine bekannt gewordene Token ist entfernt." in report
        one.choices = ["Delete permanently", "Endgültig löschen"]
        argument = {"reference": "keyring://acme-api/GITHUB_TOKEN"}
        delete = types.ExecuteCommandParams("tokenward.server.delete", [argument])
        for _ in range(2):
            await one.client.workspace_execute_command_async(delete)
        await one.told("keyring://acme-api/GITHUB_TOKEN wurde aus dem Schlüsselbund gelöscht.")
    assert shell("get", "GITHUB_TOKEN").code == 2
