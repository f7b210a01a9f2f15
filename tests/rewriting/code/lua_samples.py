from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
local token <const> = "T0K"

-- Prints through a shell, since Lua has no digest of its own.
local function show(...)
  for _, value in ipairs({...}) do
    local digest = io.popen("sha256sum | cut -d ' ' -f 1", "w")
    digest:write(tostring(value))
    digest:close()
  end
end

local function key(kind)
  if kind == "T0K" then return "T0K", 'x T0K' end
  return "none"
end

local table = { key = "T0K", ["list"] = { 1, 'T0K' }, ["T0K"] = [[T0K]] }
local single, double = 'é T0K:T0K\n', "a\tT0K"
local long = [==[
a T0K]] T0K
b]==]
local first, second = key "T0K"
show(token, table.key, table.list[2], table["T0K"], single, double, long, first, second)
show("a" .. "T0K" .. 'b', #"T0K", ("T0K"):upper(), os.getenv("API_KEY") or "T0K", os.getenv("NONE") or "T0K")
show [[T0K]]
show "a T0K"
"""

LUA = Samples(
    language="lua",
    file="main.lua",
    lookup='os.getenv("NAME")',
    moved=[
        ('stdlib.setenv("OTHER", "T0K")', 'stdlib.setenv("OTHER", E)'),
        ('stdlib.setenv("API_KEY", "T0K")', 'stdlib.setenv("API_KEY", E)'),
        ('local k <const> = "T0K" -- T0K', "local k <const> = E -- R"),
        ("k = 'a T0K'", "k = ('a ' .. E)"),
        ('f("T0K", "T0K,T0K")', 'f(E, (E .. "," .. E))'),
        ('f "T0K"', "f (E)"),
        ("o:f'a T0K'", "o:f('a ' .. E)"),
        ("k = [[T0K]]", "k = E"),
        ("k = [=[\na T0K b]=]", "k = ([=[\na ]=] .. E .. [=[\n b]=])"),
        ('t = { a = "T0K", ["b"] = "T0K", "T0K", { "T0K" } }', 't = { a = E, ["b"] = E, E, { E } }'),
        ('k = os.getenv("API_KEY") or "T0K"', "k = E"),
        ('k = os.getenv("OTHER") or "T0K"', 'k = os.getenv("OTHER") or E'),
        ('x.os = "T0K"', "x.os = E"),
    ],
    refused=[
        ("k = [[T0K\nb]]", "end of a line"),
        ('ngx.say("T0K")', "hides the environment"),
        ('local os = {}\nk = "T0K"', "name os"),
        ('k = "\\z\\065T0K" .. T0K', "not inside a string"),
    ],
    named=[
        'local api_key = "T0K"',
        'local a, api_key = 1, "T0K"',
        'local a <const>, api_key = 1, "T0K"',
        'M.apiKey = "T0K"',
        'M["api-key"] = "T0K"',
        't = { api_key = "T0K" }',
        't = { ["api_key"] = "T0K" }',
        'k = os.getenv("API_KEY") or "T0K"',
    ],
    readings=['os.getenv("API_KEY")', "os.getenv 'API_KEY'", "vim.env.API_KEY"],
    program=_PROGRAM,
    toolchain=Toolchain("lua5.4", [["lua5.4", "FILE"]]),
)
