"""Slows down who guesses. Counts live in this process: with n web processes the limits are n times as wide."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

MOST_KEYS = 10_000


class Limiter:
    """At most `limit` strikes per key within `window`. Memory is bounded: the key quiet for longest is forgotten."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self.window = window
        self._limit = limit
        self._strikes: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def blocks(self, key: str, now: datetime) -> bool:
        with self._lock:
            return len(self._recent(key, now)) >= self._limit

    def strike(self, key: str, now: datetime) -> None:
        with self._lock:
            strikes = self._recent(key, now)
            strikes.append(now)
            self._strikes[key] = strikes
            self._strikes.move_to_end(key)
            while len(self._strikes) > MOST_KEYS:
                self._strikes.popitem(last=False)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        strikes = self._strikes.get(key) or deque(maxlen=self._limit)
        while strikes and strikes[0] <= now - self.window:
            strikes.popleft()
        return strikes


def network(address: str | None) -> str:
    """Who counts as one client: an IPv4 address, or the /64 that a subscriber gets in IPv6 (RFC 6177)."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped.compressed if parsed.ipv4_mapped else f"{int(parsed) >> 64:x}::/64"
    return parsed.compressed
