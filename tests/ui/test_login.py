"""With [auth] set up, who has logged in is the owner of what they start, in every browser."""

import handmade
import pytest
import streamlit as st

from cnngru.runs import owners, store
from cnngru.ui import roles, visitor


@pytest.fixture
def logged_in(monkeypatch):
    def log_in(**claims):
        monkeypatch.setattr(st, "user", claims)

    return log_in


def test_a_run_is_the_persons_in_every_browser(checkpoints, visit, engine, logged_in):
    logged_in(is_logged_in=True, iss="https://a", sub="1", email="a@b.c")
    run = store.get(roles.start(handmade.tiny()))
    visit(word="e" * 32)
    assert roles.may_change(run)
    assert "a@b.c" not in (run.folder / owners.FILE).read_text()
    for other in ({"sub": "2"}, {"sub": "1", "iss": "https://b"}, {"sub": None, "email": None}):
        logged_in(**{"is_logged_in": True, "iss": "https://a", "email": "a@b.c", **other})
        assert not roles.may_change(run)


def test_an_address_stands_for_a_person_without_a_number(checkpoints, visit, logged_in):
    logged_in(is_logged_in=True, iss="https://a", email="a@b.c")
    first = visitor.person()
    assert first
    logged_in(is_logged_in=True, iss="https://a", email="b@b.c")
    assert visitor.person() != first


def test_who_has_not_logged_in_does_not_start(checkpoints, visit, logged_in):
    logged_in(is_logged_in=False)
    assert roles.why_not_start() == roles.LOG_IN
    logged_in(is_logged_in=False, sub="1")
    assert visitor.person() == ""
    logged_in(email="somebody@else.where")  # as some platforms say it, without a login
    assert visitor.person() == ""
    assert roles.why_not_start() is None


def test_the_host_has_them_elsewhere_too(checkpoints, visit, engine, logged_in):
    logged_in(is_logged_in=True, iss="https://a", sub="1")
    visit(address=None)
    run = store.get(roles.start(handmade.tiny()))
    visit(word="e" * 32)
    assert roles.may_change(run)


def test_the_sidebar_has_the_way_in_and_out(app, visit, logged_in, monkeypatch):
    assert not any(button.key and button.key.startswith("log-") for button in app("home").sidebar.button)
    monkeypatch.setattr(st, "secrets", {"auth": {"cookie_secret": "x", "school": {"client_id": "y"}}})
    logged_in(is_logged_in=False)
    test = app("home")
    assert "Log in with school" in [button.label for button in test.sidebar.button]
    test.sidebar.button(key="log-in-school").click().run()  # Authlib is missing here, or the section is not whole
    assert not test.exception
    assert test.error
    logged_in(is_logged_in=True, iss="https://a", sub="1", name="Ada *L*")
    test = app("home")
    assert "Log out" in [button.label for button in test.sidebar.button]
    assert any(r"Ada \*L\*" in caption.value for caption in test.sidebar.caption)
