"""Only an act that erases takes anything from a body or a document, and only what it says."""

from django.db import migrations

ERASURES = """
-- What an act that has just been recorded erases of an entry, as its own body says; null for any
-- other act. Whether the act is one of a person, and theirs to do, is for an audit.
CREATE FUNCTION erased_by(by_ticket bigint, of_ticket bigint) RETURNS jsonb STABLE LANGUAGE sql
    SET search_path = public, pg_temp
    RETURN (SELECT said #> '{payload,value,command,fields}'
        FROM (SELECT convert_from(body, 'UTF8')::jsonb -> 'fields' AS said
            FROM body JOIN pending USING (ticket) WHERE ticket = by_ticket) AS act
        WHERE said #>> '{kind,value}' = 'erase'
            AND said #> '{payload,value,command,entry}'
                = (SELECT to_jsonb(index) FROM numbered WHERE ticket = of_ticket));

CREATE OR REPLACE FUNCTION erase_body(of_ticket bigint, by_ticket bigint, tombstoned bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before jsonb := (SELECT convert_from(b.body, 'UTF8') FROM body b WHERE b.ticket = of_ticket);
    after jsonb := convert_from(tombstoned, 'UTF8');
    erased jsonb := erased_by(by_ticket, of_ticket);
    field text;
BEGIN
    IF erased IS NULL THEN
        RAISE EXCEPTION 'no act that has just been recorded erases body %', of_ticket;
    END IF;
    IF before IS NULL OR after - 'fields' IS DISTINCT FROM before - 'fields' THEN
        RAISE EXCEPTION 'there is no body %, or this is not one with tombstones', of_ticket;
    END IF;
    FOR field IN SELECT jsonb_object_keys((before -> 'fields') || (after -> 'fields')) LOOP
        IF after #> ARRAY['fields', field] IS DISTINCT FROM before #> ARRAY['fields', field]
            AND NOT (
                field IN ('actor', 'evidence', 'payload') AND erased ? field
                AND (after #> ARRAY['fields', field]) - 'digest' = '{"erased": true}'
                AND after #>> ARRAY['fields', field, 'digest'] ~ '^[A-Za-z0-9_-]{43}$'
            )
        THEN
            RAISE EXCEPTION 'the field % of body % is changed, not erased', field, of_ticket;
        END IF;
    END LOOP;
    INSERT INTO erasure (ticket, erased) VALUES (by_ticket, of_ticket);
    UPDATE body SET body = tombstoned WHERE ticket = of_ticket;
END $$;

CREATE OR REPLACE FUNCTION erase_documents(of_ticket bigint, by_ticket bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT coalesce(erased_by(by_ticket, of_ticket) ?| ARRAY['documents', 'payload'], false) THEN
        RAISE EXCEPTION 'no act that has just been recorded erases documents of %', of_ticket;
    END IF;
    UPDATE document SET bytes = NULL WHERE ticket = of_ticket;
END $$;
"""


class Migration(migrations.Migration):
    """Narrows two functions; there is no way back."""

    dependencies = [("store", "0011_places")]

    operations = [migrations.RunSQL(ERASURES)]
