"""Documents that were filed: beside the entry that brought them, which names their digests."""

from django.db import migrations

DOCUMENTS = """
-- What an act attached. Erased, `bytes` is gone and the row stays.
CREATE TABLE document (
    ticket bigint REFERENCES entry,
    case_id text NOT NULL,
    digest text,
    bytes bytea,
    PRIMARY KEY (ticket, digest)
);
ALTER TABLE document ALTER bytes SET STORAGE EXTERNAL;  -- pictures and PDF are compressed already
CREATE INDEX document_case ON document (case_id, digest);

-- Only by an act that has just been recorded and has no number yet.
CREATE FUNCTION erase_documents(of_ticket bigint, by_ticket bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pending p WHERE p.ticket = by_ticket) THEN
        RAISE EXCEPTION 'no act that has just been recorded erases documents of %', of_ticket;
    END IF;
    UPDATE document SET bytes = NULL WHERE ticket = of_ticket;
END $$;
REVOKE ALL ON FUNCTION erase_documents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_documents TO placet_act;

GRANT SELECT, INSERT ON document TO placet_act;
GRANT SELECT ON document TO placet_read;

ALTER TABLE document ENABLE ROW LEVEL SECURITY;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
CREATE POLICY work ON document TO placet_owner, placet_act USING (true) WITH CHECK (true);
CREATE POLICY audit ON document FOR SELECT TO placet_read USING ((SELECT viewer_audits()));
CREATE POLICY own ON document FOR SELECT TO placet_read USING (EXISTS
    (SELECT FROM case_party p WHERE p.case_id = document.case_id));
"""


class Migration(migrations.Migration):
    """Makes the table; there is no way back, because a log only grows."""

    dependencies = [("store", "0003_trays")]

    operations = [migrations.RunSQL(DOCUMENTS)]
