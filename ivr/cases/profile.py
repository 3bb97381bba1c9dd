"""From an agency's profile to the terms of its case files."""

from config.policy import AgencyPolicy, Duty
from ivr.cases.case import Who
from ivr.cases.terms import MisuseTerm, Promise, Terms


def terms_of(policy: AgencyPolicy) -> Terms:
    return Terms(
        follow={one.code: None if one.follow is None else promise(one.follow) for one in policy.alternatives},
        reasons=frozenset(reason.code for reason in policy.objection_reasons),
        channels=frozenset(channel.code for channel in policy.channels),
        conversations=frozenset(kind.code for kind in policy.conversation_kinds),
        talk=Promise(Who(policy.covert.owner), policy.covert.talk_days),
        weighs_publication=policy.covert.publication is not None,
        misuse=tuple(MisuseTerm(step.code, promise(step.duty)) for step in policy.misuse_steps),
        complaint_days=policy.complaint.term_days,
        committee_days=policy.complaint.committee_days,
        access_days=policy.complaint.access_days,
        asks_copies=policy.copy.ask_theirs,
        ask_days=policy.copy.valid_days,
        copy_days=policy.retention.citizen_copy_days,
        asks_training=policy.training,
        keep_days=policy.retention.case_days,
    )


def promise(duty: Duty) -> Promise:
    return Promise(Who(duty.owner), duty.within_days)
