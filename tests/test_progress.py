from edgekit.progress import Shares


def test_shares_add_up():
    heard = []
    shares = Shares(lambda done, total: heard.append((done, total)), 2)
    first, second = shares.of(0), shares.of(1)
    first(10, 40)
    second(20, 40)
    first(40, 40)
    assert heard == [(10, 80), (30, 80), (60, 80)]
