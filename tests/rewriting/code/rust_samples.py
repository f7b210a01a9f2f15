from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_LAZY = "std::sync::LazyLock"


def _main(body: str) -> str:
    return f"fn main() {{ {body} }}\n"


def _static(value: str = "E") -> str:
    """Return the replacement for a string that may live as long as the program."""
    return f"{{ static ONCE: {_LAZY}<String> = {_LAZY}::new(|| {value}); ONCE.as_str() }}"


_PROGRAM = r"""
use std::collections::HashMap;
use std::fmt::Display;
use std::io::Write;
use std::process::{Command, Stdio};

const TOKEN: &str = "T0K";
static HEADER: &'static str = "Bearer T0K";

struct Client {
    key: String,
    name: &'static str,
}

mod inner {
    pub fn key() -> &'static str {
        super::TOKEN
    }
}

// Prints through a shell, since the standard library has no digest.
fn show(value: impl Display) {
    let print = "sha256sum | cut -d ' ' -f 1";
    let mut digest = Command::new("sh").args(["-c", print]).stdin(Stdio::piped()).spawn().unwrap();
    write!(digest.stdin.take().unwrap(), "{}{}", value, "").unwrap();
    digest.wait().unwrap();
}

fn kind(number: i32) -> &'static str {
    match number {
        1 => "T0K",
        2 => return "x T0K",
        _ => { "T0K" }
    }
}

fn fixed(value: &'static str) -> &'static str {
    value
}

fn main() {
    let local = "T0K";
    let raw = r#"{"key": "T0K"}"#;
    let owned = String::from("T0K");
    let client = Client { key: "T0K".to_string(), name: "é T0K:T0K\n" };
    let lazy = || "T0K";
    let list = ["a", "T0K"];
    let more = vec!["T0K"; 2];
    let mut table: HashMap<&str, Option<&str>> = HashMap::new();
    table.insert("T0K", Some("T0K"));
    let both = format!("{}:{}", "a", "T0K");
    let bytes = "T0K".as_bytes();
    let into: String = "T0K".into();
    show(TOKEN);
    show(HEADER.len());
    show(&TOKEN[1..]);
    show(inner::key());
    for value in [local, raw, &owned, &client.key, client.name, lazy(), list[1], more[1], &both, &into] {
        show(value);
    }
    show(bytes.len());
    show(fixed("T0K"));
    show(table[TOKEN].unwrap());
    for number in 1..4 {
        show(kind(number));
    }
    assert_eq!(local, "T0K");
    assert!("T0K" != raw);
    if owned == "T0K" {
        show("equal");
    }
    println!("{} {} {} {}", "x:T0K", TOKEN == local, local.to_owned().len(), "T0K");
}
"""

RUST = Samples(
    language="rust",
    file="main.rs",
    lookup='std::env::var("NAME").unwrap()',
    moved=[
        (_main('std::env::set_var("OTHER", "T0K");'), _main(f'std::env::set_var("OTHER", {_static()});')),
        (
            _main('std::env::set_var("API_KEY", "T0K");'),
            _main(f'std::env::set_var("API_KEY", {_static("E")});'),
        ),
        (_main('let k = "T0K".to_string(); // T0K\n'), _main("let k = E; // R\n")),
        (_main('let k = String::from("T0K");'), _main("let k = E;")),
        (_main('let k: String = "T0K".into();'), _main("let k: String = E.into();")),
        (_main('f("a T0K".to_owned());'), _main('f(["a ", E.as_str()].concat().to_owned());')),
        (_main('let k = "T0K";'), _main(f"let k = {_static()};")),
        (_main('f(r#"a "T0K"#);'), _main(f"""f({_static('[r#"a ""#, E.as_str()].concat()')});""")),
        (_main('if k == "T0K" {}'), _main("if k == E.as_str() {}")),
        (_main('println!("{} {}", "a", "T0K");'), _main('println!("{} {}", "a", E.as_str());')),
        (_main('let v = vec!["T0K"];'), _main(f"let v = vec![{_static()}];")),
        (_main('let v = json!({"a": ["T0K"]});'), _main('let v = json!({"a": [E.as_str()]});')),
        (
            'const K: &str = "T0K";\n' + _main("f(K, &self::K); a.K = 1;"),
            f"static K: {_LAZY}<String> = {_LAZY}::new(|| E);\n"
            + _main("f(K.as_str(), &self::K.as_str()); a.K = 1;"),
        ),
        (
            'mod a;\nconst K: &str = "T0K";\n',
            f"mod a;\nstatic K: {_LAZY}<String> = {_LAZY}::new(|| E);\n",
        ),
        (
            'static K: &\'static str = "a T0K";\n',
            f'static K: {_LAZY}<String> = {_LAZY}::new(|| ["a ", E.as_str()].concat());\n',
        ),
        (_main('let k = std::env::var("API_KEY").unwrap_or("T0K".to_string());'), _main("let k = E;")),
        (
            _main('let k = env::var("API_KEY")\n.unwrap_or_else(|_| String::from("T0K"));'),
            _main("let k = E;"),
        ),
        (
            _main('let k = env::var("A").unwrap_or_else(|_| "T0K".into());'),
            _main('let k = env::var("A").unwrap_or_else(|_| E.into());'),
        ),
    ],
    refused=[
        ('pub const K: &str = "T0K";\n', "other files may use"),
        ('const K: Option<&str> = Some("T0K");\n', "the compiler evaluates"),
        ('const K: [&str; 1] = ["T0K"];\n', "the compiler evaluates"),
        ('const K: &[u8] = b"T0K";\n', "of this kind"),
        ('impl A { const K: &str = "T0K"; }\n', "cannot be read"),
        ('const fn f() -> &\'static str { "T0K" }\n', "the compiler evaluates"),
        ('const K: &str = "T0K";\nconst L: &str = K;\n', "of another constant"),
        ('const K: &str = "T0K";\nfn f(s: &str) { match s { K => (), _ => () } }\n', "of a pattern"),
        ('const K: &str = "T0K";\n' + _main('println!("{K}");'), "format string"),
        ('const K: &str = "T0K";\n' + _main("query!(K);"), "a macro uses"),
        (_main('match s { "T0K" => (), _ => () }'), "a pattern"),
        ('#[doc = "T0K"]\n' + _main(""), "an attribute"),
        (_main('println!("T0K");'), "a macro"),
        ('macro_rules! k { () => { "T0K" }; }\n', "a macro"),
        (_main('let k = concat!("a", "T0K");'), "a macro"),
        (_main('let k = json!({"T0K": 1});'), "a macro"),
        (_main('let k = "T0K" as &str;'), "no expression"),
        (_main('let k = a.unwrap_or("T0K");'), "part of a fallback"),
        (_main('let k = env::var("OTHER").unwrap_or("T0K".to_string());'), "fallback of OTHER"),
        ("#![no_std]\n" + _main('let k = "T0K";'), "standard library"),
    ],
    named=[
        'const API_KEY: &str = "T0K";',
        _main('let mut api_key = "T0K";'),
        _main('let api_key = String::from("T0K");'),
        _main('let c = Client { api_key: "T0K".to_string() };'),
        _main('self.api_key = "T0K".into();'),
        _main('let k = env::var("API_KEY").unwrap_or("T0K".to_string());'),
    ],
    readings=[
        'env::var("API_KEY")',
        'std::env::var_os("API_KEY")',
        'env!("API_KEY")',
        'option_env!("API_KEY")',
    ],
    program=_PROGRAM,
    toolchain=Toolchain("rustc", [["rustc", "--edition", "2021", "-o", "main", "FILE"], ["./main"]]),
)
