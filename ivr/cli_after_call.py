"""The commands for what comes after the call: case files and users."""

import argparse
import getpass
import json
from collections.abc import Callable

from config.policy import Role
from ivr.cases.case import Case
from ivr.cases.service import Sight
from ivr.cases.shapes import write
from ivr.exit_codes import GOOD
from ivr.wiring import Wiring

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]

PAGE = 100


def add_commands(add: AddCommand) -> None:
    cases = add("cases", run_cases, "case files: what has to happen after calls, or beside them")
    cases.add_argument("action", choices=("list",))
    cases.add_argument("--agency", metavar="SLUG", help="of this agency only")
    cases.add_argument("--overdue", action="store_true", help="only those whose day has passed")
    cases.add_argument("--json", action="store_true", help="one JSON object a line")

    users = add("users", run_users, "who may use the service")
    user_actions = users.add_subparsers(required=True, dest="action", metavar="ACTION")
    new = user_actions.add_parser("add", help="prints the new user's link to set a password, and their token, once")
    new.add_argument("name")
    new.add_argument("--role", type=Role, choices=list(Role), required=True)
    new.add_argument("--agency", action="append", metavar="SLUG", required=True, help="may be given more than once")
    user_actions.add_parser("list", help="everybody, those who are disabled too")
    user_actions.add_parser("disable", help="nothing of theirs opens anything any more").add_argument("name")
    again = user_actions.add_parser("invite", help="prints a new link to set password and one-time codes")
    again.add_argument("name")
    user_actions.add_parser("unlock", help="after too many wrong tries").add_argument("name")

    add("index", run_index, "make anew what calls are found by; needed once for calls of before there was a search")


def run_cases(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    sight = None if chosen.agency is None else Sight((wiring.agencies.now(chosen.agency).slug,))
    after: str | None = None
    while page := wiring.cases.list(sight, overdue=chosen.overdue, limit=PAGE, after=after):
        for case in page:
            print(json.dumps(write(case), ensure_ascii=False) if chosen.json else _line(case, wiring))
        after = page[-1].case_id
    return GOOD


def _line(case: Case, wiring: Wiring) -> str:
    due = "no term" if case.due_at is None else f"due {case.due_at:%Y-%m-%d}"
    late = "  OVERDUE" if case.is_overdue(wiring.clock.now()) else ""
    ended = f"closed {case.closed_at:%Y-%m-%d}" if case.closed_at else f"{case.owner} {due}{late}"
    return f"{case.case_id}  {case.agency}  {case.kind}  {case.state}  {ended}"


def run_users(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    users = wiring.users
    if chosen.action == "add":
        token = users.add(chosen.name, chosen.role, chosen.agency, getpass.getuser())
        _print_invitation(wiring, chosen.name)
        print(
            f"A program can use the API as {chosen.name} with this token, which is shown only now and ends in a year:"
        )
        print(token)
    elif chosen.action == "disable":
        users.disable(chosen.name, leave_nobody=True)
        print(f"{chosen.name} can no longer sign in")
    elif chosen.action == "invite":
        _print_invitation(wiring, chosen.name)
    elif chosen.action == "unlock":
        wiring.accounts.unlock(chosen.name)
        print(f"{chosen.name} may try again")
    else:
        for user in users.list():
            state = "active" if user.disabled_at is None else f"disabled {user.disabled_at:%Y-%m-%d}"
            print(f"{user.name}  {user.role}  {','.join(user.agencies)}  added {user.added_at:%Y-%m-%d}  {state}")
    return GOOD


def run_index(_: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    wiring.prepare()
    indexed = wiring.indexer.index_all()
    print(f"{indexed.calls} calls can be found")
    if indexed.without_profile:
        print(f"{indexed.without_profile} calls cannot: the profile that they were told by was not kept")
    return GOOD


def _print_invitation(wiring: Wiring, name: str) -> None:
    token = wiring.accounts.invite(name, getpass.getuser())
    print(f"{name} sets a password and one-time codes at this address, within three days, once:")
    print(f"{wiring.settings.public_url}/console/uitnodiging/{token}")
