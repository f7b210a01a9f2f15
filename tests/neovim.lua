-- What tests/neovim.py calls in Neovim.
Test = {}

local PATIENCE = 30000
local told = {}
local published = 0

local function also(method, act)
  local handler = vim.lsp.handlers[method]
  vim.lsp.handlers[method] = function(err, result, ...)
    act(result)
    return handler(err, result, ...)
  end
end

also("window/showMessage", function(result)
  table.insert(told, result.message)
end)
also("textDocument/publishDiagnostics", function()
  published = published + 1
end)

local function wait_for(what, condition)
  if not vim.wait(PATIENCE, condition, 10) then
    error("waited in vain for " .. what .. "; the server told: " .. vim.inspect(told), 0)
  end
end

local function and_wait_for_diagnostics(act)
  local before = published
  act()
  wait_for("diagnostics", function()
    return published > before
  end)
end

local function text()
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
  return table.concat(lines, "\n") .. (vim.bo.endofline and "\n" or "")
end

local function choose_the_preferred_fix()
  local first = vim.diagnostic.get(0)[1]
  vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.isPreferred
    end,
  })
end

local functions = {}

function functions.open(path)
  and_wait_for_diagnostics(function()
    vim.cmd.edit(vim.fn.fnameescape(path))
  end)
end

function functions.warnings(count)
  local function shown()
    return vim.diagnostic.get(0)
  end
  wait_for(count .. " warnings", function()
    return #shown() == count
  end)
  return vim.tbl_map(function(d)
    local under = vim.api.nvim_buf_get_text(0, d.lnum, d.col, d.end_lnum, d.end_col, {})
    return { under = table.concat(under, "\n"), message = d.message, source = d.source }
  end, shown())
end

function functions.listed(count)
  wait_for(count .. " warnings in all files", function()
    return #vim.diagnostic.get() == count
  end)
  vim.diagnostic.setqflist({ open = false })
  return vim.tbl_map(function(item)
    return { file = vim.api.nvim_buf_get_name(item.bufnr), line = item.lnum, message = item.text }
  end, vim.fn.getqflist())
end

function functions.close()
  vim.cmd.bdelete()
end

function functions.fix()
  local before = #told
  choose_the_preferred_fix()
  wait_for("the outcome of the fix", function()
    return #told > before
  end)
end

function functions.fix_while_typing(key)
  local line = vim.diagnostic.get(0)[1].lnum
  local apply = vim.lsp.handlers["workspace/applyEdit"]
  vim.lsp.handlers["workspace/applyEdit"] = function(...)
    vim.api.nvim_buf_set_text(0, line, 0, line, 0, { key })
    return apply(...)
  end
  functions.fix()
  vim.lsp.handlers["workspace/applyEdit"] = apply
end

function functions.type(line)
  and_wait_for_diagnostics(function()
    vim.api.nvim_buf_set_lines(0, 0, 0, true, { line })
  end)
end

function functions.undo()
  vim.cmd.undo()
end

function functions.save_all()
  vim.cmd.wall()
end

functions.text = text

function functions.messages()
  return told
end

function Test.call(name, argument)
  local done, value = pcall(functions[name], vim.json.decode(argument))
  local answer = value == nil and vim.NIL or value
  return vim.json.encode(done and { value = answer } or { error = tostring(value) })
end
