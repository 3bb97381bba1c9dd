"""From what the caller said to an event of the call; and what an answer would mean just now."""

from ivr.calls.driver import CallDriver
from ivr.calls.speaking import is_echo
from ivr.dialogue.events import Heard, UtteranceHeard
from ivr.dialogue.states import Dialogue, State
from speech.intent import Expecting

ASKED = (State.ASKING, State.ASKING_ALONE, State.KEYPAD)
RUNNING = (State.LOGGING, State.ANNOUNCING, State.STARTING, State.RECORDING, State.PAUSED)


def expectation(dialogue: Dialogue) -> Expecting:
    """What the words that are being said now may be an answer to."""
    if dialogue.state in ASKED:
        return Expecting.CONFIRMING
    if dialogue.state in RUNNING:
        return Expecting.RECORDING
    if dialogue.state in (State.OFFERING, State.LEARNING):
        return Expecting.AFTER
    return Expecting.LISTENING


class Ear:
    """One caller's ear of the service: asked what is expected, told what was heard."""

    def __init__(self, driver: CallDriver, call_id: str) -> None:
        self._driver = driver
        self._call_id = call_id

    def expecting(self) -> Expecting:
        return expectation(self._driver.look(self._call_id)[1])

    def hear(self, label: str, text: str, confidence: float, evidence: tuple[str, ...]) -> None:
        """Pass on an intent or a matter, unless the words are the bot's own come back over the line."""
        call, dialogue = self._driver.look(self._call_id)
        if dialogue.speaking is not None and is_echo(text, self._driver.words(call, dialogue.speaking)):
            return
        self._driver.handle(self._call_id, UtteranceHeard(Heard(label), text, confidence, evidence))
