"""PURE. What the carrier has to do so that a call is as its dialogue says.

An order is written with the move that gives it and struck out when the carrier has obeyed, so a crash in between costs
a delay and not the effect. Obeying twice does no harm. Effects that have a timer of their own are no orders.
"""

from enum import StrEnum

from ivr.dialogue.effects import (
    CloseRoom,
    Effect,
    MoveCaller,
    PauseRecording,
    RestartStream,
    ResumeRecording,
    RingEmployee,
    StopRecording,
)
from ivr.dialogue.states import Dialogue, Employee, State


class Order(StrEnum):
    """At most one of each kind waits for a call; the newest counts."""

    MOVE_CALLER = "move-caller"
    RING_EMPLOYEE = "ring-employee"
    SET_RECORDING = "set-recording"  # running, silent or stopped, whichever the dialogue says by then
    RESTART_STREAM = "restart-stream"
    CLOSE_ROOM = "close-room"


ORDERS: dict[type[Effect], Order] = {
    MoveCaller: Order.MOVE_CALLER,
    RingEmployee: Order.RING_EMPLOYEE,
    PauseRecording: Order.SET_RECORDING,
    ResumeRecording: Order.SET_RECORDING,
    StopRecording: Order.SET_RECORDING,
    RestartStream: Order.RESTART_STREAM,
    CloseRoom: Order.CLOSE_ROOM,
}


def find_order(effect: Effect, *, leg_waits: bool) -> Order | None:
    """None for effects that are no order. `leg_waits`: the caller's leg gets its document as the answer to the request
    that is being dealt with, so it need not be moved."""
    order = ORDERS.get(type(effect))
    return None if order is Order.MOVE_CALLER and leg_waits else order


def order_key(call_id: str, order: Order) -> str:
    """The key of the job that an order waits as."""
    return f"{call_id}:{order}"


def is_wanted(order: Order, dialogue: Dialogue) -> bool:
    """Whether an order that waited is still worth giving."""
    match order:
        case Order.RING_EMPLOYEE:
            return dialogue.employee is Employee.RINGING
        case Order.MOVE_CALLER | Order.RESTART_STREAM | Order.SET_RECORDING:
            return dialogue.state is not State.ENDED
        case _:
            return True
