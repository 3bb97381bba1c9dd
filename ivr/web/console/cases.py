"""`/console/zaken`: case files. The list, one case with what can be done with it, registering one, and listening.

Every act comes from a form that is made from the act's own declaration (`case_fields`). A form carries a key, so that
what is sent twice is done once, and the version of the case that its sender saw.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from secrets import token_hex

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.cases.acts import ACTS, AccessGranted, Act
from ivr.cases.case import FINAL, Case, Complaint, Training
from ivr.cases.machine import Choice
from ivr.cases.playback import NoSound, PlaybackRefused, PlaybackService
from ivr.cases.service import CaseService, Considered, MovedOn
from ivr.cases.turn import NotAllowed
from ivr.ports import Clock, Database
from ivr.web.access import Permission, User
from ivr.web.console.case_act_words import ACT_WORDS, NOT_BY_HAND
from ivr.web.console.case_fields import Filled, FormField, WrongInput, fields_of, read_act, reason
from ivr.web.console.case_history import acts_since, history_lines, known, place_of, promise_of, steps_of, term
from ivr.web.console.case_options import options_of
from ivr.web.console.case_words import KIND_WORDS, STATE_WORDS, WHO_WORDS
from ivr.web.console.declaring import Page
from ivr.web.language import N_, gettext
from ivr.web.portal.visits import Visits
from ivr.web.scope import concerns, seeing
from ivr.web.sound import wav_response

CASE_ID = re.compile(r"[0-9a-f]{1,64}")
KEY = re.compile(r"[0-9a-f]{32}")
KEY_BYTES = 16
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
        playback: PlaybackService,
        agencies: Agencies,
        database: Database,
        clock: Clock,
        visits: Visits,
    ) -> None:
        self._cases = cases
        self._playback = playback
        self._agencies = agencies
        self._database = database
        self._clock = clock
        self._visits = visits

    def pages(self) -> list[Page]:
        see, do = Permission.SEE_CASES, Permission.ACT_ON_CASES
        return [
            Page("/zaken/<case_id>", "case", self.show, see),
            Page("/zaken/<case_id>/doen/<act>", "case_act", self.act, do, method="POST"),
            Page("/zaken/<case_id>/geluid", "case_sound", self.sound, do),
        ]

    def show(self, user: User, case_id: str) -> ResponseReturnValue:
        return self._page(user, self._consider(user, case_id), done=ACTS.get(request.args.get("gedaan", "")))

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
        try:
            done = read_act(wanted, given, options_of(wanted, considered.policy, user.actor.role, case))
            self._check_people(done, case)
        except WrongInput as wrong:
            # what was sent before under this key may have changed the choices: then it is no fault but an echo
            if acts_since(considered.history, int(version)) and self._was_done(considered, user, key):
                return self._to(case, wanted)
            return self._again(user, considered, wanted, Filled(given, wrong.faults), 422)
        try:
            self._cases.act(case.case_id, done, user.actor, key, seen_version=int(version))
        except MovedOn as moved:
            news = acts_since(considered.history, int(version))
            return self._again(user, considered, wanted, Filled(given, trouble=reason(moved)), 409, news=len(news))
        except NotAllowed as refused:
            why = reason(refused)
            filled = Filled(given, {refused.field: why}) if refused.field else Filled(given, trouble=why)
            return self._again(user, self._consider(user, case_id), wanted, filled, 422 if refused.field else 409)
        return self._to(case, wanted)

    def sound(self, user: User, case_id: str) -> ResponseReturnValue:
        """The recording, whole or a range of it; a HEAD request gets no sound, so it is no playback either."""
        case = self._consider(user, case_id).case
        visit = self._visits.find(request.args.get("bezoek", ""))
        try:
            if request.method == "HEAD":
                recording = self._playback.find_recording(case)
                if recording is None or not self._playback.may_listen(case, user.actor):
                    raise NotFound("there is no sound")
                return wav_response(recording, None)
            if visit is None and self._playback.may_listen(case, user.actor):
                return redirect(url_for("console.case", case_id=case_id), 303)
            sound = self._playback.play(case, user.actor, visit or self._visits.begin())
        except NoSound:
            raise NotFound("there is no sound") from None
        except (PlaybackRefused, NotAllowed) as refused:
            raise Forbidden(str(refused)) from None
        return wav_response(sound.recording, sound.reader)

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
        done: type[Act] | None = None,
        forms: Sequence[ActForm] | None = None,
        lost: ActForm | None = None,
        news: int = 0,
        status: int = 200,
    ) -> ResponseReturnValue:
        """`done` was done just now. `lost` is a form that has no place any more; `news` counts what others did."""
        case, policy = considered.case, considered.policy
        personal = user.may(Permission.SEE_PERSONAL)
        listening = isinstance(case.about, Complaint | Training) and user.may(Permission.ACT_ON_CASES)
        recording = self._playback.find_recording(case) if listening else None
        may_listen = recording is not None and self._playback.may_listen(case, user.actor)
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
            done=None if done is None else ACT_WORDS.get(done),
            lost=lost,
            news=news,
            recording=recording,
            may_listen=may_listen,
            visit=self._visits.sign(self._visits.begin()) if may_listen else "",
        )
        return make_response(page, status)

    def _again(
        self, user: User, considered: Considered, act: type[Act], filled: Filled, status: int, news: int = 0
    ) -> ResponseReturnValue:
        """The page with what was typed, under a new key: what was not done yet can still be done."""
        form = replace(self._form(user, considered, act), filled=filled, is_open=True)
        forms = [form if other.act == act.code else replace(other, is_open=False) for other in self._forms(user, considered)]
        lost = None if form.act in [other.act for other in forms] else form
        return self._page(user, considered, forms=forms, lost=lost, news=news, status=status)

    def _to(self, case: Case, act: type[Act]) -> ResponseReturnValue:
        return redirect(url_for("console.case", case_id=case.case_id, gedaan=act.code), 303)

    def _forms(self, user: User, considered: Considered) -> list[ActForm]:
        free = [choice.act for choice in self._by_hand(user, considered) if choice.barred is None]
        return [replace(self._form(user, considered, act), is_open=len(free) == 1) for act in free]

    def _form(self, user: User, considered: Considered, act: type[Act]) -> ActForm:
        words = ACT_WORDS[act]
        fields = fields_of(act, options_of(act, considered.policy, user.actor.role, considered.case))
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
