"""axe-core finds nothing serious on any page, in the light and in the dark theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_looking import settle

SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found(server, trained, new_page, scheme):
    page = new_page(scheme=scheme)
    views = [f"gates?run={trained}&view={view}" for view in ("map", "knew", "intervene", "compare")]
    found = []
    for path in ("", f"train?run={trained}", "train", f"predict?run={trained}", *views, f"compare?runs={trained}"):
        page.goto(f"{server}/{path}")
        settle(page)
        expect(page.locator("[data-stale=true]")).to_have_count(0)
        for rule in Axe().run(page).response["violations"]:
            # The words of a control that is switched off are pale on purpose; axe does not see whose they are.
            nodes = [node for node in rule["nodes"] if rule["id"] != "color-contrast" or not off(page, node["target"])]
            if rule["impact"] in SERIOUS and nodes:
                found.append((path, rule["id"], [node["html"] for node in nodes][:3]))
    assert not found


def off(page, target):
    """Whether the element that axe names belongs to a control that is switched off."""
    inside = "e => !!e.closest('[data-testid=stElementContainer]')?.querySelector(':disabled, [aria-disabled=true]')"
    return isinstance(target[-1], str) and page.locator(target[-1]).first.evaluate(inside)
