"""What several media processes tell together."""

import os
import signal

from ivr.web.media_figures import SharedFigures


def test_one_process_tells_what_it_does() -> None:
    figures = SharedFigures(processes=1).claim()
    figures.tell(listens=True, heard=3, unheard=1, lag_s=0.04)
    for lag_s in (0.05, 0.1, 0.3, 7.0):
        figures.count_batch(lag_s)
    figures.count_lost(1.5)
    assert figures.shared.as_text().splitlines() == [
        "# TYPE spelregel_media_listens gauge",
        'spelregel_media_listens{process="0"} 1',
        "# TYPE spelregel_media_streams gauge",
        'spelregel_media_streams{process="0",heard="yes"} 3',
        'spelregel_media_streams{process="0",heard="no"} 1',
        "# TYPE spelregel_media_present_lag_seconds gauge",
        'spelregel_media_present_lag_seconds{process="0"} 0.04',
        "# TYPE spelregel_media_lost_audio_seconds_total counter",
        'spelregel_media_lost_audio_seconds_total{process="0"} 1.5',
        "# TYPE spelregel_media_lag_seconds histogram",
        'spelregel_media_lag_seconds_bucket{process="0",le="0.1"} 2',
        'spelregel_media_lag_seconds_bucket{process="0",le="0.2"} 2',
        'spelregel_media_lag_seconds_bucket{process="0",le="0.35"} 3',
        'spelregel_media_lag_seconds_bucket{process="0",le="0.5"} 3',
        'spelregel_media_lag_seconds_bucket{process="0",le="0.75"} 3',
        'spelregel_media_lag_seconds_bucket{process="0",le="1.0"} 3',
        'spelregel_media_lag_seconds_bucket{process="0",le="2.0"} 3',
        'spelregel_media_lag_seconds_bucket{process="0",le="5.0"} 3',
        'spelregel_media_lag_seconds_bucket{process="0",le="+Inf"} 4',
        'spelregel_media_lag_seconds_sum{process="0"} 7.45',
        'spelregel_media_lag_seconds_count{process="0"} 4',
    ]


def test_any_process_tells_of_all_and_who_is_gone_leaves_its_row_to_the_next() -> None:
    shared = SharedFigures(processes=2)
    shared.claim().tell(listens=True, heard=1, unheard=0, lag_s=0)
    forked = os.fork()
    if forked == 0:
        shared.claim().tell(listens=False, heard=5, unheard=0, lag_s=0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(forked, os.WUNTRACED)
    text = shared.as_text()
    assert 'spelregel_media_streams{process="0",heard="yes"} 1' in text
    assert 'spelregel_media_streams{process="1",heard="yes"} 5' in text
    assert 'spelregel_media_listens{process="1"} 0' in text
    os.kill(forked, signal.SIGKILL)
    os.waitpid(forked, 0)
    assert 'process="1"' not in shared.as_text()
    shared.claim()
    assert 'spelregel_media_streams{process="1",heard="yes"} 0' in shared.as_text()
