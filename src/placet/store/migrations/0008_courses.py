"""When each case came how far; and what lies before a viewer, found at once for sums over it all.

A policy of row-level security asks about each row by itself. That is right for a page, and takes
seconds where a hundred thousand rows are summed. So sums go by functions, which give the rows of
the cases that lie before whoever holds the keys of this transaction, and no others.
"""

from django.db import migrations

from placet.store.desk_rows import courses_of, filled_by

COURSES = """
CREATE TABLE course (
    case_id text COLLATE "C" PRIMARY KEY REFERENCES case_head,
    filed timestamptz NOT NULL,
    determined timestamptz,
    answered timestamptz,
    permitted timestamptz
);
GRANT SELECT, INSERT, UPDATE (filed, determined, answered, permitted) ON course TO placet_act;
GRANT SELECT ON course TO placet_read;
ALTER TABLE course ENABLE ROW LEVEL SECURITY;
ALTER TABLE course FORCE ROW LEVEL SECURITY;
CREATE POLICY work ON course TO placet_owner, placet_act USING (true) WITH CHECK (true);
CREATE POLICY seen ON course FOR SELECT TO placet_read USING ((SELECT viewer_audits())
    OR EXISTS (SELECT FROM desk d WHERE d.case_id = course.case_id));
"""

BEFORE_THE_VIEWER = """
-- Planned for many rows: for few, it costs nothing to be wrong.
-- A part in a case depends on no person and on no moment: `need_to_know.case_on_desks`. Whether its
-- holder is told whom it waits for, any of their parts says, also one that another tab takes the
-- place of.
CREATE FUNCTION parts_before(marks text[]) RETURNS TABLE (case_id text, told boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 50000
    SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
    SELECT d.case_id, bool_or(d.told) FROM tray t JOIN desk d ON d.tray = t.id
    WHERE t.key = ANY (viewer_keys()) AND t.tab IN ('team', 'others', 'closed')
    GROUP BY d.case_id HAVING bool_or(t.also <@ marks AND NOT t.not_for && marks)
$$;
CREATE FUNCTION courses_before(marks text[]) RETURNS TABLE (case_id text, told boolean,
    status text, awaited text[], filed timestamptz, determined timestamptz, answered timestamptz,
    permitted timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 50000
    SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
    SELECT c.case_id, p.told, l.status, l.awaited, c.filed, c.determined, c.answered, c.permitted
    FROM parts_before(marks) p JOIN course c USING (case_id) JOIN listing l USING (case_id)
$$;
CREATE FUNCTION takings_before(marks text[], items text[], lots text[]) RETURNS SETOF taking
LANGUAGE sql STABLE SECURITY DEFINER ROWS 50000
    SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
    SELECT t.* FROM parts_before(marks) p JOIN taking t USING (case_id)
    WHERE t.item = ANY (items) OR t.lot = ANY (lots)
$$;
REVOKE ALL ON FUNCTION parts_before, courses_before, takings_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION courses_before, takings_before TO placet_read;
"""


class Migration(migrations.Migration):
    """Makes the table and fills it from the cases; there is no way back."""

    dependencies = [("store", "0007_compared")]

    operations = [
        migrations.RunSQL(COURSES),
        migrations.RunSQL(BEFORE_THE_VIEWER),
        migrations.RunPython(filled_by(courses_of)),
    ]
