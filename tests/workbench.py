"""User actions in a VS Code window, and the window's content."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Error, FloatRect, FrameLocator, Locator, Page, expect

# A busy machine may take this long for anything; nothing waits longer than necessary.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
ACTIONS = ".action-widget .action:visible"
"""The quick fixes or other actions in an open menu."""
_BOX = ".quick-input-widget:visible"
_FOCUSED = ".monaco-editor.focused"
_Result = TypeVar("_Result")

# The output folder for the documentation's pictures.
PICTURES = "TOKENWARD_SCREENSHOTS"

# Gives every test the same window, without unrelated content.
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
# Collects the screen reader texts of the status bar: a busy machine may look only after a message has gone.
_LISTEN = """(bar) => {
    window.said = new Set();
    window.listen = () => bar.querySelectorAll("[aria-label]").forEach((item) => said.add(item.ariaLabel));
    new MutationObserver(listen).observe(bar, { attributeFilter: ["aria-label"], childList: true, subtree: true });
    listen();
}"""


def _read(place: Path) -> str:
    return place.read_text("utf-8")


class Workbench:
    """A VS Code window; each method returns after the window has finished the action."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        self._folder: Path | None = None
        page.set_default_timeout(PATIENCE)

    def open_folder(self, folder: Path) -> None:
        """Open a folder; one that is open keeps its window, without the files and messages in it."""
        if folder == self._folder:
            self.clear_notifications()
        else:
            self.page.goto(f"{self._address}/?folder={folder}")
            self.page.locator(".monaco-workbench .part.statusbar").evaluate(_LISTEN)
            # Before there are extensions, a notebook opens as text, and their commands are missing.
            self.status("Tokenward:")
            self._folder = folder
        if self.page.locator(".tab").count():
            self.command("View: Close All Editors")
            _repeat(self._close_unsaved)

    def close_folder(self) -> None:
        """Leave the folder; the next test gets a new window."""
        self._folder = None
        self.page.goto("about:blank")

    def open_file(self, name: str) -> None:
        """Open a file, and wait until what is typed goes into it; not into a notebook, which gets no focus."""
        assert self._folder is not None
        # A whole path is looked up; a name is searched for, and on a busy machine VS Code may find no files at all.
        self._pick(str(self._folder / name), name)
        expect(self.page.locator(".tab.active")).to_contain_text(Path(name).name)
        expect(self.page.locator(f"{_FOCUSED}, .notebookOverlay:visible").first).to_be_attached()

    def command(self, title: str) -> None:
        """Run a command from the command palette by its title."""
        self._pick(f">{title}", title)

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def answer(self, text: str) -> None:
        """Type into the box at the top of the window, and confirm."""
        box = self.page.locator(f"{_BOX} input.input")
        box.fill(text)
        box.press("Enter")

    def marks(self, count: int) -> Locator:
        """Wait until the visible editors have this many underlined places, and return them."""
        marked = self.page.locator(_MARKED)
        expect(marked).to_have_count(count)
        return marked

    def hover(self, place: Locator, text: str) -> str:
        """Return the hover text of a place, once it has a text."""
        box = self.page.locator(".monaco-hover:visible .monaco-hover-content").first

        def attempt(patience: float) -> str:
            # A line that moves away under the mouse shows nothing.
            self.page.mouse.move(0, 0)
            place.hover(force=True, timeout=patience)
            expect(box).to_contain_text(text, timeout=patience)
            return box.inner_text()

        return _repeat(attempt)

    def click(self, place: Locator) -> None:
        """Click the text under a mark, which itself accepts no clicks."""
        box = self.box(place)
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def box(self, place: Locator) -> FloatRect:
        """Return where a place is, once it is drawn."""
        # The editor may draw the line again in between, and then it has no box.
        deadline = time.monotonic() + PATIENCE / 1000
        while (box := place.bounding_box()) is None:
            assert time.monotonic() < deadline, f"{place} is not visible"
            self.page.wait_for_timeout(100)
        return box

    def light_bulb(self, place: Locator, title: str, picture: str) -> None:
        """Put the cursor on a place and choose one of its quick fixes, by the light bulb; take a picture of them."""

        def open_menu(patience: float) -> None:
            self.click(place)
            bulb = self.page.locator(".lightBulbWidget:visible, [class*=codicon-gutter-lightbulb]:visible")
            bulb.first.click(timeout=patience)

        self._choose(title, open_menu, picture)

    def quick_fix(self, place: Locator, title: str) -> None:
        """Put the cursor on a place and choose one of its quick fixes, by the keyboard."""

        def open_menu(patience: float) -> None:
            self.click(place)
            # A cell of a notebook gets the focus a moment later.
            expect(self.page.locator(_FOCUSED).first).to_be_attached(timeout=patience)
            self.page.keyboard.press("Control+.")

        self._choose(title, open_menu)

    def paste_option(self, title: str) -> None:
        """Choose another way to paste, beside the pasted text."""
        self._choose(title, lambda patience: self.page.locator(".post-edit-widget").click(timeout=patience))

    def notification(self, text: str) -> Locator:
        """Wait for the notification with a text and return it."""
        said = self.page.locator(".notification-list-item").filter(has_text=text).first
        with contextlib.suppress(AssertionError):
            expect(said).to_be_visible(timeout=PATIENCE / 2)
        if not said.is_visible():
            # It has gone after a few seconds, but not from the list.
            self.command("Notifications: Show Notifications")
        expect(said).to_be_visible()
        return said

    def press_in_notification(self, text: str, button: str) -> None:
        """Press a button of a notification, which may go in between."""

        def attempt(patience: float) -> None:
            self.notification(text).get_by_role("button", name=button).click(timeout=patience)

        _repeat(attempt)

    def question(self, text: str, answer: str) -> None:
        """Wait for a modal question and answer it."""
        dialog = self.page.locator(".monaco-dialog-box").filter(has_text=text)
        dialog.get_by_role("button", name=answer).click()
        expect(dialog).to_have_count(0)

    def clear_notifications(self) -> None:
        self.command("Notifications: Clear All Notifications")
        expect(self.page.locator(".notifications-toasts .notification-list-item")).to_have_count(0)

    def row(self, text: str) -> Locator:
        """Wait for the row with a text in a side bar view, and return it."""
        found = self.page.locator(".sidebar .pane-body .monaco-list-row").filter(has_text=text).first
        expect(found).to_be_visible()
        return found

    def no_row(self, text: str) -> None:
        rows = self.page.locator(".sidebar .pane-body .monaco-list-row").filter(has_text=text)
        expect(rows).to_have_count(0)

    def button(self, row: Locator, label: str) -> None:
        """Hover over a row and press one of its buttons."""

        def attempt(patience: float) -> None:
            # A row that is drawn again does not know that the mouse is over it.
            self.page.mouse.move(0, 0)
            row.hover(timeout=patience)
            row.get_by_role("button", name=label).click(timeout=patience)

        _repeat(attempt)

    def menu(self, row: Locator, title: str) -> None:
        """Choose an item from a row's context menu."""
        menu = self.page.locator(".monaco-menu .action-item")
        item = menu.filter(has_text=title)

        def attempt(patience: float) -> None:
            if menu.count():
                self.page.keyboard.press("Escape")
            row.click(button="right", timeout=patience)
            item.hover(timeout=patience)
            expect(item).to_have_class(re.compile("focused"), timeout=patience)
            self.page.keyboard.press("Enter")
            expect(menu).to_have_count(0, timeout=patience)

        _repeat(attempt)

    def widen_side_bar(self) -> None:
        """Widen the side bar, so that its rows can be read in full."""
        box = self.box(self.page.locator(".part.sidebar"))
        edge, middle = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
        self.page.mouse.move(edge, middle)
        self.page.mouse.down()
        self.page.mouse.move(edge + 160, middle, steps=4)
        self.page.mouse.up()
        self.page.mouse.move(edge + 400, middle)

    def status(self, text: str) -> Locator:
        """Wait for the status bar item with a screen reader text, and return it."""
        item = self.page.locator(f'.statusbar-item[aria-label*="{text}"]')
        expect(item).to_be_visible()
        return item

    def listen_to_status(self) -> Callable[[], set[str]]:
        """Return a function that returns the screen reader texts of our status bar item from now on."""
        self.page.evaluate("said.clear(); listen()")
        return lambda: {text for text in self.said() if text.startswith("Tokenward:")}

    def said(self) -> list[str]:
        """Return all screen reader texts of the status bar, also of what has gone."""
        return list(self.page.evaluate("[...said]"))

    def passing_status(self, text: str) -> None:
        """Wait until the status bar has shown a text, if only for a few seconds."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not any(text in shown for shown in self.said()):
            assert time.monotonic() < deadline, f"{text!r} is not in {self.said()}"
            self.page.wait_for_timeout(100)

    def is_pasted_as_a_reference(self, folder: Path, name: str) -> None:
        """Wait until a token is in the keyring, and look it up in `app.py`, which assigns it to a name."""
        self.notification("to the keyring and pasted")
        self.marks(0)
        self.clear_notifications()
        self.save(folder / "app.py", f'import os\n{name} = os.environ["{name}"]')
        self.save(folder / ".env", f"{name}=keyring://{folder.name}/{name}\n")

    def page_of_extension(self) -> FrameLocator:
        """Return the page in an extension's web view."""
        return self.page.frame_locator("iframe.webview.ready").frame_locator("iframe#active-frame")

    def problems(self, texts: Iterable[str]) -> None:
        """Open the Problems panel and wait until it lists all of these."""
        panel = self.page.locator(".markers-panel-container")
        self.command("Problems: Focus on Problems View")
        for text in texts:
            expect(panel.locator(".monaco-list-row").filter(has_text=text).first).to_be_visible()

    def trust_folder(self) -> None:
        self.command("Workspaces: Manage Workspace Trust")
        page = self.page.locator(".workspace-trust-editor")
        page.get_by_role("button", name="Trust", exact=True).click()
        expect(page).to_contain_text("You trust this folder")

    def save(self, place: Path, text: str, read: Callable[[Path], str] = _read) -> None:
        """Save all files until one holds a text."""
        # The panel also counts files without a tab.
        unsaved = self.page.locator(".tab.dirty, .activitybar [aria-label*=unsaved]")

        def attempt(patience: float) -> None:
            # A server may report an edit before the window has made it.
            self.command("File: Save All")
            wait_for_file(place, text, read, patience)
            expect(unsaved).to_have_count(0, timeout=patience)

        _repeat(attempt)

    def terminal(self, *commands: str, opened_by: str = "") -> None:
        """Run commands in a terminal of the window, which one of its own commands may open first."""
        if opened_by:
            self.command(opened_by)
        rows = self.page.locator(".terminal-wrapper.active .xterm-rows")
        # Shell integration has started.
        expect(rows).to_contain_text(re.compile(r"[$#%>]"))
        for command in commands:
            keys = self.page.locator(".terminal-wrapper.active .xterm-helper-textarea")
            keys.press_sequentially(command)
            expect(rows).to_contain_text(command)
            keys.press("Enter")

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, as another program would."""
        self.page.evaluate(f"navigator.clipboard.writeText({json.dumps(text)})")

    def drop(self, text: str) -> None:
        """Drop a text at the end of the editor, as if from another program."""
        data = self.page.evaluate_handle(
            "text => { const data = new DataTransfer(); data.setData('text/plain', text); return data; }",
            text,
        )
        lines = self.page.locator(".editor-instance .view-lines").first
        last = self.box(self.page.locator(".editor-instance .view-line span span").last)
        place = {"clientX": last["x"] + last["width"] + 40, "clientY": last["y"] + last["height"] / 2}
        for event in ("dragenter", "dragover", "drop"):
            lines.dispatch_event(event, {"dataTransfer": data, **place})

    def clipboard(self) -> str:
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def picture(self, name: str) -> None:
        """Take a picture of the window if the tests run to make the documentation's pictures."""
        if folder := os.environ.get(PICTURES):
            if self.page.locator(".notifications-toasts .notification-list-item").count():
                self.clear_notifications()
            self.page.screenshot(path=Path(folder) / f"screenshot-{name}.png", caret="hide")

    def _close_unsaved(self, patience: float) -> None:
        # VS Code keeps what a test that failed has not saved.
        refusal = self.page.get_by_role("button", name="Don't Save")
        if refusal.is_visible():
            refusal.click()
        expect(self.page.locator(".tab")).to_have_count(0, timeout=patience)

    def _choose(self, title: str, open_menu: Callable[[float], object], picture: str = "") -> None:
        """Choose an action from a menu."""

        def attempt(patience: float) -> None:
            if self.page.locator(ACTIONS).count():
                self.page.keyboard.press("Escape")
            open_menu(patience)
            offered = self.page.locator(ACTIONS).filter(has_text=title).first
            offered.wait_for(timeout=patience)
            if picture:
                self.picture(picture)
            offered.click(timeout=patience)

        _repeat(attempt)

    def _pick(self, typed: str, label: str) -> None:
        """Choose from the list at the top of the window, once the wanted item is first."""
        box = self.page.locator(f"{_BOX} input.input")
        first = self.page.locator(f"{_BOX} .quick-input-list .monaco-list-row").first

        def attempt(patience: float) -> None:
            if box.is_visible():
                # An open list does not get the commands that are new.
                box.press("Escape", timeout=patience)
                expect(box).to_have_count(0, timeout=patience)
            self.page.keyboard.press("F1")
            # Keys that are pressed before the box has the focus would go elsewhere.
            box.fill(typed, timeout=patience)
            # "Save All in Group" is a different command from "Save All".
            expect(first).to_contain_text(re.compile(re.escape(label) + "(?! in )"), timeout=patience)
            box.press("Enter", timeout=patience)

        _repeat(attempt)
        expect(self.page.locator(_BOX)).to_have_count(0)


def wait_for_file(
    place: Path, text: str, read: Callable[[Path], str] = _read, patience: float = PATIENCE
) -> None:
    """Wait until a program started in a window has written a text."""
    deadline = time.monotonic() + patience / 1000
    while (found := read(place) if place.exists() else "") != text:
        assert time.monotonic() < deadline, f"{place} holds {found!r}"
        time.sleep(0.05)


def _repeat(attempt: Callable[[float], _Result]) -> _Result:
    """Try something with this patience for each step, and again, like a person whose click or key press was lost."""
    for _ in range(2):
        with contextlib.suppress(Error, AssertionError):
            return attempt(PATIENCE / 4)
    return attempt(PATIENCE / 2)
