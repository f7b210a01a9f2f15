from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
import java.security.MessageDigest

object Main {
  final val Token = "T0K"
  private val header: String = s"Bearer T0K ${Token.length}"
  lazy val lazily = "T0K"

  class Client(val key: String = "T0K") {
    def name = "x T0K"
  }

  def show(values: Any*): Unit = for (value <- values) {
    val digest = MessageDigest.getInstance("SHA-256").digest(value.toString.getBytes("UTF-8"))
    println(digest.map(part => "%02x".format(part)).mkString)
  }

  def key(kind: Int, other: String = "T0K"): String = kind match {
    case 1 => "T0K"
    case 2 => other
    case _ => "é T0K:T0K\n"
  }

  def main(arguments: Array[String]): Unit = {
    val raw = ""\"
      |{key: T0K}""\".stripMargin
    val long = s""\"a $raw "T0K" ""\"
    val table = Map("a" -> "T0K", "T0K" -> "x T0K")
    val list = List("a", if (raw == "T0K") "x" else "T0K")
    val pair = ("T0K", 1)
    val function = () => "T0K"
    var text = "x"
    text += "T0K"
    show(Token, header, lazily, new Client().key, new Client(key = "T0K").name, key(1), key(2), key(3))
    show(raw, long, table("a"), table("T0K"), list(1), pair._1, function(), text, "x" + "T0K", "T0K".length)
    for (letter <- "T0K") show(letter)
    if (Token == "T0K") show(f"equal T0K", raw"\\a T0K")
  }
}
""".replace('"\\"', '""')

SCALA = Samples(
    language="scala",
    file="Main.scala",
    lookup='sys.env("NAME")',
    moved=[
        ('val k = "T0K" // T0K\n', "val k = E // R\n"),
        ('val k = "a T0K\\n"\n', 'val k = ("a " + E + "\\n")\n'),
        ('val k = s"a $b T0K,T0K"\n', 'val k = s"a $b ${E},${E}"\n'),
        ('val k = s"""a $b "T0K"""".trim\n', 'val k = s"""a $b "${E}"""".trim\n'),
        ('val k = """\n  |a T0K""".stripMargin\n', 'val k = ("""\n  |a """ + E).stripMargin\n'),
        ('val k = raw"T0K"\n', "val k = E\n"),
        ('val k = s"${f("T0K")}"\n', 'val k = s"${f(E)}"\n'),
        (
            'object A:\n  def f(a: String = "T0K") =\n    "T0K"\n',
            "object A:\n  def f(a: String = E) =\n    E\n",
        ),
        ('object A { final val K = "T0K"; val l = K }\n', "object A { final val K = E; val l = K }\n"),
        ('val k = sys.env.getOrElse("API_KEY", "T0K")\n', "val k = E\n"),
        ('val k = sys.env.get("API_KEY").getOrElse("T0K")\n', "val k = E\n"),
        ('val k = Option(System.getenv("API_KEY")).getOrElse("T0K")\n', "val k = E\n"),
        ('val k = sys.env.getOrElse("OTHER", "T0K")\n', 'val k = sys.env.getOrElse("OTHER", E)\n'),
        ('credentials += Credentials("a", "b", "T0K")\n', 'credentials += Credentials("a", "b", E)\n'),
    ],
    refused=[
        ('@A("T0K") class B\n', "an annotation"),
        ('x match { case "T0K" => 1 }\n', "a pattern"),
        ('val k: "T0K" = l\n', "a type"),
        ('object A { inline val k = "T0K" }\n', "an inline value"),
        ('object A { final val K = "T0K"; @B(K) def f = 1 }\n', "that the compiler needs"),
        ('object A { val l = K; final val K = "T0K" }\n', "above it"),
        ('val k = sql"a T0K"\n', "of this kind"),
        ('val k = System.getenv().getOrDefault("OTHER", "T0K")\n', "fallback of OTHER"),
        ('import org.scalajs.dom\nval k = "T0K"\n', "devices"),
        ('val sys = 1\nval k = "T0K"\n', "name sys"),
    ],
    named=[
        'val apiKey = "T0K"',
        'object A { private var apiKey: String = "T0K" }',
        'def apiKey = "T0K"',
        'class A(apiKey: String = "T0K")',
        'val c = f(apiKey = "T0K")',
        'val k = sys.env.getOrElse("API_KEY", "T0K")',
    ],
    readings=['sys.env("API_KEY")', 'sys.env.get("API_KEY")', 'System.getenv("API_KEY")'],
    program=_PROGRAM,
    toolchain=Toolchain("scalac", [["scalac", "-encoding", "UTF-8", "FILE"], ["scala", "Main"]]),
)
