"""The structure of the database: tables, constraints, rights, row-level security, functions, roles.

Migrations lay it, and nothing else may change it. What they come to stands in `structure.json`, in
the words of PostgreSQL: read from a database that was migrated, never written by hand (`make
structure`). An audit reads the same of the database that it audits, and names what differs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import psycopg

from placet.store.cluster import ROLES
from placet.store.transactions import Transaction

__all__ = ["Reference", "differences", "laid", "references", "structure_of"]

_SHOWN = 200
"""Characters up to which it is said how something is laid; a function is longer."""


@cache
def laid() -> Mapping[str, str]:
    """Return what migrations lay: each thing by its kind and name, and how it is."""
    text = files("placet.store").joinpath("structure.json").read_text("utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def structure_of(connection: psycopg.Connection | Transaction) -> dict[str, str]:
    """Return what a database has, in the same words; any role may ask."""
    values = {"ours": list(ROLES), "bound": [each for each in ROLES if each != "placet_owner"]}
    found: dict[str, str] = {}
    for name, says in sorted(connection.execute(_STRUCTURE, values).fetchall()):
        # Names are whoever's who gave them: two that come to the same one hide neither.
        found[name] = f"{found[name]}; {says}" if name in found else says
    return found


def differences(connection: psycopg.Connection | Transaction) -> Iterator[str]:
    """Say what is not there, what migrations do not lay, and what they lay otherwise."""
    found, expected = structure_of(connection), laid()
    for name in sorted(found.keys() | expected.keys()):
        if name not in found:
            yield f"The database lacks the {name}."
        elif name not in expected:
            yield f"No migration lays the {name} that the database has{_short(found[name])}."
        elif found[name] != expected[name]:
            says = _short(found[name])
            yield f"The database has the {name} otherwise than migrations lay it{says}."


def _short(says: str) -> str:
    return f": {says}" if says and len(says) <= _SHOWN else ""


class Reference(NamedTuple):
    """That each row of a table is of one in another: a foreign key, as migrations lay it."""

    table: str
    column: str
    of: str
    key: str


def references() -> list[Reference]:
    """Return all of them, in the order of their names; and the one that is none, to save locks."""
    found = (
        (re.fullmatch(r"constraint \w+ of (\w+)", name), _FOREIGN.match(says))
        for name, says in sorted(laid().items())
    )
    keys = [Reference(of[1], *says.groups()) for of, says in found if of and says]
    return [*keys, Reference("desk", "tray", "tray", "id")]  # as migration 0003 says


_FOREIGN = re.compile(r"FOREIGN KEY \((\w+)\) REFERENCES (\w+)\((\w+)\)")

_RELATIONS = """
WITH ours AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT CASE relkind WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view '
        ELSE 'table ' END || c.relname,
    concat_ws(', ', 'of ' || pg_get_userbyid(relowner),
        CASE relkind WHEN 'S' THEN (SELECT concat_ws(' ', format_type(seqtypid, NULL), seqstart,
            seqincrement, seqmin, seqmax, seqcache, seqcycle)
            FROM pg_sequence WHERE seqrelid = c.oid)
        WHEN 'r' THEN NULL ELSE 'kind ' || relkind::text END,
        CASE relpersistence WHEN 'p' THEN NULL ELSE 'persistence ' || relpersistence::text END,
        CASE WHEN relrowsecurity THEN 'row-level security' END,
        CASE WHEN relforcerowsecurity THEN 'forced' END,
        array_to_string(reloptions, ' '))
FROM ours c WHERE relkind NOT IN ('i', 'I', 'c')
UNION ALL
SELECT 'column ' || c.relname || '.' || attname,
    concat_ws(' ', format_type(atttypid, atttypmod),
        CASE WHEN attcollation <> typcollation THEN 'collate ' || collname END,
        CASE WHEN attnotnull THEN 'not null' END,
        'default ' || pg_get_expr(adbin, adrelid),
        nullif(attidentity, ''), nullif(attgenerated, ''))
FROM ours c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    JOIN pg_type t ON t.oid = atttypid
    LEFT JOIN pg_collation l ON l.oid = attcollation
    LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'table ' || c.relname || ' under ' || p.relname, 'inherits'
FROM pg_inherits JOIN ours c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent
UNION ALL
SELECT 'constraint ' || conname || ' of ' || coalesce(c.relname, contypid::regtype::text),
    pg_get_constraintdef(o.oid)
FROM pg_constraint o LEFT JOIN ours c ON c.oid = conrelid
WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('n', 't')
UNION ALL
SELECT 'index ' || i.relname,
    pg_get_indexdef(i.oid) || CASE WHEN indisvalid AND indisready THEN '' ELSE ' (not valid)' END
