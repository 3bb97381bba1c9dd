"""One POST to a witness."""

from ivr import posting
from ivr.errors import WitnessBusy, WitnessRefused
from ivr.posting import QUIET_S, WHOLE_S, Answer, AnswerTooLong, NotNow


def post(
    name: str, url: str, body: bytes, content_type: str, *, quiet_s: float = QUIET_S, whole_s: float = WHOLE_S
) -> Answer:
    """Any final answer. `name` stands in errors instead of the address, which may hold a secret.

    Raises `WitnessBusy` for no answer, 408, 425, 429 and 5xx; `WitnessRefused` for a redirect or a huge answer.
    """
    try:
        answer = posting.post(url, body, {"Content-Type": content_type}, quiet_s=quiet_s, whole_s=whole_s)
    except NotNow as fault:
        raise WitnessBusy(f"{name} {fault}") from None
    except AnswerTooLong as fault:
        raise WitnessRefused(f"{name} {fault}") from None
    if 300 <= answer.status < 400:
        raise WitnessRefused(f"{name} sends us elsewhere ({answer.status}); set the address that it has now")
    return answer
