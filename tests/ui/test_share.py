"""The link behind Share: the address as visitors reach it, with all that is chosen."""

import json
from types import SimpleNamespace

import handmade
import pytest
import streamlit as st

from cnngru.ui import share

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


def sent(test, part):
    """What the component that has `part` in its data was sent."""
    data = [json.loads(found.proto.json or "{}") for found in test.get("bidi_component")]
    return next(each for each in data if part in each)


def test_the_link_has_the_run_the_view_and_the_picture_but_not_the_projector(app):
    handmade.run("a", *DONE)
    test = app("gates", run="a", view="kept", test="3", present="1")
    address = sent(test, "link")["link"]
    assert set(address.split("?")[1].split("&")) == {"run=a", "view=kept", "test=3"}


def test_the_code_holds_the_link_and_is_read_in_either_theme(app):
    handmade.run("a", *DONE)
    data = sent(app("train", run="a"), "link")
    assert data["code"] == share._code(data["link"])
    assert "%23fff" in data["code"]  # white around black, whatever the page is
    assert share._code("http://a/") != share._code("http://b/")


@pytest.mark.parametrize(
    ("seen", "listens", "shared"),
    [
        ("http://localhost:8501/gates", "0.0.0.0", "http://10.1.2.3:8501/gates"),
        ("http://127.0.0.1:8501/gates", None, "http://10.1.2.3:8501/gates"),
        ("http://localhost:8501/gates", "127.0.0.1", "http://localhost:8501/gates"),  # nobody else gets there
        ("https://gru.example.edu/class/gates", "0.0.0.0", "https://gru.example.edu/class/gates"),
        ("http://[2001:db8::1]:8501/", "::", "http://[2001:db8::1]:8501/"),
    ],
)
def test_the_address_is_the_one_that_visitors_reach(monkeypatch, seen, listens, shared):
    monkeypatch.setattr(share, "network_address", lambda: "10.1.2.3")
    fake = SimpleNamespace(context=SimpleNamespace(url=seen), get_option=lambda _: listens, query_params={})
    monkeypatch.setattr(share, "st", fake)
    assert share.link() == shared


def test_without_a_network_the_address_stays(monkeypatch):
    monkeypatch.setattr(share, "network_address", lambda: None)
    fake = SimpleNamespace(
        context=SimpleNamespace(url="http://localhost:8501/"), get_option=lambda _: None, query_params={}
    )
    monkeypatch.setattr(share, "st", fake)
    assert share.link() == "http://localhost:8501/"


def test_who_is_alone_is_told_how_others_get_in(app):
    handmade.run("a", *DONE)
    assert ("--server.address" in handmade.words(app("train", run="a"))) == (
        st.get_option("server.address") in share.LOCAL
    )


def test_a_link_that_is_too_long_for_a_code_is_still_one_to_copy(app):
    handmade.run("a", *DONE)
    test = app("gates", run="a", hold="x" * 3000)
    data = sent(test, "link")
    assert "x" * 3000 in data["link"]
    assert data["code"] == ""
    assert "too long for a QR code" in handmade.words(test)
