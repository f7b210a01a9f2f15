"""Readers of the configuration of Java's frameworks and servers in XML."""

from __future__ import annotations

from tokenward.rewriting.readers.reader import Place, literally, outside, reader

_DOLLAR = outside("${", "}")
_ANT = r"ivysettings\.xml|build\.xml|ivy\.xml"
_IN_VALUES = Place("${NAME}", before=_DOLLAR)


# fmt: off
JAVA = (
    *(
        reader(name, language, files, place, content=content, special=special)
        for name, language, files, place, content, special in (
            ("Logback", "xml", r"logback[^/]*\.xml", _IN_VALUES, r"<configuration\b", r"\$\{"),
            ("Log4j", "xml", r"log4j2[^/]*\.xml", Place("${env:NAME}", before=_DOLLAR), r"<Configuration\b", r"\$"),
            ("Log4j's properties", "properties", r"log4j2[^/]*\.properties", Place("${env:NAME}"), "", r"\$"),
            (
                "Spring XML", "xml", r"[^/]*\.xml", _IN_VALUES,
                r"<beans\b[\s\S]*(?:property-placeholder|PropertySourcesPlaceholderConfigurer)", r"[${}]",
            ),
            (
                "Spring XML without placeholders", "xml", r"[^/]*\.xml",
                Place("${NAME}", before=_DOLLAR, after="Add `<context:property-placeholder/>` to the file's beans."),
                r"<beans\b[^>]*springframework", r"[${}]",
            ),
            (
                "MyBatis", "xml", r"[^/]*mybatis[^/]*\.xml",
                Place(
                    "${NAME}", before=_DOLLAR,
                    after="Pass `properties` to SqlSessionFactoryBuilder.build, after "
                    "`properties.putAll(System.getenv())`.",
                ),
                r"<configuration\b", r"[${}]",
            ),
            (
                "WildFly", "xml", r"(?:standalone|domain|host)[^/]*\.xml|[^/]*-ds\.xml",
                Place("${env.NAME}", before=_DOLLAR), r"urn:jboss:domain|<datasources\b", r"\$",
            ),
            (
                "Ivy and Ant", "xml", _ANT, Place("${env.NAME}", before=_DOLLAR),
                r"<property\s[^>]*environment=[\"']env[\"']", r"[$@]",
            ),
            (
                "Ivy and Ant without variables", "xml", _ANT,
                Place(
                    "${env.NAME}", before=_DOLLAR, after='Add `<property environment="env"/>` to the top of the file.'
                ),
                "", r"[$@]",
            ),
            ("Open Liberty", "xml", r"server\.xml", Place("${env.NAME}", before=_DOLLAR), "<featureManager>", r"\$"),
        )
    ),
    reader(
        "Tomcat", "xml", r"(?:META-INF/|conf/(?:.+/)?)?(?:context|server)\.xml",
        Place(
            "${NAME}", before=_DOLLAR, after="Give Tomcat COMMANDS in CATALINA_OPTS.",
            start="-Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE="
            "org.apache.tomcat.util.digester.EnvironmentPropertySource",
        ),
        content=r"<(?:Context|Server)\b", special=r"\$",
    ),
    *(
        literally(name, language, files, how, content)
        for name, language, files, how, content in (
            (
                "Hibernate", "xml", r"[^/]*hibernate[^/]*\.cfg\.xml",
                'delete the property, and after `configure()` call `setProperty(…, System.getenv("NAME"))`.', "",
            ),
            (
                "Jakarta Persistence", "xml", r"persistence\.xml",
                'delete the property, and pass `Map.of(…, System.getenv("NAME"))` to createEntityManagerFactory.', "",
            ),
        )
    ),
)
# fmt: on
