---@brief
---
--- Tokenward finds tokens in the files of a workspace and moves them into the keyring of the operating system.
---
--- It needs the command `tokenward`. It attaches to every kind of file, and runs beside other servers.
---
--- ```lua
--- vim.lsp.config('tokenward', {
---   settings = {
---     tokenward = { scanWorkspace = false }, -- only files that are open
---   },
--- })
--- ```

---@type vim.lsp.Config
return {
  cmd = { 'tokenward', 'server' },
  root_markers = { 'tokenward.toml', '.git' },
}