FROM pg_index JOIN ours c ON c.oid = indrelid JOIN pg_class i ON i.oid = indexrelid
"""

_WORKING = """
UNION ALL
SELECT 'trigger ' || tgname || ' of ' || c.relname,
    pg_get_triggerdef(t.oid) || ' (' || tgenabled::text || ')'
FROM pg_trigger t JOIN ours c ON c.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT 'trigger of the constraint ' || conname || ' of ' || c.relname, string_agg(
    DISTINCT tgenabled::text, ' ')
FROM pg_trigger t JOIN ours c ON c.oid = tgrelid JOIN pg_constraint o ON o.oid = tgconstraint
WHERE tgisinternal GROUP BY conname, c.relname
UNION ALL
SELECT 'rule ' || rulename || ' of ' || c.relname, pg_get_ruledef(r.oid)
FROM pg_rewrite r JOIN ours c ON c.oid = ev_class
UNION ALL
SELECT 'policy ' || polname || ' of ' || c.relname, concat_ws(' ',
    CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END, 'for', polcmd::text, 'to',
    (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', ' ORDER BY r = 0,
        pg_get_userbyid(r)) FROM unnest(polroles) r),
    'using ' || pg_get_expr(polqual, polrelid),
    'with check ' || pg_get_expr(polwithcheck, polrelid))
FROM pg_policy JOIN ours c ON c.oid = polrelid
UNION ALL
SELECT 'function ' || p.oid::regprocedure, 'of ' || pg_get_userbyid(proowner) || ', ' ||
    CASE prokind WHEN 'a' THEN 'an aggregate' ELSE pg_get_functiondef(p.oid) END
FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'operator ' || o.oid::regoperator, oprcode::text
FROM pg_operator o WHERE oprnamespace = 'public'::regnamespace
UNION ALL
SELECT 'cast from ' || castsource::regtype || ' to ' || casttarget::regtype, castfunc::regproc::text
FROM pg_cast WHERE oid >= 16384
UNION ALL
SELECT 'type ' || typname, typtype::text
FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typelem = 0
    AND NOT EXISTS (SELECT FROM ours c WHERE c.oid = typrelid AND relkind <> 'c')
"""

_RIGHTS = """
UNION ALL
SELECT 'rights of ' || coalesce(nullif(pg_get_userbyid(grantee), 'unknown (OID=0)'), 'everybody')
        || ' on ' || what,
    string_agg(DISTINCT (privilege || CASE WHEN grantable THEN ' and to grant it' ELSE '' END)
        COLLATE "C", ', ')
FROM (
    SELECT CASE relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.relname, relowner,
        (aclexplode(relacl)).* FROM ours c
    UNION ALL
    SELECT 'column ' || c.relname || '.' || attname, relowner, (aclexplode(attacl)).*
    FROM ours c JOIN pg_attribute ON attrelid = c.oid
    UNION ALL
    SELECT 'function ' || p.oid::regprocedure, proowner,
        (aclexplode(coalesce(proacl, acldefault('f', proowner)))).*
    FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'schema public', nspowner, (aclexplode(nspacl)).*
    FROM pg_namespace WHERE nspname = 'public'
    UNION ALL
    SELECT 'what is made later (' || defaclobjtype::text || ')', defaclrole,
        (aclexplode(defaclacl)).*
    FROM pg_default_acl
    WHERE defaclnamespace IN (0, 'public'::regnamespace)
) AS every (what, owner, grantor, grantee, privilege, grantable)
WHERE grantee <> owner
GROUP BY grantee, what
UNION ALL
SELECT 'role ' || rolname, concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END,
    CASE WHEN rolbypassrls THEN 'exempt from row-level security' END,
    CASE WHEN rolreplication THEN 'replicates' END,
    (SELECT 'has the rights of ' || string_agg(other.rolname, ' ' ORDER BY other.rolname)
        FROM pg_roles other WHERE other.oid <> r.oid AND pg_has_role(r.oid, other.oid, 'MEMBER')))
FROM pg_roles r WHERE rolname = ANY(%(bound)s)
UNION ALL
SELECT 'setting ' || split_part(setting, '=', 1) || ' of ' ||
        coalesce(nullif(pg_get_userbyid(setrole), 'unknown (OID=0)'), 'everybody'),
    setting
FROM pg_db_role_setting, unnest(setconfig) AS setting
WHERE (setdatabase = 0 OR setdatabase = (SELECT oid FROM pg_database
        WHERE datname = current_database()))
    AND (setrole = 0 OR pg_get_userbyid(setrole) = ANY(%(ours)s))
    AND setting ~ '^(search_path|row_security|role|session_replication_role|placet\\.)'
"""

_STRUCTURE = _RELATIONS + _WORKING + _RIGHTS
