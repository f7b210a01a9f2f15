"""What a person does in a window of VS Code, and sees there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Error, FrameLocator, Locator, Page, expect

# A machine that is busy with other things may take this long over anything; nothing waits longer than it must.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
ACTIONS = ".action-widget .action:visible"
"""The quick fixes, or other actions, of a menu that is open."""

# The folder that pictures for the documentation are written to.
PICTURES = "TOKENWARD_SCREENSHOTS"

# What makes a window the same for every test, and leaves out of it what has nothing to do with them.
SETTINGS: dict[str, object] = {
    "chat.disableAIFeatures": True,
    "editor.hover.delay": 100,
    "editor.minimap.enabled": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "files.hotExit": "off",
    "git.enabled": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "terminal.integrated.gpuAcceleration": "off",
    "window.commandCenter": False,
    "window.menuBarVisibility": "hidden",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.layoutControl.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}

_MARKED = ".view-overlays .squiggly-error, .view-overlays .squiggly-warning"


class Workbench:
    """A window; each method is done in it before it returns."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        page.set_default_timeout(PATIENCE)

    def open_folder(self, folder: Path) -> None:
        self.page.goto(f"{self._address}/?folder={folder}")
        self._ready()

    def reload(self) -> None:
        self.page.reload()
        self._ready()

    def open_file(self, name: str) -> None:
        self.page.keyboard.press("Control+P")
        self._pick(name, name)
        expect(self.page.locator(".tab.active")).to_contain_text(Path(name).name)

    def command(self, title: str) -> None:
        """Run a command by its title in the command palette."""
        self.page.keyboard.press("F1")
        self._pick(title, title)

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def answer(self, text: str) -> None:
        """Type into the box at the top of the window, and confirm."""
        box = self.page.locator(".quick-input-widget:visible input.input")
        box.fill(text)
        box.press("Enter")

    def marks(self, count: int) -> Locator:
        """The underlined places of the editors that can be seen; waits until there are so many."""
        marked = self.page.locator(_MARKED)
        expect(marked).to_have_count(count)
        return marked

    def hover(self, place: Locator) -> str:
        """What is said of a place when the mouse rests on it."""
        place.hover(force=True)
        box = self.page.locator(".monaco-hover:visible .monaco-hover-content").first
        expect(box).to_contain_text(re.compile(r"\S"))
        return box.inner_text()

    def click(self, place: Locator) -> None:
        """Click on what is under a mark, which takes no clicks itself."""
        box = place.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def light_bulb(self, place: Locator) -> Locator:
        """Put the cursor on a place and open its light bulb: the actions that it offers."""
        self.click(place)
        self.page.locator(".lightBulbWidget:visible, [class*=codicon-gutter-lightbulb]:visible").first.click()
        return self._actions()

    def quick_fix(self, place: Locator, title: str) -> None:
        """Put the cursor on a place and choose one of its quick fixes, by the keyboard."""
        self.click(place)
        self.page.keyboard.press("Control+.")
        menu = self.page.locator(ACTIONS).first
        with contextlib.suppress(Error):
            menu.wait_for(timeout=PATIENCE / 4)
        if not menu.is_visible():
            # As a person would who pressed before the click had put the cursor there.
            self.page.keyboard.press("Control+.")
        self._actions().filter(has_text=title).first.click()

    def paste_options(self) -> Locator:
        """The ways to paste that are offered beside what has just been pasted."""
        self.page.locator(".post-edit-widget").click()
        return self._actions()

    def notification(self, text: str) -> Locator:
        """The notification that says something; waits for it."""
        said = self.page.locator(".notification-list-item").filter(has_text=text).first
        expect(said).to_be_visible()
        return said

    def question(self, text: str, answer: str) -> None:
        """Answer a question that stays until it is answered; waits for it."""
        asked = self.page.locator(".monaco-dialog-box").filter(has_text=text)
        asked.get_by_role("button", name=answer).click()
        expect(asked).to_have_count(0)

    def clear_notifications(self) -> None:
        self.command("Notifications: Clear All Notifications")
        expect(self.page.locator(".notifications-toasts .notification-list-item")).to_have_count(0)

    def row(self, text: str) -> Locator:
        """The row of a view in the side bar that shows a text; waits for it."""
        found = self.page.locator(".sidebar .pane-body .monaco-list-row").filter(has_text=text).first
        expect(found).to_be_visible()
        return found

    def no_row(self, text: str) -> None:
        rows = self.page.locator(".sidebar .pane-body .monaco-list-row").filter(has_text=text)
        expect(rows).to_have_count(0)

    def button(self, row: Locator, label: str) -> None:
        """Press one of the buttons that a row shows under the mouse."""
        row.hover()
        row.get_by_role("button", name=label).click()

    def menu(self, row: Locator, title: str) -> None:
        """Choose from the menu of a row."""
        row.click(button="right")
        menu = self.page.locator(".monaco-menu .action-item")
        menu.filter(has_text=title).hover()
        self.page.keyboard.press("Enter")
        expect(menu).to_have_count(0)

    def widen_side_bar(self) -> None:
        """Draw its edge to the right, so that its rows can be read in full."""
        box = self.page.locator(".part.sidebar").bounding_box()
        assert box is not None
        edge, middle = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
        self.page.mouse.move(edge, middle)
        self.page.mouse.down()
        self.page.mouse.move(edge + 160, middle, steps=4)
        self.page.mouse.up()
        self.page.mouse.move(edge + 400, middle)

    def status(self, text: str) -> Locator:
        """The item of the status bar that says something to a screen reader; waits for it."""
        item = self.page.locator(f'.statusbar-item[aria-label*="{text}"]')
        expect(item).to_be_visible()
        return item

    def listen_to_status(self) -> Callable[[], set[str]]:
        """A function that says what our item of the status bar has said to a screen reader since now."""
        item = self.page.locator('.statusbar-item[aria-label^="Tokenward:"]')
        said = item.evaluate_handle("""(item) => {
            const said = new Set([item.ariaLabel]);
            const listener = new MutationObserver(() => said.add(item.ariaLabel));
            listener.observe(item, { attributes: true, attributeFilter: ["aria-label"] });
            return said;
        }""")
        return lambda: set(said.evaluate("(said) => [...said]"))

    def page_of_extension(self) -> FrameLocator:
        """What an extension shows in a web view."""
        return self.page.frame_locator("iframe.webview.ready").frame_locator("iframe#active-frame")

    def problems(self, texts: Iterable[str]) -> None:
        """Open the list of problems and wait until it shows all of these."""
        panel = self.page.locator(".markers-panel-container")
        if not panel.is_visible():
            self.page.keyboard.press("Control+Shift+M")
        for text in texts:
            expect(panel.locator(".monaco-list-row").filter(has_text=text).first).to_be_visible()

    def trust_folder(self) -> None:
        self.command("Workspaces: Manage Workspace Trust")
        page = self.page.locator(".workspace-trust-editor")
        page.get_by_role("button", name="Trust", exact=True).click()
        expect(page).to_contain_text("You trust this folder")

    def save_all(self) -> None:
        # Files without a tab of their own are counted there, too.
        unsaved = self.page.locator(".activitybar [aria-label*=unsaved]")
        self.command("File: Save All")
        with contextlib.suppress(AssertionError):
            expect(unsaved).to_have_count(0, timeout=PATIENCE / 4)
        if unsaved.count():
            self.command("File: Save All")
        expect(unsaved).to_have_count(0)

    def terminal(self, *commands: str) -> None:
        """Run commands in a terminal of the window."""
        screen = self.page.locator(".terminal-wrapper.active .xterm-screen")
        if not screen.is_visible():
            self.command("Terminal: Create New Terminal")
        screen.wait_for()
        # The shell has begun to say when commands start and end.
        expect(self.page.locator(".terminal-wrapper.active .xterm-rows")).to_contain_text(
            re.compile(r"[$#%>]")
        )
        for command in commands:
            self.page.keyboard.type(command)
            self.page.keyboard.press("Enter")

    def terminal_shows(self, text: str) -> None:
        expect(self.page.locator(".terminal-wrapper.active .xterm-rows")).to_contain_text(text)

    def copy(self, text: str) -> None:
        """Put a text onto the clipboard, as another program would."""
        self.page.evaluate(f"navigator.clipboard.writeText({json.dumps(text)})")

    def drop(self, text: str) -> None:
        """Drop a text behind what the editor shows, as if it came from another program."""
        data = self.page.evaluate_handle(
            "text => { const data = new DataTransfer(); data.setData('text/plain', text); return data; }",
            text,
        )
        lines = self.page.locator(".editor-instance .view-lines").first
        last = self.page.locator(".editor-instance .view-line span span").last.bounding_box()
        assert last is not None
        place = {"clientX": last["x"] + last["width"] + 40, "clientY": last["y"] + last["height"] / 2}
        for event in ("dragenter", "dragover", "drop"):
            lines.dispatch_event(event, {"dataTransfer": data, **place})

    def clipboard(self) -> str:
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def picture(self, name: str) -> None:
        """Take a picture of the window for the documentation, when that is what the tests are run for."""
        if folder := os.environ.get(PICTURES):
            if self.page.locator(".notifications-toasts .notification-list-item").count():
                self.clear_notifications()
            self.page.screenshot(path=Path(folder) / f"screenshot-{name}.png", caret="hide")

    def _ready(self) -> None:
        self.page.locator(".monaco-workbench .part.statusbar").wait_for()

    def _actions(self) -> Locator:
        offered = self.page.locator(ACTIONS)
        offered.first.wait_for()
        return offered

    def _pick(self, typed: str, label: str) -> None:
        """Choose from the list at the top of the window, once it offers what is wanted first."""
        box = self.page.locator(".quick-input-widget:visible input.input")
        box.wait_for()
        self.page.keyboard.type(typed)
        first = self.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row").first
        # "Save All in Group" is another command than "Save All".
        expect(first).to_contain_text(re.compile(re.escape(label) + "(?! in )"))
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".quick-input-widget:visible")).to_have_count(0)


def wait_for_file(place: Path, text: str) -> None:
    """Wait until a program that was started in a window has written a text."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not place.exists() or place.read_text("utf-8") != text:
        assert time.monotonic() < deadline, f"{place} does not hold what was expected"
        time.sleep(0.05)
