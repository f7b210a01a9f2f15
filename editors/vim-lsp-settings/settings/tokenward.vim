augroup vim_lsp_settings_tokenward
  au!
  LspRegisterServer {
      \ 'name': 'tokenward',
      \ 'cmd': {_ -> lsp_settings#get('tokenward', 'cmd', [lsp_settings#exec_path('tokenward'), 'server'])},
      \ 'root_uri': {_ -> lsp_settings#get('tokenward', 'root_uri', lsp_settings#root_uri('tokenward'))},
      \ 'initialization_options': lsp_settings#get('tokenward', 'initialization_options', v:null),
      \ 'allowlist': lsp_settings#get('tokenward', 'allowlist', ['*']),
      \ 'blocklist': lsp_settings#get('tokenward', 'blocklist', []),
      \ 'config': lsp_settings#get('tokenward', 'config', lsp_settings#server_config('tokenward')),
      \ 'workspace_config': lsp_settings#get('tokenward', 'workspace_config', {}),
      \ }
augroup END
