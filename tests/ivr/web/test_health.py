"""What a load balancer and an operator's dashboard are told."""

import shutil

from tests.builders import PUBLIC_URL, House


def get(house: House, path: str) -> tuple[int, str]:
    answer = house.client.get(path, base_url=PUBLIC_URL)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_service_that_is_well(house: House) -> None:
    house.dial_in()
    assert get(house, "/healthz") == (200, '{"status":"ok"}\n')
    assert get(house, "/readyz") == (200, '{"status":"ok"}\n')
    status, text = get(house, "/metrics")
    assert status == 200
    assert text.splitlines() == [
        "# TYPE spelregel_open_calls gauge",
        "spelregel_open_calls 1",
        "# TYPE spelregel_jobs gauge",
        'spelregel_jobs{state="parked"} 0',
        'spelregel_jobs{state="taken"} 0',
        'spelregel_jobs{state="waiting"} 0',
    ]


def test_without_a_database_it_is_alive_but_not_ready(house: House) -> None:
    house.dial_in()
    house.wiring.database.close()
    for file in house.folder.glob("spelregel.db*"):
        file.unlink()
    (house.folder / "spelregel.db").mkdir()
    assert get(house, "/healthz")[0] == 200
    for path in ("/readyz", "/metrics"):
        assert get(house, path) == (503, '{"database":"does not answer","status":"unavailable"}\n')
    shutil.rmtree(house.folder / "spelregel.db")
