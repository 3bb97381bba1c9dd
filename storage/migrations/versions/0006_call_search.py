"""What calls are found by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0006"
down_revision = "0005"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

FACTS = ("line", "state", "caller_recording", "agency_recording", "employee", "reason")
USUAL = {"employee": "", "caller_recording": "none", "agency_recording": "none", "reason": ""}
IN_PART = {
    **{name: f"{name} != '{usual}'" for name, usual in USUAL.items()},
    "running": "state != 'ended'",
    "third_person": "third_person = true",
}

# FTS5's way to keep an index beside a table (sqlite.org/fts5.html, 4.4.3); where in a text a word stands is not kept.
FULL_TEXT = (
    """CREATE VIRTUAL TABLE call_fts USING fts5(
    words, content='call_words', content_rowid='row_id', detail=none, columnsize=0, tokenize='ascii')""",
    """CREATE TRIGGER call_words_added AFTER INSERT ON call_words BEGIN
    INSERT INTO call_fts(rowid, words) VALUES (new.row_id, new.words); END""",
    """CREATE TRIGGER call_words_removed AFTER DELETE ON call_words BEGIN
    INSERT INTO call_fts(call_fts, rowid, words) VALUES ('delete', old.row_id, old.words); END""",
    """CREATE TRIGGER call_words_changed AFTER UPDATE ON call_words BEGIN
    INSERT INTO call_fts(call_fts, rowid, words) VALUES ('delete', old.row_id, old.words);
    INSERT INTO call_fts(rowid, words) VALUES (new.row_id, new.words); END""",
)


def upgrade() -> None:
    op.add_column("calls", sa.Column("line", sa.Text(), nullable=False, server_default=""))
    op.add_column("caller_numbers", sa.Column("number_hash", sa.Text()))
    op.create_index("ix_cases_kind_call_id", "cases", ["kind", "call_id"])
    op.create_index("ix_caller_numbers_number_hash", "caller_numbers", ["number_hash"])
    op.create_table(
        "call_facts",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in FACTS),
        sa.Column("third_person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_call_facts"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_call_facts_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_call_facts_time", "call_facts", ["agency", "opened_at", "call_id"])
    op.create_index("ix_call_facts_line", "call_facts", ["agency", "line", "opened_at", "call_id"])
    for name, condition in IN_PART.items():
        op.create_index(
            f"ix_call_facts_{name}",
            "call_facts",
            ["agency", *([name] if name in USUAL else []), "opened_at", "call_id"],
            sqlite_where=sa.text(condition.replace("true", "1")),
            postgresql_where=sa.text(condition),
        )
    op.create_table(
        "call_words",
        sa.Column("row_id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("words", TSVECTOR().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_call_words"),
        sa.UniqueConstraint("call_id", name="uq_call_words_call_id"),
    )
    op.create_table(
        "told_texts",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_told_texts"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_call_words_words",
            "call_words",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": False},
        )
    else:
        for statement in FULL_TEXT:
            op.execute(statement)
