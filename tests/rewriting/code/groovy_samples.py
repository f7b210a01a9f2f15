from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
import java.security.MessageDigest

def show(Object... values) {
    values.each { value ->
        println MessageDigest.getInstance("SHA-256").digest(value.toString().getBytes("UTF-8")).encodeHex().toString()
    }
}

class Client {
    static final String KEY = 'T0K'
    String key(String other = "T0K") { return other + "x T0K\n" }
}

def single = 'é T0K:T0K\n'
def lazy = { 'T0K' }
def plain = "T0K,T0K"
def holes = "a ${single.length()} T0K $plain"
def longer = '''
T0K
'''
def table = [key: 'T0K', list: [1, "T0K"]]
table.more = table.key == 'T0K' ? 'T0K' : 'x'
show 'T0K', 'a'
show(single, plain, holes, longer, table.key, table.list[1], table.more, Client.KEY, new Client().key())
show("T0K".length(), lazy(), System.getenv('API_KEY') ?: 'T0K', System.getenv('NONE') ?: 'T0K')
"""

GROOVY = Samples(
    language="groovy",
    file="main.groovy",
    lookup='System.getenv("NAME")',
    moved=[
        ("def k = 'T0K' // T0K", "def k = E // R"),
        ('k = "a T0K"', 'k = ("a " + E)'),
        ('k = "${b} T0K"', 'k = ("${b} " + E)'),
        ('k = "${b.c { 1 }} T0K $d T0K"', 'k = ("${b.c { 1 }} " + E + " $d " + E)'),
        ("k = '''a\nT0K'''", "k = ('''a\n''' + E)"),
        ("maven { url 'https://x/T0K' }", "maven { url ('https://x/' + E) }"),
        ("credentials { username = 'T0K'; password 'T0K' }", "credentials { username = E; password (E) }"),
        ("f('T0K', key: 'a T0K')", "f(E, key: ('a ' + E))"),
        ("f 'T0K', 'a T0K'", "f (E, 'a ' + E)"),
        (
            'buildConfigField "String", "A", "\\"T0K\\""',
            'buildConfigField ("String", "A", "\\"" + E + "\\"")',
        ),
        ("String f(String a = 'T0K') { return 'T0K' }", "String f(String a = E) { return E }"),
        ("k = System.getenv('API_KEY') ?: 'T0K'", "k = E"),
        ("k = System.env.API_KEY ?: 'T0K'", "k = E"),
        ("k = providers.environmentVariable('API_KEY').getOrElse('T0K')", "k = E"),
        ("k = findProperty('k') ?: 'T0K'", "k = findProperty('k') ?: E"),
    ],
    refused=[
        ("@A('T0K') class B {}", "an annotation"),
        ("k = \"a ${b('T0K')}\"", "expression inside a string"),
        ("k = \"a ${b.c { it } + 'T0K'}\"", "expression inside a string"),
        ("k = ['T0K': 1]", "no expression"),
        ("k = /T0K/", "not inside a string"),
        ("f 'a T0K' + b", "without parentheses"),
        ("f 'T0K' == b ? 1 : 2", "without parentheses"),
        ("f 'T0K'\n  .trim()", "without parentheses"),
        ("pipeline {\n  environment { K = 'T0K' }\n}", "as a credential"),
        ("node {\n  stage('a') { k = 'T0K' }\n}", "as a credential"),
        ("class System {}\nk = 'T0K'", "name System"),
    ],
    named=[
        "def apiKey = 'T0K'",
        "ext.apiKey = 'T0K'",
        "credentials { apiKey 'T0K' }",
        "k = [apiKey: 'T0K']",
        "buildConfigField 'String', 'API_KEY', '\"T0K\"'",
        'buildConfigField("String", "API_KEY", "\\"T0K\\"")',
        "k = System.getenv('API_KEY') ?: 'T0K'",
    ],
    readings=[
        "System.getenv('API_KEY')",
        "System.env.API_KEY",
        'providers.environmentVariable("API_KEY")',
    ],
    program=_PROGRAM,
    toolchain=Toolchain("groovy", [["groovy", "FILE"]]),
)
