"""What the files of a project say of an app that its users get."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenward.sources.project import is_shipped

FLUTTER = "dependencies:\n  flutter:\n    sdk: flutter\nflutter:\n  assets:\n    - assets/\n    - 'app.env'\n"
IOS_PACKAGE = 'let package = Package(name: "A", platforms: [.iOS(.v16)], targets: [.target(name: "A")])\n'
SERVER_PACKAGE = 'let package = Package(name: "A", targets: [.executableTarget(name: "A")])\n'
PBX = "buildSettings = { SDKROOT = iphoneos; };\n"
TOOL = 'productType = "com.apple.product-type.tool"; SDKROOT = macosx;\n'
ANDROID = 'plugins { id("com.android.application") }\n'


@pytest.mark.parametrize(
    ("project", "text", "file", "expected"),
    [
        ("pubspec.yaml", FLUTTER, "lib/api.dart", True),
        ("pubspec.yaml", FLUTTER, "tool/deploy.dart", False),
        ("pubspec.yaml", "name: server\ndependencies:\n  shelf: ^1.0.0\n", "lib/api.dart", False),
        ("pubspec.yaml", FLUTTER, "assets/.env", True),
        ("pubspec.yaml", FLUTTER, "app.env", True),
        ("pubspec.yaml", FLUTTER, ".env", False),
        ("pubspec.yaml", FLUTTER, "assets/deep/.env", False),
        ("pubspec.yaml", "flutter:\n  assets:\n    - assets/\n", "assets/.env", False),
        ("build.gradle.kts", ANDROID, "src/main/java/a/Api.kt", True),
        (
            "build.gradle.kts",
            "plugins { alias(libs.plugins.android.library) }\n",
            "src/main/java/A.java",
            True,
        ),
        ("build.gradle", "apply plugin: 'com.android.application'\n", "src/androidTest/java/A.java", True),
        ("build.gradle.kts", ANDROID, "src/test/java/a/ApiTest.kt", False),
        ("build.gradle.kts", 'id("com.android.application") apply false\n', "src/main/kotlin/A.kt", False),
        ("build.gradle.kts", 'plugins { kotlin("jvm") }\n', "src/main/kotlin/A.kt", False),
        ("Notes.xcodeproj/project.pbxproj", PBX, "Sources/Config.swift", True),
        ("Notes.xcodeproj/project.pbxproj", TOOL, "Sources/main.swift", False),
        ("Notes.xcodeproj/project.pbxproj", PBX, "scripts/upload.swift", False),
        ("Podfile", "platform :ios, '15.0'\n", "App/Config.swift", True),
        ("Package.swift", IOS_PACKAGE, "Sources/A/Config.swift", True),
        ("Package.swift", SERVER_PACKAGE, "Sources/A/main.swift", False),
        ("project.yml", "targets:\n  A:\n    platform: iOS\n", "A/Config.swift", True),
        ("ProjectSettings/ProjectVersion.txt", "m_EditorVersion: 6000.0\n", "Assets/Scripts/Api.cs", True),
        ("ProjectSettings/ProjectVersion.txt", "m_EditorVersion: 6000.0\n", "Assets/Editor/Build.cs", False),
        ("App.csproj", "<TargetFrameworks>net9.0-android;net9.0-ios</TargetFrameworks>\n", "Api.cs", True),
        ("weather.ino", "void setup() {}\n", "secrets.h", True),
        ("platformio.ini", "[env:esp32]\n", "src/net.cpp", True),
        ("platformio.ini", "[env:esp32]\n", "scripts/host.c", False),
        ("CMakeLists.txt", "project(a)\n", "src/net.cpp", False),
        ("App.csproj", "<TargetFramework>net9.0</TargetFramework>\n", "Program.cs", False),
    ],
)
def test_the_files_of_an_app_are_shipped_and_those_of_servers_and_tools_are_not(
    tmp_path: Path, project: str, text: str, file: str, *, expected: bool
) -> None:
    place = tmp_path / project
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    assert is_shipped(tmp_path / file) is expected


def test_the_nearest_project_decides_up_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / "pubspec.yaml").write_text(FLUTTER)
    server = tmp_path / "lib" / "server"
    server.mkdir(parents=True)
    assert is_shipped(server / "lib" / "a.dart")
    (server / "pubspec.yaml").write_text("name: server\n")
    assert not is_shipped(server / "lib" / "a.dart")
    (server / "pubspec.yaml").unlink()
    (server / ".git").mkdir()
    assert not is_shipped(server / "lib" / "a.dart")


@pytest.mark.parametrize(
    "content", [b"\xff\0", b" sdk: flutter\n" * 80_000, b"  - " * 250_000, b" " * 2_000_000]
)
def test_a_hostile_project_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pubspec.yaml").write_bytes(content)
    assert not is_shipped(tmp_path / "assets" / ".env")
