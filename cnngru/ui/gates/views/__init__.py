"""The views of the gates page, a module or a folder each, with `show(scene)`; VIEWS, one level up, lists them."""
