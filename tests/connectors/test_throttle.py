"""Allowances of points: what is waited for, and for how long."""

import pytest

from connectors.throttle import Allowance, Left


@pytest.fixture
def allowance(time):
    return Allowance(time.clock, time.sleep, 20)


def test_what_is_not_known_is_not_waited_for(allowance, time):
    assert allowance.take("orders") == 0
    allowance.learn("orders", Left(points=0, rate=50, cost=100))
    assert allowance.take("products") == 0
    assert time.slept == []


@pytest.mark.parametrize(("points", "rate", "cost", "seconds"), [
    (100, 50, 100, 0),
    (40, 50, 100, 1.2),
    (-20, 10, 100, 12),
    (0, 1, 1000, 20),
    (0, 0, 1000, 0),
])  # fmt: skip
def test_until_the_request_can_be_paid(allowance, time, points, rate, cost, seconds):
    allowance.learn("orders", Left(points=points, rate=rate, cost=cost))
    assert allowance.take("orders") == pytest.approx(seconds)
    assert sum(time.slept) == pytest.approx(seconds)


def test_points_come_back_while_something_else_is_done(allowance, time):
    allowance.learn("orders", Left(points=0, rate=50, cost=100))
    time.sleep(1.5)
    assert allowance.take("orders") == pytest.approx(0.5)


def test_the_last_answer_says_what_is_left_and_its_own_what_a_request_costs(allowance):
    allowance.learn("orders", Left(points=500, rate=50, cost=100))
    allowance.learn("products", Left(points=50, rate=50, cost=10))
    assert allowance.take("orders") == pytest.approx(1)
    assert allowance.take("products") == 0
