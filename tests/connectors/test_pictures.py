"""Pictures: whoever names their addresses gets nothing out of this server, and stores nothing but pictures in it."""

import gzip
import io
import socket

import pytest
from PIL import Image

from connectors import pictures
from connectors.errors import NeedsFixing
from connectors.http import HttpConnector
from connectors.settings import Setting, SettingKind
from tests.connectors import loopback
from tests.connectors.loopback import Loopback, Reply


class Shop(HttpConnector):
    code, name = "shop", "Shop"
    settings = (Setting("url", "Address", SettingKind.URL),)
    connect_timeout = 1
    read_timeout = 0.3
    picture_timeout = 1

    def _headers(self):
        return {"Authorization": "Bearer secret"}


def picture(kind="PNG", size=(2, 2)):
    content = io.BytesIO()
    Image.new("RGB", size).save(content, kind)
    return content.getvalue()


def bomb():
    """60 million pixels in some kilobytes."""
    content = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def server():
    with Loopback(lambda request: Reply(200, picture(), {"Content-Type": "image/png"})) as running:
        yield running


@pytest.fixture
def shop(server):
    with Shop({"url": server.url}) as made:
        yield made


def refused(shop, url):
    with pytest.raises(NeedsFixing) as caught:
        pictures.check(shop.picture(url), url)
    assert caught.value.code == "picture"
    assert len(caught.value.sentence) < 300
    return caught.value.sentence


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_of_the_connection_itself(shop, server, kind):
    server.first(Reply(200, picture(kind)))
    assert shop.picture(f"{server.url}/tea") == picture(kind)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>secret</body></html>",
        b"<?xml version='1.0'?><a/>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        picture(size=(99, 99))[:60],
        picture("BMP"),
        b"",
        bomb(),
    ],
    ids=["html", "xml", "svg", "fake webp", "cut", "bmp", "nothing", "bomb"],
)
def test_what_is_no_picture_is_left_out(shop, server, content):
    server.first(Reply(200, content, {"Content-Type": "image/png"}))
    assert "was left out" in refused(shop, f"{server.url}/tea")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/a.png",
        "http://example.com/a.png",
        "https://127.0.0.1:1/a.png",
        "https://localhost:1/a.png",
        "https://[::1]:1/a.png",
        "https://[::ffff:127.0.0.1]:1/a.png",
        "https://10.0.0.8/a.png",
        "https://169.254.169.254/latest/meta-data",
        f"https://{'a' * 300}.example.com/a.png",
        "https://shop.example.com:99999/a.png",
        "https://nobody.invalid/a.png",
        "https://",
        "a.png\x00",
        "http://[bad/a.png",
    ],
)
def test_addresses_that_nobody_is_asked_at(shop, url):
    refused(shop, url)


@pytest.mark.parametrize(
    "address",
    [
        "::127.0.0.1",
        "::ffff:10.0.0.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::10.0.0.8",
        "64:ff9b:1::10.0.0.8",
        "2002:a00:8::1",
        "fec0::1",
        "fd00::1",
        "fe80::1%eth0",
        "ff0e::1",
    ],
)
def test_private_addresses_in_the_clothes_of_public_ones(address):
    with pytest.raises(pictures.Forbidden):
        pictures.admit_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses(address):
    pictures.admit_public(address)


def test_what_is_packed_twice_is_left_unopened(shop, server):
    packed = gzip.compress(gzip.compress(b"x" * 1000))
    server.always(Reply(200, packed, {"Content-Type": "image/png", "Content-Encoding": "gzip, gzip"}))
    assert "can't be asked" in refused(shop, f"{server.url}/tea")
    assert server.requests[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_a_private_address_gets_no_connection(shop, monkeypatch):
    with Loopback(lambda request: Reply(200, picture())) as inside:
        refused(shop, f"{inside.url}/a.png")
        assert not inside.requests
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            listening.settimeout(0.2)
            refused(shop, f"https://127.0.0.1:{listening.getsockname()[1]}/a.png")
            with pytest.raises(TimeoutError):
                listening.accept()


@pytest.mark.parametrize("target", ["https://127.0.0.1:1/a", "http://127.0.0.1:1/a", "file:///etc/passwd", "/tea"])
def test_every_redirect_is_looked_at(shop, server, target):
    server.always(Reply(302, b"", {"Location": target}))
    refused(shop, f"{server.url}/tea")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404), Reply(500), Reply(401), loopback.SILENT, loopback.HANG_UP, loopback.CUT,
        Reply(200, b"x" * (11 << 20)),
    ],
    ids=["404", "500", "401", "silent", "hang up", "cut", "11 MB"],
)
def test_a_server_in_trouble_costs_the_picture(shop, server, reply):
    server.always(reply)
    refused(shop, f"{server.url}/tea")
    assert len(server.requests) <= 2


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_admitted(address):
    pictures.admit_public(address)
