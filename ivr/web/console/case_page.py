"""One case file: what is known, what was done, what can be done now and by a form, and listening for its sake.

Every act comes from a form that is made from the act's own declaration (`case_fields`). A form carries a key, so that
what is sent twice is done once, and the version of the case that its sender saw.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from ivr.accounts.users import UserService
from ivr.cases.acts import ACTS, AccessGranted, Act
from ivr.cases.case import FINAL, Case, Complaint, State, Training
from ivr.cases.compared import ComparedCopies
from ivr.cases.machine import Choice
from ivr.cases.playback import NoSound, PlaybackRefused, PlaybackService
from ivr.cases.service import CaseService, Considered, MovedOn
from ivr.cases.turn import NotAllowed
from ivr.ports import Clock
from ivr.web.access import Permission, User
from ivr.web.console.case_act_words import ACT_WORDS, NOT_BY_HAND
from ivr.web.console.case_fields import (
    Filled,
    FormField,
    Options,
    WrongInput,
    fields_of,
    names_in,
    read_act,
    reason,
    summary,
)
from ivr.web.console.case_history import acts_since, history_lines, known, place_of, promise_of, steps_of, term
from ivr.web.console.case_options import options_of
from ivr.web.console.case_words import KIND_WORDS, STATE_WORDS, WHO_WORDS
from ivr.web.console.comparison import shown_of
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.console.sittings import Sittings
from ivr.web.language import gettext
from ivr.web.scope import CASE_ID, concerns, seeing
from ivr.web.sound import sound_response
from storage.records import RecordingRow

KEY = re.compile(r"[0-9a-f]{32}")
KEY_BYTES = 16
MOST_NAMES_TOLD = 3
VERSION = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class ActForm:
    """One act that can be done now, as its form has it; ids on the page begin with `act`."""

    act: str
    title: str
    hint: str
    fields: Sequence[FormField]
    filled: Filled
    key: str
    is_open: bool

    @property
    def summary(self) -> list[tuple[str, str]]:
        return summary(self.fields, self.filled, self.act)


@dataclass(frozen=True, slots=True)
class Barred:
    """An act of this role that something stands in the way of at this moment."""

    title: str
    why: str


class CasePages:
    """The pages of one case."""

    def __init__(
        self,
        cases: CaseService,
        compared: ComparedCopies,
        playback: PlaybackService,
        users: UserService,
        clock: Clock,
        sittings: Sittings,
    ) -> None:
        self._cases = cases
        self._compared = compared
        self._playback = playback
        self._users = users
        self._clock = clock
        self._sittings = sittings

    def pages(self) -> list[Page]:
        see, do = Permission.SEE_CASES, Permission.ACT_ON_CASES
        return [
            Page("/zaken/<case_id>", "case", self.show, see),
            Page("/zaken/<case_id>/doen/<act>", "case_act", self.act, do, method="POST"),
            Page("/zaken/<case_id>/geluid", "case_sound", self.sound, do),
        ]

    def show(self, user: User, case_id: str) -> ResponseReturnValue:
        return self._page(user, self._consider(user, case_id))

    def act(self, user: User, case_id: str, act: str) -> ResponseReturnValue:
        """Post, redirect, get; with faults the same page again, and nothing of what was typed is lost."""
        considered = self._consider(user, case_id)
        wanted = ACTS.get(act)
        if wanted is None or wanted in NOT_BY_HAND:
            raise NotFound("there is no such act")
        key, version = request.form.get("key", ""), request.form.get("version", "")
        if not KEY.fullmatch(key) or not VERSION.fullmatch(version):
            raise Forbidden("not a form of ours")
        case, given = considered.case, request.form.to_dict()
        faults = self._people_faults(wanted, given, case)
        try:
            done = read_act(wanted, given, _options(user, considered, wanted))
        except WrongInput as wrong:
            if self._cases.was_done(case_id, user.actor, key):
                return self._to(case)  # an echo: doing it has changed what there is to choose from
            return self._again(user, considered, wanted, Filled(given, {**faults, **wrong.faults}), 422)
        if faults:
            return self._again(user, considered, wanted, Filled(given, faults), 422)
        try:
            self._cases.act(case.case_id, done, user.actor, key, seen_version=int(version))
        except MovedOn as moved:
            news = acts_since(considered.history, int(version))
            return self._again(user, considered, wanted, Filled(given, trouble=reason(moved)), 409, news=len(news))
        except NotAllowed as refused:
            why = reason(refused)
            filled = Filled(given, {refused.field: why}) if refused.field else Filled(given, trouble=why)
            return self._again(user, self._consider(user, case_id), wanted, filled, 422 if refused.field else 409)
        return self._to(case)

    def sound(self, user: User, case_id: str) -> ResponseReturnValue:
        """The recording, whole or a range of it; a HEAD request gets no sound, so it is no playback either."""
        case = self._consider(user, case_id).case
        sitting = self._sittings.find(request.args.get("keer", ""), case_id, user.name)
        try:
            if request.method == "HEAD":
                recording = self._playback.find_recording(case)
                if recording is None or not self._playback.may_listen(case, user.actor):
                    raise NotFound("there is no sound")
                return sound_response(recording, None)
            if sitting is None and self._playback.may_listen(case, user.actor):
                return redirect(url_for("console.case", case_id=case_id), 303)
            sound = self._playback.play(case, user.actor, sitting or token_hex(KEY_BYTES))
        except NoSound:
            raise NotFound("there is no sound") from None
        except (PlaybackRefused, NotAllowed) as refused:
            raise Forbidden(str(refused)) from None
        return sound_response(sound.recording, sound.reader)

    def _people_faults(self, act: type[Act], given: Mapping[str, str], case: Case) -> dict[str, str]:
        """A name that nobody of this agency signs in with would open the recording to whoever gets it."""
        if act is not AccessGranted:
            return {}
        known = {user.name for user in self._users.list() if user.disabled_at is None and case.agency in user.agencies}
        unknown = [name for name in names_in(given.get("people", "")) if name not in known]
        names = ", ".join(unknown[:MOST_NAMES_TOLD])
        return {"people": gettext("Niemand logt in met deze naam: %(names)s.", names=names)} if unknown else {}

    # ------------------------------------------------------------ the page

    def _consider(self, user: User, case_id: str) -> Considered:
        if not CASE_ID.fullmatch(case_id):
            raise NotFound("there is no such case")
        with seeing(user) as sight:
            considered = self._cases.consider(case_id, user.actor, sight)
        concerns(considered.case.agency)
        return considered

    def _page(
        self,
        user: User,
        considered: Considered,
        *,
        forms: Sequence[ActForm] | None = None,
        lost: ActForm | None = None,
        news: int = 0,
        status: int = 200,
    ) -> ResponseReturnValue:
        """`lost` is a form that has no place any more; `news` counts what others did."""
        case, policy = considered.case, considered.policy
        personal = user.may(Permission.SEE_PERSONAL)
        recording = self._playback.find_recording(case) if isinstance(case.about, Complaint | Training) else None
        may_listen = user.may(Permission.ACT_ON_CASES) and self._playback.may_listen(case, user.actor)
        page = render_template(
            "console/case.html",
            case=case,
            agency=policy.name,
            kind=KIND_WORDS[case.kind],
            state=STATE_WORDS[case.kind][case.state],
            owner=WHO_WORDS[case.owner],
            is_closed=case.state in FINAL,
            is_overdue=case.is_overdue(self._clock.now()),
            term="" if case.due_at is None else term(case.due_at, self._clock.now()),
            place=place_of(case, policy),
            promise=promise_of(case, policy),
            known=known(case, policy, personal=personal),
            steps=steps_of(case.about, policy),
            message=policy.covert.message,
            history=history_lines(case, considered.history, policy, personal=personal),
            forms=self._forms(user, considered) if forms is None else forms,
            barred=self._barred(user, considered),
            lost=lost,
            news=news,
            recording=recording,
            may_listen=may_listen and recording is not None,
            listening_words=self._about_listening(case, recording, may_listen=may_listen),
            comparison=shown_of(self._compared, case, user),
            sitting=self._sittings.begin(case.case_id, user.name) if may_listen else "",
        )
        return make_response(page, status)

    def _again(
        self, user: User, considered: Considered, act: type[Act], filled: Filled, status: int, news: int = 0
    ) -> ResponseReturnValue:
        """The page with what was typed, under a new key: what was not done yet can still be done."""
        form = replace(self._form(user, considered, act), filled=filled, is_open=True)
        others = self._forms(user, considered)
        forms = [form if other.act == act.code else replace(other, is_open=False) for other in others]
        lost = None if form.act in [other.act for other in forms] else form
        return self._page(user, considered, forms=forms, lost=lost, news=news, status=status)

    def _to(self, case: Case) -> ResponseReturnValue:
        return see_other(url_for("console.case", case_id=case.case_id), "case-acted")

    def _about_listening(self, case: Case, recording: RecordingRow | None, *, may_listen: bool) -> str:
        """Why there is no player where there could be one; empty where nobody would look for it."""
        if case.state not in (State.LISTENING, State.AGREED):
            return ""
        if recording is None:
            return gettext("De opname is er niet, of niet meer.")
        return "" if may_listen else gettext("U mag niet luisteren. Alleen wie daarvoor is aangewezen, mag dat.")

    def _forms(self, user: User, considered: Considered) -> list[ActForm]:
        free = [choice.act for choice in self._by_hand(user, considered) if choice.barred is None]
        return [replace(self._form(user, considered, act), is_open=number == 0) for number, act in enumerate(free)]

    def _form(self, user: User, considered: Considered, act: type[Act]) -> ActForm:
        words = ACT_WORDS[act]
        fields = fields_of(act, _options(user, considered, act))
        hint = words.hint and gettext(words.hint)
        return ActForm(act.code, gettext(words.do), hint, fields, Filled(), token_hex(KEY_BYTES), is_open=False)

    def _barred(self, user: User, considered: Considered) -> list[Barred]:
        return [
            Barred(gettext(ACT_WORDS[choice.act].do), reason(choice.barred))
            for choice in self._by_hand(user, considered)
            if choice.barred is not None
        ]

    def _by_hand(self, user: User, considered: Considered) -> list[Choice]:
        if not user.may(Permission.ACT_ON_CASES):
            return []
        return [choice for choice in considered.choices if choice.act not in NOT_BY_HAND]


def _options(user: User, considered: Considered, act: type[Act]) -> Options:
    return options_of(act, considered.policy, user.actor.role, considered.case, considered.compared)
