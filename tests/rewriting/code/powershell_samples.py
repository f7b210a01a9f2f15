from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
param([string]$Key = "T0K", $Other = 'é T0K')
function Show { foreach ($value in $args) {
  $bytes = [Text.Encoding]::UTF8.GetBytes("$value")
  [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)).ToLower()
} }
class Client { [string]$Key = 'T0K' }
$table = @{ Authorization = "Bearer T0K"; 'list' = @('T0K', "x$($Key)T0K`n") }
$here = @"
a "T0K"
"@
Show $Key $Other ([Client]::new().Key) $table.Authorization $table.list[0] $table.list[1] $here T0K 'a T0K'
Show ('a' + 'T0K') "T0K".Length $(if ($Key -eq 'T0K') { 'T0K' })
"""

POWERSHELL = Samples(
    language="powershell",
    file="main.ps1",
    lookup="$env:NAME",
    moved=[
        ("$env:OTHER = 'T0K'", "$env:OTHER = E"),
        ("$env:API_KEY = 'T0K'", "$env:API_KEY = E"),
        ("${env:API_KEY} = 'T0K'", "${env:API_KEY} = E"),
        (
            "[Environment]::SetEnvironmentVariable('API_KEY', 'T0K')",
            "[Environment]::SetEnvironmentVariable('API_KEY', E)",
        ),
        ("Set-Item -Path Env:API_KEY -Value 'T0K'", "Set-Item -Path Env:API_KEY -Value E"),
        ('$k = "T0K" # T0K', "$k = E # R"),
        ('$k = "Bearer T0K"', '$k = "Bearer $(E)"'),
        ('$k = "$($a)T0K`n${b}T0K"', '$k = "$($a)$(E)`n${b}$(E)"'),
        ("$k = 'a T0K'", "$k = ('a ' + E)"),
        ("f -Key 'T0K' \"T0K\" T0K -Url 'https://x/T0K'", "f -Key E E E -Url ('https://x/' + E)"),
        ("$h = @{ a = 'T0K'; \"b\" = @('T0K') }", '$h = @{ a = E; "b" = @(E) }'),
        ("$o.f('T0K', 'T0K').Length", "$o.f(E, E).Length"),
        ("param([string]$k = 'T0K')\nf $k", "param([string]$k = E)\nf $k"),
        ("class A { [string]$K = 'T0K' }", "class A { [string]$K = E }"),
        ('$h = @"\na "T0K"\n"@', '$h = @"\na "$(E)"\n"@'),
        ("switch ($x) { 'T0K' { return 'T0K' } }", "switch ($x) { E { return E } }"),
        (
            'curl.exe -H "Authorization: T0K" https://example.com',
            'curl.exe -H "Authorization: $(E)" https://example.com',
        ),
    ],
    refused=[
        ("$k = @'\nT0K\n'@", "here-string in single quotes"),
        ("param([Parameter(HelpMessage='T0K')] $b)", "an attribute"),
        ("data { 'T0K' }", "data section"),
        ("# a\n@{ Key = 'T0K' }", "a data file"),
        ("using module T0K", "using statement"),
        ("$o.'T0K'", "name of a member"),
        ("$env:API_KEY += 'T0K'", "sets this variable"),
        ("f https://x:T0K@example.com", "not inside a string"),
    ],
    named=[
        "$ApiKey = 'T0K'",
        "[string]$ApiKey = 'T0K'",
        "$script:apiKey = 'T0K'",
        "$o.ApiKey = 'T0K'",
        "$o['ApiKey'] = 'T0K'",
        "$h = @{ ApiKey = 'T0K' }",
        "$h = @{ 'api-key' = 'T0K' }",
        "param([string]$ApiKey = 'T0K')\nf",
        "class A { [string]$ApiKey = 'T0K' }",
        "Connect-It -ApiKey 'T0K'",
        "Connect-It -ApiKey T0K",
    ],
    readings=["$env:API_KEY", "${env:API_KEY}", "[Environment]::GetEnvironmentVariable('API_KEY')"],
    program=_PROGRAM,
    toolchain=Toolchain("pwsh", [["pwsh", "-NoProfile", "-File", "FILE"]]),
)
