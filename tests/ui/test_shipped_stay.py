"""Runs that come with the app, where its pages begin, are not deleted on a page."""

import handmade

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


def test_what_comes_with_the_app_cannot_be_deleted_there_and_ones_own_can(app):
    handmade.run("rowcue-quick", *DONE)
    handmade.run("mine", *DONE)
    for name, can in (("rowcue-quick", False), ("mine", True)):
        blocks = [block.proto.popover for block in walk(app("train", run=name)._tree) if block.type == "popover"]
        (delete,) = [popover for popover in blocks if popover.label == "Delete"]
        assert delete.disabled is not can, name


def walk(block):
    yield block
    for child in getattr(block, "children", {}).values():
        yield from walk(child)
