"""What a page says after a form was sent: a closed set of sentences, named in the address to which the form leads on.

The name is signed for the session, so that nobody else's link can make a page say that something was done.
"""

import hmac
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from flask import Response, g, make_response, redirect, request

from ivr.web.console.live_words import DONE
from ivr.web.language import N_
from ivr.web.sessions import SignedIn

PARAMETER = "gedaan"
SIGNATURE_DIGITS = 16

NOTICES = {
    "saved": N_("Het is bewaard."),
    "added": N_("Het is toegevoegd."),
    "removed": N_("Het is verwijderd."),
    "case-opened": N_("De zaak is vastgelegd. Hieronder staat wat er nu moet gebeuren."),
    "case-acted": N_("Gelukt. Het staat in het logboek."),
    "hold-placed": N_("De bewaarplicht is opgelegd. Van dit gesprek wordt niets vernietigd."),
    "hold-release-asked": N_("Uw verzoek is vastgelegd. Iemand anders moet de opheffing nu bevestigen."),
    "hold-kept": N_("De bewaarplicht blijft gelden."),
    "hold-released": N_("De bewaarplicht is opgeheven. De gewone bewaartermijnen gelden weer."),
    "check-asked": N_("De controle van het hele logboek begint zo. Het resultaat komt op deze pagina te staan."),
    "check-runs": N_("Er loopt al een controle. Het resultaat komt op deze pagina te staan."),
    "request-registered": N_("Het verzoek is vastgelegd."),
    "request-answered": N_("Het antwoord is vastgelegd."),
    "personal-erased": N_("De gegevens zijn gewist. Hieronder staat wat er nog bewaard is."),
    "job-retried": N_("De taak wordt opnieuw geprobeerd."),
    "job-gone": N_("Deze taak wachtte niet meer op u."),
    "user-changed": N_("De rol en de organisaties zijn opgeslagen. De gebruiker moet opnieuw inloggen."),
    "user-disabled": N_("De gebruiker is uitgeschakeld en overal uitgelogd."),
    "user-unlocked": N_("De gebruiker kan weer inloggen."),
    "user-signed-out": N_("De gebruiker is overal uitgelogd."),
    "password-changed": N_("Uw wachtwoord is gewijzigd. Op andere apparaten bent u uitgelogd."),
    "session-ended": N_("Die sessie is beëindigd."),
    "other-sessions-ended": N_("Op alle andere apparaten bent u uitgelogd."),
    **{f"call-{act}": told for act, told in DONE.items()},
}
"""A page that has more to say adds its sentence here."""


def see_other(address: str, notice: str) -> Response:
    """To the page after a form (RFC 9110 section 15.4.4), which then says the notice."""
    query = urlencode({PARAMETER: f"{notice}.{_signature(g.signed_in, notice)}"})
    parts = urlsplit(address)
    whole = parts._replace(query=f"{parts.query}&{query}" if parts.query else query)
    return make_response(redirect(whole.geturl(), 303))


def find_notice(signed_in: SignedIn) -> str | None:
    """The sentence, untranslated, that this request's address asks for."""
    notice, _, signature = request.args.get(PARAMETER, "").partition(".")
    signed = hmac.compare_digest(signature.encode(), _signature(signed_in, notice).encode())
    return NOTICES.get(notice) if signed else None


def _signature(signed_in: SignedIn, notice: str) -> str:
    return hmac.digest(signed_in.token.encode(), f"notice:{notice}".encode(), sha256).hex()[:SIGNATURE_DIGITS]
