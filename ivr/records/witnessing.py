"""Checkpoints that leave the house: signed at a set pace, sent to every witness, and what the witnesses said.

A witness gets the newest checkpoint, at most once in each pace: it covers the ones before it, because the log must be
shown to continue from them. What is signed and not yet seen outside can still be rewritten; the pace bounds how much.
One that is away, refuses or disagrees is asked again for ever, with the newest checkpoint, and so catches up by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.calls.jobs import SEAL_KEY, JobKind
from ivr.errors import LogContradicted, SpelregelError, WitnessBusy
from ivr.evidence_ports import Submission, Witness
from ivr.ports import Clock, Database, Unit
from storage.consent_log.chain import verify_consistency
from storage.consent_log.checkpoint import Checkpoint, as_signed, parse_checkpoint
from storage.consent_log.tags import Tag
from storage.errors import LogBroken
from storage.oversight import CheckpointRow
from storage.records import Job, Json, LoggedEntry, NewEntry
from storage.witnessing import StatementRow

LATE = timedelta(days=2)
"""A day, and time for whoever is on call: what was signed so long ago and is not outside is worth a warning."""

CHAIN = "log"
"""What the consent log says of itself is a chain of its own, as if it were a call."""


@dataclass(frozen=True, slots=True)
class WitnessHealth:
    """`last` is what it said about the largest checkpoint; `waits_since` is when the first one that it has not got was
    signed; `fault` why the last try failed, and `tries_at` when the next one is due.

    `contradiction` is the entry that says that it saw another log, as long as it has said nothing better since. Then
    `goes_on` is our own evidence: whether this log goes on from `last`, which is the witness's own word of before; None
    where it never gave it, or contradicts nothing.
    """

    name: str
    last: StatementRow | None
    waits_since: datetime | None
    fault: str | None
    tries_at: datetime | None
    contradiction: LoggedEntry | None
    goes_on: bool | None
    late: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one attempt: `row` is what the witness said, `fault` why it said nothing. Both None: there is no
    checkpoint yet."""

    witness: str
    row: StatementRow | None
    fault: SpelregelError | None = None


