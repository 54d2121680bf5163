"""What a person keeps beside the register: drafts of requests, and lists of cases under a name.

The pages and the API keep the same. What came by a token is of its office; of what was kept in
the pages a token has what its person can have kept in no other office.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _

from placet.operations.house import House, SignedIn, viewer_of
from placet.review import RepeatedError, UnknownError, UnlawfulError, Viewer
from placet.web.models import Draft, KeptList, Upload

__all__ = [
    "LONGEST_NAME",
    "MOST_DRAFTS",
    "MOST_LISTS",
    "draft_of",
    "draft_seen",
    "drafts_of",
    "keep_draft",
    "keep_list",
    "list_of",
    "lists_of",
]

_Kept = TypeVar("_Kept", Draft, KeptList)

MOST_DRAFTS = 50
"""Drafts that one person may keep."""
MOST_LISTS = 20
"""Lists that one person may keep."""
LONGEST_NAME = 60
_LONGEST_TITLE = 200
_LONGEST_QUERY = 1000


def drafts_of(house: House, who: SignedIn) -> list[Draft]:
    """Return the drafts of a person, the latest first."""
    return _all_of(house, who, Draft)


def draft_of(house: House, who: SignedIn, key: int, *, to_change: bool = False) -> Draft:
    """Return a draft of a person; another's reads as if there were none.

    It is held against other changes to the end of a transaction where it is `to_change`.

    Raises:
        UnknownError: they have no such draft.
    """
    found = _one_of(house, who, Draft, key, to_change)
    if found is None:
        raise UnknownError(_("You keep no such draft."))
    return found


def draft_seen(
    house: House, who: SignedIn, draft: Draft | None, version: str | None
) -> Draft | None:
    """Return a draft to change or to file, held to the end of a transaction: as it was seen.

    Raises:
        RepeatedError: it was kept again since, in another window or by a program.
        UnknownError: it is not there any more.
    """
    if draft is None:
        return None
    held = draft_of(house, who, draft.pk, to_change=True)
    if version is not None and version != held.version:
        raise RepeatedError(
            _(
                "This draft was kept again elsewhere after you opened it here. Nothing was done; "
                "what you wrote stands below. Open the draft anew from the list at the end of the "
                "page, or go on once more, and what stands here takes its place."
            )
        )
    return held


def keep_draft(
    house: House,
    who: SignedIn,
    fields: Mapping[str, Sequence[str]],
    uploads: Iterable[Upload],
    draft: Draft | None = None,
) -> Draft:
    """Keep a request that is not filed, right or wrong, with its documents and no others.

    Raises:
        UnlawfulError: they keep as many as one person may.
    """
    if draft is None:
        if len(drafts_of(house, who)) >= MOST_DRAFTS:
            raise UnlawfulError(_("You keep as many drafts as one person may. Remove one."))
        draft = Draft(person=who.person)
    draft.title = " ".join(fields.get("title", ()))[:_LONGEST_TITLE]
    draft.fields, draft.office = dict(fields), who.office or ""
    draft.save()
    kept = [each.pk for each in uploads]
    Upload.objects.filter(pk__in=kept).update(draft=draft, office=draft.office)
    Upload.objects.filter(draft=draft).exclude(pk__in=kept).delete()
    return draft


def lists_of(house: House, who: SignedIn) -> list[KeptList]:
    """Return the lists that a person gave names, in the order in which they were kept."""
    return _all_of(house, who, KeptList)


def list_of(house: House, who: SignedIn, key: int, *, to_change: bool = False) -> KeptList:
    """Return a list of a person; another's reads as if there were none.

    It is held against other changes to the end of a transaction where it is `to_change`.

    Raises:
        UnknownError: they keep no such list.
    """
    found = _one_of(house, who, KeptList, key, to_change)
    if found is None:
        raise UnknownError(_("You keep no such list."))
    return found


def keep_list(
    house: House, who: SignedIn, name: str, query: str, kept: KeptList | None = None
) -> KeptList:
    """Keep the filters of an address of the inbox under a name; `kept` is one to be changed.

    Raises:
        RepeatedError: they keep another of that name.
        UnlawfulError: it narrows nothing, has no name, or is one too many.
    """
    name = "".join(each for each in name if each.isprintable()).strip()[:LONGEST_NAME]
    others = [each for each in lists_of(house, who) if kept is None or each.pk != kept.pk]
    if not query or len(query) > _LONGEST_QUERY:
        raise UnlawfulError(
            _("There is no filter to keep here. Narrow the list first, in fewer words.")
        )
    if not name:
        raise UnlawfulError(_("A list is kept under a name. Give it one."))
    if any(each.name == name for each in others):
        raise RepeatedError(
            _("You keep another list of that name. Choose another name, or remove that one.")
        )
    if len(others) >= MOST_LISTS:
        raise UnlawfulError(_("You keep as many lists as one person may. Remove one first."))
    found = kept or KeptList(person=who.person)
    found.name, found.query, found.office = name, query, who.office or ""
    found.save()
    return found


def _all_of(house: House, who: SignedIn, kind: type[_Kept]) -> list[_Kept]:
    """Return what a person keeps of a kind, in its order, in the office in which they come."""
    looking = viewer_of(house, who)
    mine = kind.objects.filter(person=who.person)
    return [each for each in mine if _is_of(looking, each)]


def _one_of(
    house: House, who: SignedIn, kind: type[_Kept], key: int, to_change: bool
) -> _Kept | None:
    """Return one of them by its key; another's reads as if there were none."""
    rows = kind.objects.select_for_update() if to_change else kind.objects
    found: _Kept | None = rows.filter(pk=key, person=who.person).first()
    return found if found is not None and _is_of(viewer_of(house, who), found) else None


def _is_of(looking: Viewer, kept: Draft | KeptList) -> bool:
    """Say whether something is a person's in the office in which they come."""
    return looking.did(kept.person, kept.kept_at, kept.office or None)
