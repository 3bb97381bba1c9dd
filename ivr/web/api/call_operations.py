"""Calls over the API: those that go on, and what the consent log says of one."""

from ivr.calls.call_file import CallFiles
from ivr.dialogue.states import Dialogue
from ivr.ports import Database
from ivr.web.access import Permission
from ivr.web.api.declaring import Asked, Operation
from ivr.web.api.views import CallFileView, CallList, ConsentRecordView, view_call, view_entries
from ivr.web.scope import CallFinder


def call_operations(database: Database, files: CallFiles, find_call: CallFinder) -> list[Operation]:
    def list_calls(asked: Asked) -> CallList:
        with database.reading() as unit:
            open_calls = unit.calls.list_open()
        mine = (call for call in open_calls if call.agency in asked.user.agencies)
        return CallList(tuple(view_call(call, Dialogue.from_json(call.dialogue)) for call in mine))

    def get_call(asked: Asked) -> CallFileView:
        call = find_call(asked.path["call_id"], asked.user)
        with database.reading() as unit:
            entries = unit.log.list_call(call.call_id)
        history = view_entries(entries, personal=asked.user.may(Permission.SEE_PERSONAL))
        return CallFileView(view_call(call, Dialogue.from_json(call.dialogue)), history)

    def get_consent_record(asked: Asked) -> ConsentRecordView:
        call = find_call(asked.path["call_id"], asked.user)
        return ConsentRecordView(files.record(call, personal=asked.user.may(Permission.SEE_PERSONAL)))

    return [
        Operation(
            name="listCalls",
            method="GET",
            path="/calls",
            summary="Calls of your agencies that go on now.",
            permission=Permission.SEE_CALLS,
            answers=CallList,
            answer=list_calls,
        ),
        Operation(
            name="getCall",
            method="GET",
            path="/calls/{callId}",
            summary="One call with its log.",
            permission=Permission.SEE_CALLS,
            answers=CallFileView,
            answer=get_call,
            refuses=(404,),
            processing="gesprek inzien",
        ),
        Operation(
            name="getConsentRecord",
            method="GET",
            path="/calls/{callId}/consent-record",
            summary="The consent record of a call: ISO/IEC TS 27560 in JSON-LD.",
            permission=Permission.SEE_CALLS,
            answers=ConsentRecordView,
            answer=get_consent_record,
            refuses=(404,),
            processing="vastlegging van het gesprek verstrekken",
        ),
    ]
