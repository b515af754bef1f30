import pytest

from connectors import pagers
from connectors.errors import NeedsFixing


def walk(answers, following, start=""):
    """The answers by position, the positions that were asked for, and what `pages` gave."""
    asked = []

    def fetch(position):
        asked.append(position)
        return answers[position]

    return asked, list(pagers.pages(fetch, following, start))


def test_link_header():
    answers = {
        "": {"Link": '<https://shop/p?page=2>; rel="next", <https://shop/p?page=9>; rel="last"'},
        "https://shop/p?page=2": {"Link": '</p?page=3>; rel="next"'},
        "https://shop/p?page=3": {"Link": '<https://shop/p?page=1>; rel="prev"'},
    }
    following = pagers.link_header(lambda headers: headers, lambda headers: "https://shop/p")
    asked, found = walk(answers, following)
    assert asked == list(answers)
    assert [position for _answer, position in found] == [*asked[1:], ""]


@pytest.mark.parametrize(
    "end", [{}, {"paging": {}}, {"paging": {"next": None}}, {"paging": None}, {"paging": {"next": ""}}]
)
def test_cursor_in_the_body(end):
    answers = {"": {"paging": {"next": 17}}, "17": end}
    asked, _found = walk(answers, pagers.body_cursor("paging", "next"))
    assert asked == ["", "17"]


def test_offset():
    answers = {"": [1, 2, 3], "3": [4, 5, 6], "6": [7]}
    asked, _found = walk(answers, pagers.offset(3, lambda rows: rows))
    assert asked == ["", "3", "6"]


def test_offset_ends_with_an_empty_page():
    asked, _found = walk({"": [1, 2], "2": []}, pagers.offset(2, lambda rows: rows))
    assert asked == ["", "2"]


def test_page_number():
    answers = {"": 3, "2": 3, "3": 3}
    asked, _found = walk(answers, pagers.page_number(lambda pages: pages))
    assert asked == ["", "2", "3"]
    assert walk({"": 0}, pagers.page_number(lambda pages: pages))[0] == [""]


def test_version():
    answers = {"": [{"v": 2}, {"v": 5}], "5": [{"v": 6}], "6": []}
    following = pagers.version(lambda rows: rows, lambda row: row["v"])
    assert walk(answers, following)[0] == ["", "5", "6"]


def test_it_goes_on_where_it_stopped():
    answers = {"3": [4, 5, 6], "6": [7]}
    asked, found = walk(answers, pagers.offset(3, lambda rows: rows), start="3")
    assert asked == ["3", "6"]
    assert found[-1] == ([7], "")


def test_a_system_that_does_not_move_on_is_told_apart_from_the_end():
    with pytest.raises(NeedsFixing, match="same page again"):
        walk({"": {"next": "a"}, "a": {"next": "a"}}, pagers.body_cursor("next"))
