from hangeul_bench.base.order import hash_order


def test_hash_order_does_not_depend_on_the_listing():
    names = [f"n{i}" for i in range(50)]
    assert hash_order(names) == hash_order(reversed(names)) != names
    assert hash_order(names, "other ") != hash_order(names)
