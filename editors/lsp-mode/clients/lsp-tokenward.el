;;; lsp-tokenward.el --- Tokenward support for lsp-mode -*- lexical-binding: t; -*-

;; Keywords: languages, tools

;; This program is free software: it has the MIT licence of Tokenward.

;;; Commentary:

;; Finds tokens in every kind of file, and moves them into the keyring of the operating system.
;; It runs beside the servers of the file's language.

;;; Code:

(require 'lsp-mode)

(defgroup lsp-tokenward nil
  "Tokens in files, by Tokenward."
  :group 'lsp-mode
  :link '(url-link "https://tokenward.example.com"))

(defcustom lsp-tokenward-command '("tokenward" "server")
  "The command that starts the server."
  :type '(repeat string)
  :risky t
  :group 'lsp-tokenward)

(add-to-list 'lsp-language-id-configuration '("/\\.env\\(?:\\.[^/]*\\)?\\'" . "dotenv"))

(lsp-register-client
 (make-lsp-client
  :new-connection (lsp-stdio-connection (lambda () lsp-tokenward-command))
  :activation-fn (lambda (&rest _) t)
  :priority -2
  :add-on? t
  :server-id 'tokenward))

(lsp-consistency-check lsp-tokenward)

(provide 'lsp-tokenward)
;;; lsp-tokenward.el ends here
