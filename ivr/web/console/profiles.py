"""`/console/profielen`: agencies' profiles and the versions by which calls were told; read one, compare two."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from config.policy import AgencyPolicy, ParallelRecording, PolicyError
from config.policy_file import parse_policy
from ivr.calls.agencies import Agencies
from ivr.ports import Database
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.language import N_
from ivr.web.public.telling import BASIS_WORDS, ROLE_WORDS, list_excluded
from ivr.web.scope import concerns

MOST_COUNTED = 1000
CONTEXT_LINES = 3

RECORDS: Mapping[ParallelRecording, str] = {
    ParallelRecording.WHEN_THE_CALLER_RECORDS: N_("als de beller opneemt"),
    ParallelRecording.ALWAYS: N_("altijd"),
    ParallelRecording.NEVER: N_("nooit, behalve als alternatief"),
}


class Change(StrEnum):
    """What happened to a line; GAP: lines that are the same are left out here."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class DiffLine:
    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """`kept_at` is None where no call or case was told by it yet; `calls` counts up to one more than `MOST_COUNTED`."""

    digest: str
    version: str
    kept_at: datetime | None
    calls: int
    is_current: bool


def profile_pages(database: Database, agencies: Agencies) -> list[Page]:
    def versions_of(slug: str) -> Sequence[Version]:
        """Today's first, then the newest."""
        today = agencies.now(slug)
        with database.reading() as unit:
            kept = unit.policies.list(slug)
            found = [
                Version(
                    one.digest,
                    one.version,
                    one.kept_at,
                    unit.calls.count_by_profile(one.digest, MOST_COUNTED + 1),
                    one.digest == today.digest,
                )
                for one in kept
            ]
        if not any(one.is_current for one in found):
            found.insert(0, Version(today.digest, today.version, None, 0, is_current=True))
        return sorted(found, key=lambda one: not one.is_current)

    def document_of(slug: str, digest: str) -> str:
        """Only of this agency: a digest of another one's profile is not there."""
        today = agencies.now(slug)
        if digest == today.digest:
            return today.document
        with database.reading() as unit:
            known = {one.digest for one in unit.policies.list(slug)}
            document = unit.policies.find(digest) if digest in known else None
        if document is None:
            raise NotFound("there is no such version")
        return document

    def list_all(user: User) -> ResponseReturnValue:
        mine = [agencies.now(slug) for slug in sorted(user.agencies) if slug in agencies.policies.by_slug]
        return render_template("console/profiles.html", profiles=[(one, len(versions_of(one.slug))) for one in mine])

    def show(user: User, slug: str) -> ResponseReturnValue:
        if slug not in user.agencies or slug not in agencies.policies.by_slug:
            raise NotFound("there is no such profile")
        concerns(slug)
        versions = versions_of(slug)
        digest = request.args.get("versie", versions[0].digest)
        document = document_of(slug, digest)
        other = request.args.get("met", "")
        policy = readable(document, slug)
        return render_template(
            "console/profile.html",
            slug=slug,
            today=agencies.now(slug),
            versions=versions,
            shown=next(one for one in versions if one.digest == digest),
            other=next((one for one in versions if one.digest == other), None),
            policy=policy,
            excluded=[] if policy is None else list_excluded(policy),
            document=document,
            difference=list(differences(document_of(slug, other), document)) if other else [],
            most=MOST_COUNTED,
            records=RECORDS,
            roles=ROLE_WORDS,
            basis=BASIS_WORDS,
        )

    see = Permission.SEE_PROFILES
    return [
        Page("/profielen", "profiles", list_all, see, menu=N_("Profielen")),
        Page("/profielen/<slug>", "profile", show, see),
    ]


def readable(document: str, slug: str) -> AgencyPolicy | None:
    """None for a version of so long ago that it is no complete profile any more; its text still is there."""
    try:
        return parse_policy(document, slug)
    except PolicyError:
        return None


def differences(old: str, new: str) -> Iterator[DiffLine]:
    """What must be added to and removed from the old text to get the new one, with some lines around it."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=CONTEXT_LINES)
    marks = {"+": Change.ADDED, "-": Change.REMOVED, " ": Change.SAME}
    for at, line in enumerate(lines):
        if at >= 2:  # after the two names of files
            yield DiffLine(Change.GAP, "") if line.startswith("@@") else DiffLine(marks[line[0]], line[1:])
