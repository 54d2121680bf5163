"""Which keys sign, which come next, and which were changed and when: one table, of the sequencer.

An act names a key, but that it is one of this log's only whoever holds the private half can say.
The keys' folder is the source: who numbers entries writes here what it says (`store.publishing`).
"""

from django.db import migrations

SIGNING_KEYS = """
CREATE TABLE signing_key (
    use text NOT NULL CHECK (use IN ('log', 'permit')),
    key text NOT NULL,
    -- How many entries the log had when the key was changed for another.
    until bigint CHECK (until >= 0),
    -- It was made and does not sign yet: the one that an act may name.
    next boolean NOT NULL DEFAULT false,
    PRIMARY KEY (use, key),
    CHECK (until IS NULL OR NOT next)
);
INSERT INTO signing_key (use, key) SELECT 'log', key FROM log_key;
DROP TABLE log_key;
GRANT SELECT ON signing_key TO placet_act, placet_read, placet_sequencer;
GRANT INSERT, UPDATE (until, next), DELETE ON signing_key TO placet_sequencer;
"""


class Migration(migrations.Migration):
    """Takes the keys of the log over; the sequencer adds the rest when it takes the log up."""

    dependencies = [("store", "0013_rows_anew")]

    operations = [migrations.RunSQL(SIGNING_KEYS)]
