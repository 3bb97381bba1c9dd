"""Tables of who may sign in, how, and who is signed in now; the same migrations build them as storage/tables.py."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

from storage.tables import UtcTime, metadata

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("agencies", JSON, nullable=False),
    Column("token_digest", Text, unique=True),
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("disabled_at", UtcTime),
    Column("token_ends_at", UtcTime),
    Column("subject", Text, unique=True),
)

credentials = Table(
    "credentials",
    metadata,
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("code_secret", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("set_at", UtcTime, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("code_digest", Text, primary_key=True),
)

invitations = Table(
    "invitations",
    metadata,
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("invited_by", Text, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
)

# How often somebody was wrong: one row a name, network and the like, while its window lasts.
strikes = Table(
    "strikes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends_at", UtcTime, nullable=False, index=True),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id_digest", Text, primary_key=True),
    Column("user_name", ForeignKey("users.name"), nullable=False, index=True),
    Column("began_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False, index=True),
    Column("origin", Text, nullable=False),
    Column("id_token", LargeBinary),
)