class Witnessing:
    """`seal` signs the log's head, or raises `LogBroken`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        witnesses: Sequence[Witness],
        every: timedelta,
        seal: Callable[[], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._witnesses = {witness.name: witness for witness in witnesses}
        self._every = every
        self._seal = seal

    def keep(self) -> None:
        """What the worker does at the set pace: sign what was written between calls, and see that it goes outside."""
        with self._database.transaction() as unit:
            state = unit.checks.state()
            if state.size > state.sealed_size:
                unit.outbox.put(JobKind.SEAL_LOG, SEAL_KEY, {}, self._clock.now())
        self._plan()

    def seal(self) -> None:
        """The job after each call: sign the head, and see that it goes outside. Raises `LogBroken`."""
        self._seal()
        self._plan()

    def deliver(self, job: Job) -> None:
        """The job of one witness, whose name is its key. Raises `WitnessBusy`, `WitnessRefused`, `LogContradicted`, and
        `LogBroken` where the damage is here."""
        witness = self._witnesses.get(job.key)
        if witness is not None:  # else it was taken out of the settings meanwhile
            self._deliver(witness)

    def deliver_all(self) -> Iterator[Delivery]:
        """Sign the head and send it to every witness, now. Raises `LogBroken`."""
        self._seal()
        for witness in self._witnesses.values():
            try:
                yield Delivery(witness.name, self._deliver(witness))
            except SpelregelError as fault:
                yield Delivery(witness.name, None, fault)

    def look(self) -> Sequence[WitnessHealth]:
        """In the order of the settings."""
        now = self._clock.now()
        found = []
        with self._database.reading() as unit:
            contradictions = _contradictions(unit)
            for name in self._witnesses:
                last = unit.statements.find_last(name)
                job = unit.outbox.find(JobKind.SEND_CHECKPOINT, name)
                waits_since = unit.statements.waits_since(0 if last is None else last.size)
                contradiction = _still(contradictions, name, last)
                health = WitnessHealth(
                    name=name,
                    last=last,
                    waits_since=waits_since,
                    fault=None if job is None else job.error,
                    tries_at=None if job is None or job.error is None else job.due_at,
                    contradiction=contradiction,
                    goes_on=None if contradiction is None or last is None else _goes_on(unit, last),
                    late=waits_since is not None and waits_since + LATE <= now,
                )
                found.append(health)
        return found

    def seen_outside(self) -> Sequence[str]:
        """The checkpoints that witnesses have, as the log signed them: what the log must still begin with."""
        with self._database.reading() as unit:
            return list(dict.fromkeys(row.note for row in unit.statements.stream()))

    def check(self) -> Iterator[tuple[StatementRow, str | None]]:
        """Every statement of before, and what is wrong with it; asks nobody. The log itself is not looked at."""
        with self._database.reading() as unit:
            for row in list(unit.statements.stream()):
                yield row, self._problem(row, unit.checks.find_checkpoint(row.size))

    def _problem(self, row: StatementRow, stored: CheckpointRow | None) -> str | None:
        if stored is None:
            return "the checkpoint that it is about is gone"
        if as_signed(stored.note) != row.note:
            return "the checkpoint that it is about was replaced"
        witness = self._witnesses.get(row.witness)
        if witness is None:
            return None
        try:
            witness.check(row)
        except LogBroken as fault:
            return str(fault)
        return None

    def _plan(self) -> None:
        """A job for each witness that has not got the newest checkpoint; one that waits to be tried again stays."""
        now = self._clock.now()
        with self._database.transaction() as unit:
            for name in self._witnesses:
                last = unit.statements.find_last(name)
                behind = unit.statements.waits_since(0 if last is None else last.size) is not None
                if behind and unit.outbox.find(JobKind.SEND_CHECKPOINT, name) is None:
                    due_at = now if last is None else max(now, last.stated_at + self._every)
                    unit.outbox.put(JobKind.SEND_CHECKPOINT, name, {}, due_at)

    def _deliver(self, witness: Witness) -> StatementRow | None:
        with self._database.reading() as unit:
            newest = next(iter(unit.checks.list_checkpoints(1)), None)
            last = unit.statements.find_last(witness.name)
        if newest is None or (last is not None and last.size >= newest.size):
            return last
        note = as_signed(newest.note)
        checkpoint = _checkpoint(newest)
        known_size = 0 if last is None else last.size
        submission = Submission(note, checkpoint, known_size, lambda old_size: self._prove(old_size, newest.size))
        try:
            said = witness.deliver(submission)
        except LogContradicted as fault:
            self._tell(witness.name, newest, fault)
            raise
        row = StatementRow(witness.name, newest.size, note, said.kind, said.answer, self._clock.now())
        with self._database.transaction() as unit:
            unit.statements.add(row)
            unit.outbox.cancel(JobKind.SEND_CHECKPOINT, witness.name)  # this job, or one that waits to try it again
        return row

    def _prove(self, old_size: int, size: int) -> Sequence[bytes]:
        """Raises `LogBroken` where the damage is here: then no witness is asked about it."""
        with self._database.reading() as unit:
            old, new = unit.checks.find_checkpoint(old_size), unit.checks.find_checkpoint(size)
            if old is None or new is None:
                return unit.evidence.prove_growth(old_size, size)
            return _growth(unit, old, new)

    def _tell(self, name: str, sent: CheckpointRow, fault: LogContradicted) -> None:
        """Log it, once for as long as it lasts: each entry needs a checkpoint, which would be contradicted again.

        Raises `WitnessBusy` where the witness only saw a later checkpoint of ours, sent by somebody else.
        """
        with self._database.transaction() as unit:
            if fault.size > sent.size and unit.checks.find_checkpoint(fault.size) is not None:
                raise WitnessBusy(f"{name} got a later checkpoint meanwhile")
            if _still(_contradictions(unit), name, unit.statements.find_last(name)) is not None:
                return
            facts: dict[str, Json] = {"witness": name, "size": sent.size, "witness_size": fault.size}
            event_id = f"{Tag.LOG_CONTRADICTED}:{name}:{sent.size}:{fault.size}"
            unit.log.append(NewEntry(CHAIN, event_id, Tag.LOG_CONTRADICTED, self._clock.now(), facts))


def _checkpoint(row: CheckpointRow | StatementRow) -> Checkpoint:
    """What a note of ours says. Raises `LogBroken` where it is of another size than it is kept under."""
    checkpoint = parse_checkpoint(row.note.partition("\n\n")[0] + "\n")
    if checkpoint.size != row.size:
        raise LogBroken(f"the checkpoint of {row.size} entries says that it is of {checkpoint.size}")
    return checkpoint


def _contradictions(unit: Unit) -> Sequence[LoggedEntry]:
    return [one for one in unit.log.list_call(CHAIN) if one.tag == Tag.LOG_CONTRADICTED]


def _goes_on(unit: Unit, last: StatementRow) -> bool:
    """Whether our newest checkpoint can be proven to continue the one that the witness took for good."""
    newest = next(iter(unit.checks.list_checkpoints(1)), None)
    if newest is None:
        return False
    try:
        _growth(unit, last, newest)
    except LogBroken:
        return False
    return True


def _growth(unit: Unit, old: CheckpointRow | StatementRow, new: CheckpointRow) -> Sequence[bytes]:
    """The proof that what was signed then is the beginning of what was signed now.

    Raises `LogBroken` where there is none: the log is damaged, entries are gone, or it took more than there is.
    """
    before, now = _checkpoint(old), _checkpoint(new)
    try:
        proof = unit.evidence.prove_growth(before.size, now.size)
    except ValueError as fault:
        raise LogBroken(f"{before.size} entries were signed, and {now.size} later") from fault
    if not verify_consistency(before.size, now.size, before.root, now.root, proof):
        raise LogBroken(f"the log here does not go on from the first {before.size} entries that it signed")
    return proof


def _still(contradictions: Sequence[LoggedEntry], name: str, last: StatementRow | None) -> LoggedEntry | None:
    """The last one of this witness that it has not taken back by a statement since."""
    of_witness = [one for one in contradictions if one.facts.get("witness") == name]
    if not of_witness or (last is not None and last.stated_at > of_witness[-1].occurred_at):
        return None
    return of_witness[-1]
