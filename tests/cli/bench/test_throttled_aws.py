from cli.bench.throttled_aws import Bucket


def test_a_bucket_refills_up_to_its_size() -> None:
    bucket = Bucket(2, 10, at=0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(60.0) for _ in range(3)] == [True, True, False]
    assert bucket.take(60.1)
