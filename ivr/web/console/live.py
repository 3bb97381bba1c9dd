"""`/console/nu`: the calls that go on, and one of them, kept up to date while somebody looks.

A page asks again and again by itself, with the version that it has; nothing new is answered without content (204), so
that many open pages cost little. Without JavaScript the same pages are asked for anew by a link.
"""

import hashlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ivr.calls.live import LiveCall, LiveCalls
from ivr.dialogue.states import CallerRecording
from ivr.web import call_words
from ivr.web.access import Permission, User
from ivr.web.console.call_screen import CallScreen
from ivr.web.console.declaring import Page
from ivr.web.language import N_, PARAMETER, language
from ivr.web.scope import CallFinder, concerns

NOTHING_NEW = ("", 204)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the calls are shown, as the address of the page says: of one agency, one line, one telephone."""

    agency: str
    line: str
    desk: str

    @classmethod
    def asked(cls, user: User) -> "Choice":
        agency = request.args.get("instantie", "")
        line, desk = request.args.get("lijn", ""), request.args.get("toestel", "")
        return cls(agency if agency in user.agencies else "", line, desk)

    def takes(self, call: LiveCall) -> bool:
        wanted = (self.agency, call.record.agency), (self.line, call.record.line), (self.desk, call.desk)
        return all(chosen in ("", its) for chosen, its in wanted)


def version_of(calls: list[LiveCall]) -> str:
    """Another one for every change that a reader could see."""
    told = "\n".join(f"{call.record.call_id} {call.record.version}" for call in calls)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


class Drawn:
    """The last parts of pages that were drawn: those who look at the same get the same, drawn once."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._parts: dict[Hashable, str] = {}

    def get(self, key: Hashable, draw: Callable[[], str]) -> str:
        """`key` has everything that the part depends on."""
        with self._lock:
            if key not in self._parts:
                if len(self._parts) >= self._most:
                    del self._parts[next(iter(self._parts))]
                self._parts[key] = draw()
            return self._parts[key]


def live_pages(live: LiveCalls, screen: CallScreen, find_call: CallFinder) -> list[Page]:
    drawn = Drawn()

    def shown(choice: Choice, calls: list[LiveCall]) -> dict[str, object]:
        return {
            "calls": calls,
            "choice": choice,
            "version": version_of(calls),
            "wishes": [call for call in calls if call.dialogue.caller_recording is CallerRecording.ANNOUNCED],
            "call_words": call_words,
        }

    def chosen(user: User, choice: Choice, *, now: bool) -> list[LiveCall]:
        return [call for call in live.list(user.agencies, now=now) if choice.takes(call)]

    def show(user: User) -> ResponseReturnValue:
        choice = Choice.asked(user)
        agencies = live.profiles(user.agencies)
        desks = sorted({(call_words.desk_words(address), address) for one in agencies for address in one.employee.to})
        calls = chosen(user, choice, now=True)
        lines = live.lines(user.agencies)
        shows = shown(choice, calls)
        return render_template("console/live.html", **shows, agencies=agencies, lines=lines, desks=desks)

    def show_part(user: User) -> ResponseReturnValue:
        choice = Choice.asked(user)
        calls = chosen(user, choice, now=False)
        version = version_of(calls)
        if version == request.args.get("versie"):
            return NOTHING_NEW
        key = (version, choice, language(), PARAMETER in request.args)
        return drawn.get(key, lambda: render_template("console/live_list.html", **shown(choice, calls)))

    def show_call(user: User, call_id: str) -> ResponseReturnValue:
        return screen.page(user, live.of(find_call(call_id, user)))

    def show_call_part(user: User, call_id: str) -> ResponseReturnValue:
        """A page that is newer than what this process read last has nothing to learn from it."""
        call = live.find(call_id)
        if call is None or call.record.agency not in user.agencies:
            call = live.of(find_call(call_id, user))
        concerns(call.record.agency)
        if call.record.version <= request.args.get("versie", -1, type=int):
            return NOTHING_NEW
        return screen.part(user, call)

    see = Permission.SEE_CALLS
    return [
        Page("/nu", "live", show, see, menu=N_("Nu aan de lijn")),
        Page("/nu/stand", "live_part", show_part, see, traced=False),
        Page("/nu/<call_id>", "live_call", show_call, see),
        Page("/nu/<call_id>/stand", "live_call_part", show_call_part, see, traced=False),
    ]
