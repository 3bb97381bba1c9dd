"""PURE. One turn of the dialogue: what a handler changes and wishes, with the verbs that handlers share."""

from dataclasses import replace
from typing import Any

from ivr.dialogue.effects import Announce, Effect, LogConsent, MoveCaller, Note, Prompt, PromptKey
from ivr.dialogue.states import RUNNING, AgencyRecording, CallerRecording, Dialogue, Employee, State


def is_still_true(prompt: Prompt, d: Dialogue) -> bool:
    """Whether what waits to be said into the room may still be said: not untrue by now, no question out of place."""
    match prompt.key:
        case PromptKey.CONFIRM | PromptKey.CONFIRM_AGAIN:
            return d.state is State.ASKING
        case PromptKey.ALLOWED_RECORDING | PromptKey.RECORDING_ALWAYS | PromptKey.RECORDING_INSTEAD:
            return prompt.prompt_id == d.announcement
        case PromptKey.RESUMED:
            return d.state is State.PAUSED and prompt.prompt_id == d.announcement
        case PromptKey.PAUSED_HOLD:
            return d.agency_recording is AgencyRecording.PAUSED and d.on_hold
        case PromptKey.PAUSED_PRIVATE:
            return d.private
        case PromptKey.AGENCY_RECORDS_YES:
            return d.agency_recording is AgencyRecording.STARTED
        case PromptKey.AGENCY_RECORDS_PAUSED | PromptKey.THIRD_PERSON_AGENCY:
            return d.agency_recording in RUNNING
        case PromptKey.AGENCY_RECORDS_LATER | PromptKey.AGENCY_RECORDS_NOT:
            return d.agency_recording not in RUNNING
        case PromptKey.THIRD_PERSON_BOTH:
            return d.agency_recording in RUNNING and d.caller_recording is CallerRecording.CONFIRMED
        case PromptKey.THIRD_PERSON_CALLER | PromptKey.ALLOWED:
            return d.caller_recording is CallerRecording.CONFIRMED
        case PromptKey.BLOCKED:
            return d.refusal is None
        case PromptKey.OBJECTION | PromptKey.EXCLUDED | PromptKey.WHY:
            return d.refusal is not None
        case _:
            return True


class Ignored(Exception):
    """Raised by a handler when an event that it may get changes nothing in this situation."""


class Turn:
    """Collects the new dialogue and the effects of one event."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        """Replace fields of the dialogue."""
        self.dialogue = replace(self.dialogue, **changes)

    def go(self, state: State) -> None:
        self.set(state=state)

    def wish(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def note(self, tag: str, personal: dict[str, str] | None = None, **facts: str) -> None:
        """Wish for an entry in the consent log."""
        self.wish(Note(tag, tuple(facts.items()), tuple((personal or {}).items())))

    def log_consent(self, tag: str, personal: dict[str, str], **facts: str) -> None:
        """Wish for the entry that permits the agency's recording."""
        self.wish(LogConsent(tag, tuple(facts.items()), tuple(personal.items())))

    # ------------------------------------------------------------ speaking

    def say(self, key: PromptKey, **params: str) -> int:
        """Speak into the room as soon as that can be (`settle`); gives the prompt's id."""
        prompt = self._make(key, params)
        self.set(queue=(*self.dialogue.queue, prompt))
        return prompt.prompt_id

    def unsay(self, key: PromptKey) -> None:
        """Do not say what still waits to be said."""
        self.set(queue=tuple(prompt for prompt in self.dialogue.queue if prompt.key is not key))

    def say_on_leg(self, key: PromptKey, **params: str) -> None:
        """Speak to the caller alone, outside the room; keys are heard there."""
        self.leave_room()
        self.set(speaking=self._make(key, params))
        self.wish(MoveCaller())

    def say_aside(self, key: PromptKey) -> None:
        """Speak to the employee who is alone in the room, where nothing else sounds."""
        prompt = self._make(key, {})
        self.set(aside=prompt, sounding=prompt.prompt_id)
        self.wish(Announce(prompt))

    def leave_room(self) -> None:
        """The caller's leg is not, or no longer, in the room: what they were being told was not heard out."""
        d = self.dialogue
        if d.speaking is not None and d.speaking.prompt_id == d.announcement:
            self.set(announcement=None)
        self.cut_off("speaking")
        self.set(in_room=False)

    def cut_off(self, slot: str) -> None:
        """Log that nobody knows whether a prompt was heard out by whom it was for.

        On the leg the carrier tells a prompt's end only with the end of the wait for a key, so an answer by speech
        always comes first.
        """
        prompt: Prompt | None = getattr(self.dialogue, slot)
        if prompt is not None:
            self._end(slot, prompt, "its end was not reported before the call moved on")

    def end_on_leg(self, prompt_id: int, failure: str | None) -> None:
        """A prompt on the caller's own leg has ended."""
        prompt = self.dialogue.speaking
        if prompt is None or prompt.prompt_id != prompt_id:
            raise Ignored("this prompt is not being played")
        self._end("speaking", prompt, failure)

    def end_in_room(self, prompt_id: int, failure: str | None) -> Prompt | None:
        """An announcement has ended; gives it back, or None where whom it was for had left before."""
        if prompt_id != self.dialogue.sounding:
            raise Ignored("this prompt does not sound in the room")
        self.set(sounding=None)
        for slot in ("speaking", "aside"):
            prompt: Prompt | None = getattr(self.dialogue, slot)
            if prompt is not None and prompt.prompt_id == prompt_id:
                self._end(slot, prompt, failure)
                return prompt
        return None

    def settle(self) -> None:
        """End of the turn: forget what is no longer true, and speak what waits once both can hear it.

        Who is on hold hears nothing, so all waits but the word that the recording is interrupted.
        """
        d = self.dialogue
        self.set(queue=tuple(p for p in d.queue if is_still_true(p, d)))
        if not d.in_room or d.employee is not Employee.PRESENT or d.sounding is not None:
            return
        for prompt in self.dialogue.queue:
            if not d.on_hold or prompt.key is PromptKey.PAUSED_HOLD:
                waiting = tuple(p for p in self.dialogue.queue if p is not prompt)
                self.set(queue=waiting, speaking=prompt, sounding=prompt.prompt_id)
                self.wish(Announce(prompt))
                return

    def _make(self, key: PromptKey, params: dict[str, str]) -> Prompt:
        prompt = Prompt(self.dialogue.prompts_made + 1, key, tuple(params.items()), self.dialogue.language)
        self.set(prompts_made=prompt.prompt_id)
        return prompt

    def _end(self, slot: str, prompt: Prompt, failure: str | None) -> None:
        self.set(**{slot: None})
        if failure is None:
            self.note("prompt:played", prompt=str(prompt.prompt_id), key=prompt.key)
        else:
            self.note("prompt:failed", prompt=str(prompt.prompt_id), key=prompt.key, reason=failure)
