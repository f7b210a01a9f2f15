from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain


def _code(body: str) -> str:
    return f"<?php\n{body}\n"


_DEFINED = "\ndefined('ENV_API_KEY') || define('ENV_API_KEY', (string) getenv('API_KEY'));"
_PROGRAM = r"""<?php
namespace Acme\Client;

use function strlen;

const TOKEN = 'a T0K';
define('OTHER', "T0K");

function show(...$values) {
    foreach ($values as $value) {
        echo hash('sha256', (string) $value), "\n";
    }
}

final class Client {
    const SHOWN = TOKEN;
    public string $key;
    private const OWN = ['a T0K'];
    public static string $all = "T0K!";
    public function __construct(string $key = TOKEN, private string $other = 'T0K') { $this->key = $key ?: 'T0K'; }
    public function own(): array { static $kept = 'T0K'; return [self::OWN[0], $this->other, $kept]; }
    public function key(): string { return "x $this->key T0K\n"; }
}

$single = 'é T0K:T0K\n';
$double = "b\tT0K {$single} T0K";
$table = ['key' => 'T0K', 'list' => [1, 'T0K'], 'T0K' => 2];
show(TOKEN, OTHER, Client::SHOWN, (new Client)->key(), (new Client('T0K'))->key, $single, $double);
show(Client::$all, ...(new Client)->own());
show($table['key'], $table['list'][1], $table['T0K'], strlen('T0K'), 'T0K'[0], 'a' . 'T0K' . 'b');
show(match ($table['key']) { 'T0K' => 'T0K', default => 'no' }, (fn() => 'T0K')(), "T0K" === OTHER ? 'T0K' : 'x');
$_ENV['API_KEY'] = 'T0K';
show($_ENV['API_KEY'], getenv('API_KEY') ?: 'T0K', $_SERVER['API_KEY'] ?? "T0K", getenv('NONE') ?: 'T0K');
?>
<?= hash('sha256', 'T0K') . "\n" ?>
"""

