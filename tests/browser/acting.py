"""What several browser tests do on a page: choose a picture in the row, open the options, upload files."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

KINDS = {"png": "image/png", "jpg": "image/jpeg"}


def picture(page: Page) -> Locator:
    """The picture that is chosen in the row."""
    return page.get_by_role("radiogroup", name="Pictures").first.locator("[aria-checked=true]")


def open_options(page: Page) -> None:
    """Opens what stands behind the Options button."""
    page.get_by_role("button", name="Options").click()
    expect(page.get_by_role("button", name="Back to the defaults")).to_be_visible()


def close(page: Page) -> None:
    """Closes what is open over the page."""
    page.keyboard.press("Escape")


def open_uploader(page: Page) -> None:
    """Opens what stands behind the button for one's own pictures."""
    page.locator(".st-key-add").get_by_role("button").first.click()
    expect(page.locator("input[type=file]")).to_be_attached()


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    """Uploads files (name, content) as one's own pictures, and closes the uploader."""
    open_uploader(page)
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": KINDS[name[-3:]], "buffer": data} for name, data in files]
    )
    expect(page.get_by_role("radio", name=files[-1][0])).to_be_attached()
    close(page)
