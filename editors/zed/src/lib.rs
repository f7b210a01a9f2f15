//! Starts the `tokenward` of the worktree's PATH, or the program that the user's settings name.

use zed_extension_api::{self as zed, settings::LspSettings, LanguageServerId, Result, Worktree};

struct Tokenward;

impl zed::Extension for Tokenward {
    fn new() -> Self {
        Tokenward
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<zed::Command> {
        let named = LspSettings::for_worktree(id.as_ref(), worktree)
            .ok()
            .and_then(|settings| settings.binary)
            .and_then(|binary| binary.path);
        let command = named.or_else(|| worktree.which("tokenward")).ok_or(
            "There is no tokenward on the PATH; install it, or name it in lsp.tokenward.binary.path in the settings.",
        )?;
        Ok(zed::Command {
            command,
            args: vec!["server".into()],
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<zed::serde_json::Value>> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree)?.settings;
        Ok(settings.map(|own| zed::serde_json::json!({ "tokenward": own })))
    }
}

zed::register_extension!(Tokenward);
