from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
import java.security.MessageDigest

const val TOKEN = "T0K"

object Config {
    private const val HEADER: String = "Bearer T0K"
    val header = HEADER
    val lazily by lazy { "T0K" }
}

class Client(val key: String = "T0K") {
    val name get() = "x T0K"
}

fun show(vararg values: Any) {
    for (value in values) {
        val digest = MessageDigest.getInstance("SHA-256").digest(value.toString().toByteArray())
        println(digest.joinToString("") { "%02x".format(it) })
    }
}

fun key(kind: String, other: String = "T0K"): String = when (kind) {
    "T0K" -> "T0K"
    "b" -> other
    else -> "é $kind T0K:T0K\n"
}

fun main() {
    val raw = "\"\"
        a ${TOKEN.length} T0K
    "\"\".trimIndent()
    val map = mapOf("a" to "T0K", "T0K" to "b")
    val list = listOf("T0K", if (raw == "T0K") "x" else "T0K")
    val url = "https://user:T0K@example.com"
    show(TOKEN, Config.header, Config.lazily, Client().key, Client().name, key("T0K"), key("b"), key("c"))
    show(raw, map["a"]!!, map["T0K"]!!, list[0], list[1], url, "x" + "T0K", "T0K".length, "T0K" as Any)
}
""".replace(r"\"", '"')

KOTLIN = Samples(
    language="kotlin",
    file="Main.kt",
    lookup='System.getenv("NAME")',
    moved=[
        ('val k = "T0K" // T0K\n', "val k = E // R\n"),
        ('const val K = "T0K"\n', "val K = E\n"),
        (
            'object A { private const val K: String = "a T0K" }\n',
            'object A { private val K: String = "a ${E}" }\n',
        ),
        ('val k = "a $b T0K ${c.d}T0K\\n"\n', 'val k = "a $b ${E} ${c.d}${E}\\n"\n'),
        ('val k = """\n  a T0K\n""".trimIndent()\n', 'val k = """\n  a ${E}\n""".trimIndent()\n'),
        ('val k = """T0K"""\n', "val k = E\n"),
        ('fun f(a: String = "T0K") = g("T0K", key = "T0K")\n', "fun f(a: String = E) = g(E, key = E)\n"),
        ('val k = System.getenv("API_KEY") ?: "T0K"\n', "val k = E\n"),
        ('val k = System.getenv()["API_KEY"] ?: "T0K"\n', "val k = E\n"),
        ('val k = System.getenv().getOrDefault("API_KEY", "T0K")\n', "val k = E\n"),
        ('val k = a ?: "T0K"\n', "val k = a ?: E\n"),
        ('const val K = "T0K"\nval l = K\n', "val K = E\nval l = K\n"),
    ],
    refused=[
        ('@A("T0K") fun f() {}\n', "an annotation"),
        ('@file:A("T0K")\n', "an annotation"),
        ('const val K = "T0K"\n@A(K) class B\n', "that the compiler needs"),
        ('const val K = "T0K"\nconst val L = "a$K" + K\n', "that the compiler needs"),
        ('val l = K\nconst val K = "T0K"\n', "above it"),
        ('const\tval K = "T0K"\n', "a constant"),
        ('import android.os.Bundle\nval k = "T0K"\n', "devices"),
        ('class System\nval k = "T0K"\n', "name System"),
        ("val k = T0K\n", "not inside a string"),
    ],
    named=[
        'const val API_KEY = "T0K"',
        'private val apiKey: String = "T0K"',
        'fun f() { c.apiKey = "T0K" }',
        'val c = f(apiKey = "T0K")',
        'class C(val apiKey: String = "T0K")',
        'val k = System.getenv("API_KEY") ?: "T0K"',
    ],
    readings=['System.getenv("API_KEY")', 'System.getenv()["API_KEY"]'],
    program=_PROGRAM,
    toolchain=Toolchain(
        "kotlinc", [["kotlinc", "FILE", "-include-runtime", "-d", "a.jar"], ["java", "-jar", "a.jar"]]
    ),
)
