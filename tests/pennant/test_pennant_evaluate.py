"""A roll-out is stable, monotonic and as large as it says."""

from hypothesis import given
from hypothesis import strategies as st

from pennant.flags import BUCKETS, Flag, bucket, evaluate

names = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
keys = st.text(min_size=1, max_size=50)
rollouts = st.integers(0, 100)


@given(names, keys, rollouts)
def test_a_disabled_flag_is_off_for_everyone(name: str, key: str, rollout: int) -> None:
    assert not evaluate(Flag(name=name, enabled=False, rollout=rollout), key)["on"]


@given(names, keys)
def test_the_ends_are_exact(name: str, key: str) -> None:
    assert not evaluate(Flag(name=name, enabled=True, rollout=0), key)["on"]
    assert evaluate(Flag(name=name, enabled=True, rollout=100), key)["on"]


@given(names, keys, rollouts, rollouts)
def test_a_larger_rollout_takes_nobody_out(name: str, key: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if evaluate(Flag(name=name, enabled=True, rollout=small), key)["on"]:
        assert evaluate(Flag(name=name, enabled=True, rollout=large), key)["on"]


@given(names, st.integers(1, 99))
def test_the_share_is_as_asked(name: str, rollout: int) -> None:
    flag = Flag(name=name, enabled=True, rollout=rollout)
    share = sum(evaluate(flag, f"user-{n}")["on"] for n in range(2000)) / 20
    assert abs(share - rollout) < 6  # five standard deviations of 2000 draws


def test_a_key_keeps_its_place_across_releases() -> None:
    assert [bucket("new-checkout", f"user-{n}") for n in range(4)] == [5187, 2648, 1359, 3016]
    assert BUCKETS == 10_000
