"""Every REST answer against Twilio's own OpenAPI document, which lies in a `shared` folder beside the repository."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.ivr.emulator.emulator_customer import BASE, CALLER, Customer, Fields, Reply, run

DOCUMENT = Path(__file__).parents[4] / "shared" / "twilio_api_v2010.json"


class Asked:
    """A request as openapi-core wants to see it, sent to the real host."""

    host_url = "https://api.twilio.com"
    content_type = "application/x-www-form-urlencoded"

    def __init__(self, method: str, path: str, body: bytes) -> None:
        self.method = method.lower()
        self.path = path
        self.body = body
        self.parameters = RequestParameters(query=ImmutableMultiDict(), header=Headers())


class Answered:
    content_type = "application/json"

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.data = reply.body
        self.headers = Headers()


@pytest.fixture(scope="module")
def document() -> OpenAPI:
    if not DOCUMENT.exists():
        pytest.skip(f"Twilio's OpenAPI document is not at {DOCUMENT}; see docs for where to get it")
    return OpenAPI.from_dict(json.loads(DOCUMENT.read_text()))


def test_every_answer_validates(document: OpenAPI) -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room("participantLabel='beller'")
        await customer.phone()
        call_sid = await customer.call()
        await customer.wait_for("joined", callSid=call_sid)

        async def ask(method: str, path: str, query: str = "", **form: str) -> Any:
            reply = await customer.rest(method, path + query, **form)
            if reply.status != 204:
                document.validate_response(Asked(method, BASE + path, b""), Answered(reply))
            return reply.json if reply.body else None

        employee: Fields = {"From": "+31201234567", "To": "client:medewerker"}
        participant = await ask("POST", "/Conferences/kamer/Participants.json", "", **employee)
        await customer.wait_webhook("/conference-status", event="conference-start")
        room = f"/Conferences/{participant['conference_sid']}"
        await ask("GET", "/Conferences.json", "?FriendlyName=kamer&Status=in-progress&PageSize=1")
        await ask("GET", f"{room}.json")
        await ask("POST", f"{room}.json", AnnounceUrl=f"{customer.url}/vraag")
        await ask("GET", f"{room}/Participants.json", "?Hold=false")
        one = f"{room}/Participants/{participant['call_sid']}.json"
        await ask("GET", one)
        await ask("POST", one, Hold="true")
        call = f"/Calls/{call_sid}"
        await ask("GET", f"{call}.json")
        recording = await ask("POST", f"{call}/Recordings.json", RecordingChannels="dual")
        for status in ("paused", "in-progress"):
            await ask("POST", f"{call}/Recordings/{recording['sid']}.json", Status=status)
        await ask("GET", f"{call}/Recordings.json")
        await ask("GET", f"/Recordings/{recording['sid']}.json")
        stream = await ask("POST", f"{call}/Streams.json", Url=customer.url.replace("http", "ws") + "/media")
        await ask("POST", f"{call}/Streams/{stream['sid']}.json", Status="stopped")
        message = await ask("POST", "/Messages.json", To=CALLER, From="+31201234567", Body="Uw kopie")
        await ask("GET", f"/Messages/{message['sid']}.json")
        await ask("POST", "/Calls.json", From="+31201234567", To="client:niemand", Twiml="<Response/>")
        await customer.wait_for("prompt")
        await ask("POST", f"{call}/Recordings/{recording['sid']}.json", Status="stopped")
        await ask("DELETE", one)
        await ask("POST", f"{room}.json", Status="completed")
        await ask("GET", f"{room}.json")
        await customer.wait_ended(call_sid)
        await customer.wait_for("recording", status="completed")
        for path in (
            f"{call}.json",
            f"{call}/Recordings/{recording['sid']}.json",
            f"/Recordings/{recording['sid']}.json",
        ):
            await ask("GET", path)

    run(story, vraag="<Response><Say language='nl-NL'>Vraag</Say></Response>")
