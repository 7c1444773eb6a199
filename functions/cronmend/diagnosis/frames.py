"""Which lines are frames of a stack trace, and which frames are in a framework, a library or the runtime. Pure."""

import re
from collections.abc import Sequence
from typing import Final

STARTS: Final = (" ", "\t", "#", "/", "from ", "runtime.")
_FRAME: Final = re.compile(
    r"^\s*(?:from )?\S+\.(?:rb|rake|ex|exs|erl):\d|^\s*#\d{1,4} |^\t\S+\.(?:go|s):\d|^\s+\d{1,4}: \S+::"
    r"|^runtime\.\S+\(|^\s+\S+, called at \S+\.hs:\d|^\t\S+\.lua:\d+: in "
)
"""A line of a stack trace of Ruby, Elixir, PHP, Dart, Go (with its runtime's calls), Rust, Haskell or Lua.

Others start with a word.
"""
_WORDS: Final = ('File "', "at ")
_FOREIGN: Final = re.compile(
    r"site-packages/|dist-packages/|/lib/python3|<frozen |node_modules/|node:|\(ext:|/gems/|/lib/ruby/"
    r"|/usr/bin/|/vendor/|/deps/|/usr/local/go/|/usr/lib/go|/go/pkg/mod/|/rustc/|/\.cargo/"
    r"| core::| std::| tokio::|\(dart:|called at libraries/"
    r"|\bat (?:async )?(?:[A-Z]\w*QueryRunner|(?:Subject|Entity)\w*(?:Executor|Manager)|[A-Z]\w*QueryBuilder|DataSource"
    r"|PrismaClient|RequestHandler|Client_[A-Z]\w+|Sequelize)\."
)
"""Parts of a frame in a framework, a library or the runtime. Source maps can put TypeORM's, Prisma's, Knex's and
Sequelize's classes under the job's own directory, so their names count."""
_FOREIGN_CLASSES: Final = (
    *(
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "com.sun.",
        "com.mysql.",
        "com.zaxxer.",
        "com.fasterxml.",
        "kotlin.",
        "kotlinx.",
        "scala.",
    ),
    *("org.springframework.", "org.apache.", "org.hibernate.", "org.postgresql.", "org.flywaydb.", "org.quartz."),
    *("org.jboss.", "org.mybatis.", "io.netty.", "System.", "Microsoft.", "Npgsql."),
    *(
        "org.h2.",
        "org.mariadb.",
        "org.sqlite.",
        "oracle.",
        "com.microsoft.",
        "com.mongodb.",
        "com.datastax.",
        "org.jooq.",
    ),
    *("liquibase.", "slick.", "akka.", "play.", "io.quarkus.", "io.micronaut.", "io.vertx.", "reactor.", "groovy."),
    *(
        "org.elasticsearch.",
        "com.amazonaws.",
        "software.amazon.",
        "com.google.",
        "org.eclipse.",
        "okhttp3.",
        "clojure.",
    ),
)
"""Their packages and namespaces, in Java and .NET."""
_STREAM: Final = re.compile(r"^(?:[\w.-]{1,60} +\| ?|(?: {2,40}\| )+)")
"""What a runner of several processes or a group of Python's exceptions puts before each line."""


def without_streams(parts: Sequence[str]) -> Sequence[str]:
    if "|" not in "".join(parts):
        return parts
    return [_STREAM.sub("", part, count=1) if "|" in part else part for part in parts]


def is_frame(part: str) -> bool:
    if not part.startswith(STARTS):
        return False
    return part.lstrip().startswith(_WORDS) or _FRAME.match(part) is not None


def is_foreign(frame: str) -> bool:
    text = frame.lstrip()
    if text.startswith("runtime.") or (text.startswith("at ") and text.startswith(_FOREIGN_CLASSES, 3)):
        return True
    return _FOREIGN.search(frame) is not None