PHP = Samples(
    language="php",
    file="main.php",
    lookup="getenv('NAME')",
    moved=[
        (_code("$_ENV['API_KEY'] ??= 'T0K';"), _code("$_ENV['API_KEY'] ??= E;")),
        (_code("$k = 'T0K'; // T0K"), _code("$k = E; // R")),
        (_code('$k = "a $b T0K";'), _code('$k = ("a $b " . E);')),
        (_code('$k = "T0K{$b}T0K";'), _code('$k = (E . "{$b}" . E);')),
        (_code("f('T0K', key: 'T0K');"), _code("f(E, key: E);")),
        (_code("$k = ['a' => 'T0K', 'b T0K'];"), _code("$k = ['a' => E, ('b ' . E)];")),
        (_code("return'T0K';"), _code("return E;")),
        (_code("const K = 'T0K';"), _code("define('K', E);")),
        (
            _code("namespace A;\nconst K = 'a T0K';"),
            _code("namespace A;\ndefine(__NAMESPACE__ . '\\K', ('a ' . E));"),
        ),
        (_code("define('AUTH_KEY', 'T0K');"), _code("define('AUTH_KEY', E);")),
        ("<b><?= 'T0K' ?></b>", "<b><?= E ?></b>"),
        (_code("$k = getenv('API_KEY') ?: 'T0K';"), _code("$k = E;")),
        (_code("$k = $_ENV['API_KEY'] ?? 'T0K';"), _code("$k = E;")),
        (_code("$k = env('API_KEY', 'T0K');"), _code("$k = E;")),
        (_code("$k = env('OTHER', 'T0K');"), _code("$k = env('OTHER', E);")),
        (_code("use function getenv;\n$k = 'T0K';"), _code("use function getenv;\n$k = E;")),
        *(
            (_code(before), _code(f"{_DEFINED}\n{after}"))
            for before, after in (
                ("class A { const K = 'T0K'; }", "class A { const K = \\ENV_API_KEY; }"),
                ("interface A { const K = 'T0K'; }", "interface A { const K = \\ENV_API_KEY; }"),
                ("class A { public $k = ['a T0K']; }", "class A { public $k = [('a ' . \\ENV_API_KEY)]; }"),
                ("function f($k = 'T0K') {}", "function f($k = \\ENV_API_KEY) {}"),
                ("$f = fn($k = 'T0K') => 'T0K';", "$f = fn($k = \\ENV_API_KEY) => E;"),
                ("function f() { static $k = 'T0K'; }", "function f() { static $k = \\ENV_API_KEY; }"),
                (
                    "class A { function __construct(private $k = 'T0K') { f('T0K'); } }",
                    "class A { function __construct(private $k = \\ENV_API_KEY) { f(E); } }",
                ),
            )
        ),
        (
            _code("declare(strict_types=1);\nnamespace A;\nuse B;\n\n// C\nclass D { const K = 'T0K'; }"),
            _code(
                f"declare(strict_types=1);\nnamespace A;\nuse B;\n{_DEFINED}\n\n// C\n"
                "class D { const K = \\ENV_API_KEY; }"
            ),
        ),
        (
            _code("return [\n  'a' => env('API_KEY', 'T0K'),\n  'b' => 'a T0K',\n];"),
            _code("return [\n  'a' => env('API_KEY'),\n  'b' => ('a ' . env('API_KEY')),\n];"),
        ),
    ],
    refused=[
        (_code("namespace A {\nclass B { const K = 'T0K'; }\n}"), "first statement"),
        (_code("class A { const ENV_API_KEY = 'T0K'; }"), "constant ENV_API_KEY"),
        ("<?php class A { const K = 'T0K'; }", "more than one statement"),
        ("<b></b><?php\nclass A { const K = 'T0K'; }", "first statement"),
        (_code("enum E: string { case A = 'T0K'; }"), "an enumeration"),
        (_code("#[A('T0K')] function f() {}"), "an attribute"),
        (_code("const A = 1, K = 'T0K';"), "list of constants"),
        (_code("const K = 'T0K', A = 1;"), "list of constants"),
        (_code("const KÉY = 'T0K';"), "list of constants"),
        (_code("const K /* b */ = 'T0K';"), "list of constants"),
        (_code("const /* b */ K = 'T0K';"), "list of constants"),
        (_code("$k = <<<X\n  T0K\n  X;"), "here-document"),
        (_code("$k = <<<'X'\nT0K\nX;"), "here-document"),
        (_code("$k = `T0K`;"), "shell command"),
        ("<b>T0K</b>", "not inside a string"),
        (_code("include 'T0K';"), "no expression"),
        (_code("putenv('API_KEY=T0K');"), "sets this variable"),
        (_code("$_ENV['API_KEY'] .= 'T0K';"), "sets this variable"),
        (_code("namespace A;\nuse function B\\getenv;\n$k = 'T0K';"), "name getenv"),
        (_code("namespace A;\nfunction getenv() {}\n$k = 'T0K';"), "name getenv"),
        (_code('$k = "\\u{41}$T0K";'), "not inside a string"),
    ],
    named=[
        _code("$api_key = 'T0K';"),
        _code("$this->apiKey = 'T0K';"),
        _code("$config['api_key'] = 'T0K';"),
        _code("$c = ['api_key' => 'T0K'];"),
        _code("const API_KEY = 'T0K';"),
        _code("define('API_KEY', 'T0K');"),
        _code("class A { public $apiKey = 'T0K'; }"),
        _code("f(apiKey: 'T0K');"),
        _code("$k = env('API_KEY', 'T0K');"),
    ],
    readings=["getenv('API_KEY')", "env('API_KEY', null)", "$_ENV['API_KEY']"],
    program=_PROGRAM,
    toolchain=Toolchain("php", [["php", "FILE"]]),
)
