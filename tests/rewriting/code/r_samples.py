from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
token <- "T0K"

show <- function(...) {
  for (value in list(...)) {
    file <- tempfile()
    cat(enc2utf8(as.character(value)), file = file, sep = "")
    cat(tools::sha256sum(file), "\n", sep = "")
  }
}

key <- function(kind = 'x T0K') if (kind == "T0K") "T0K" else kind
table <- list(key = "T0K", "list" = c("a", 'T0K'), sub = list(b = 'T0K: T0K'))
"T0K" -> right
Sys.setenv(API_KEY = "T0K")
raw <- r"---(a "T0K" b)---"
long <- "a \"\t\\
T0K"
show(token, table$key, table$list[2], table[["sub"]]$b, right, raw, long, key(), key("T0K"))
show(paste("a", "T0K"), nchar("T0K"), Sys.getenv("API_KEY"))
show(Sys.getenv("NONE", "T0K"), Sys.getenv('API_KEY', unset = "T0K"))
show(sub("T0K", "b", "T0K"), switch("T0K", "b"), toupper('é T0K'), "T0K" |> tolower())
"""

R = Samples(
    language="r",
    file="main.R",
    lookup='Sys.getenv("NAME")',
    moved=[
        ('Sys.setenv(OTHER = "T0K")', "Sys.setenv(OTHER = E)"),
        ('k <- "T0K" # T0K', "k <- E # R"),
        ("k = 'a T0K'", "k = paste0('a ', E)"),
        ('f("T0K", "T0K,T0K")', 'f(E, paste0(E, ",", E))'),
        ('"T0K" -> k', "E -> k"),
        ('k <- r"(T0K)"', "k <- E"),
        ('k <- R"--[a ]T0K]--"', 'k <- paste0(R"--[a ]]--", E)'),
        ('list("a" = "T0K", b = c("T0K"))', 'list("a" = E, b = c(E))'),
        ('Sys.setenv(API_KEY = "T0K")', "Sys.setenv(API_KEY = E)"),
        ('Sys.setenv(A = "b", "API_KEY" = "T0K")', 'Sys.setenv(A = "b", "API_KEY" = E)'),
        ('k <- Sys.getenv("API_KEY", "T0K")', "k <- E"),
        ('k <- base::Sys.getenv("API_KEY", unset = r"(T0K)")', "k <- E"),
        ('k <- Sys.getenv("OTHER", "T0K")', 'k <- Sys.getenv("OTHER", E)'),
    ],
    refused=[
        ('list("T0K" = 1)', "a name"),
        ("x$'T0K'", "a name"),
        ('1 -> "T0K"', "a name"),
        ('1 ->> "T0K"', "a name"),
        ('"T0K"(1)', "a name"),
        ("library('T0K')", "does not evaluate"),
        ("T0K <- 1", "neither a string"),
        ('k <- "T0K', "neither a string"),
        ('k <- r"(T0K', "neither a string"),
        ('Sys.setenv(API_KEY = paste("a", "T0K"))', "sets this variable"),
        ('f("T0K"', "does not parse"),
    ],
    named=[
        'api_key <- "T0K"',
        'api.key = "T0K"',
        '"T0K" -> apiKey',
        'x$api_key <- "T0K"',
        'x[["api_key"]] <- "T0K"',
        'list(api_key = "T0K")',
        'add_headers("api-key" = paste("Bearer", "T0K"))',
        'k <- Sys.getenv("API_KEY", "T0K")',
        'Sys.setenv(API_KEY = "T0K")',
    ],
    readings=['Sys.getenv("API_KEY")', "Sys.getenv( 'API_KEY', unset = NA)"],
    program=_PROGRAM,
    toolchain=Toolchain("Rscript", [["Rscript", "--vanilla", "FILE"]]),
)
