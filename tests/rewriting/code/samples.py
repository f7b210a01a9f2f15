"""SAMPLES: one row for each language of `tokenward.rewriting.code`."""

from __future__ import annotations

from rewriting.code.c_samples import C
from rewriting.code.cpp_samples import CPP
from rewriting.code.csharp_samples import CSHARP
from rewriting.code.dart_samples import DART
from rewriting.code.elixir_samples import ELIXIR, ELIXIR_SCRIPT
from rewriting.code.go_samples import GO
from rewriting.code.groovy_samples import GROOVY
from rewriting.code.java_samples import JAVA
from rewriting.code.julia_samples import JULIA
from rewriting.code.kotlin_samples import KOTLIN
from rewriting.code.lua_samples import LUA
from rewriting.code.perl_samples import PERL
from rewriting.code.php_samples import PHP
from rewriting.code.plain_strings_samples import PLAIN_STRINGS
from rewriting.code.powershell_samples import POWERSHELL
from rewriting.code.r_samples import R
from rewriting.code.ruby_samples import RUBY
from rewriting.code.rust_samples import RUST
from rewriting.code.sample import Samples
from rewriting.code.scala_samples import SCALA
from rewriting.code.swift_samples import SWIFT

SAMPLES: tuple[Samples, ...] = (
    C,
    CPP,
    CSHARP,
    DART,
    ELIXIR,
    ELIXIR_SCRIPT,
    GO,
    GROOVY,
    JAVA,
    JULIA,
    KOTLIN,
    LUA,
    PERL,
    PHP,
    *PLAIN_STRINGS,
    POWERSHELL,
    R,
    RUBY,
    RUST,
    SCALA,
    SWIFT,
)

__all__ = ["SAMPLES", "Samples"]
