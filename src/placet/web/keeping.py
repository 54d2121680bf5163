"""What a person keeps beside the register: drafts of requests, and lists of cases under a name.

The pages and the API keep the same. What came by a token is of its office; of what was kept in
the pages a token has what its person can have kept in no other office.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from placet.operations.house import House, SignedIn
from placet.operations.seeing import viewer_of
from placet.review import RepeatedError, UnknownError, UnlawfulError, Viewer
from placet.web.models import Draft, KeptList, Upload

__all__ = [
    "LONGEST_NAME",
    "MOST_DRAFTS",
    "MOST_LISTS",
    "draft_of",
    "drafts_of",
    "keep_draft",
    "keep_list",
    "list_of",
    "lists_of",
]

MOST_DRAFTS = 50
"""Drafts that one person may keep."""
MOST_LISTS = 20
"""Lists that one person may keep."""
LONGEST_NAME = 60
_LONGEST_TITLE = 200
_LONGEST_QUERY = 1000


def drafts_of(house: House, who: SignedIn) -> list[Draft]:
    """Return the drafts of a person, the latest first."""
    looking = viewer_of(house, who)
    mine = Draft.objects.filter(person=who.person)
    return [each for each in mine if _is_of(looking, each)]


def draft_of(house: House, who: SignedIn, key: int, *, to_change: bool = False) -> Draft:
    """Return a draft of a person; another's reads as if there were none.

    It is held against other changes to the end of a transaction where it is `to_change`.

    Raises:
        UnknownError: they have no such draft.
    """
    rows = Draft.objects.select_for_update() if to_change else Draft.objects
    found: Draft | None = rows.filter(pk=key, person=who.person).first()
    if found is not None and _is_of(viewer_of(house, who), found):
        return found
    raise UnknownError(_("You keep no such draft."))


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
    looking = viewer_of(house, who)
    mine = KeptList.objects.filter(person=who.person)
    return [each for each in mine if _is_of(looking, each)]


def _is_of(looking: Viewer, kept: Draft | KeptList) -> bool:
    """Say whether something is a person's in the office in which they come."""
    return looking.did(kept.person, kept.kept_at, kept.office or None)


def list_of(house: House, who: SignedIn, key: int, *, to_change: bool = False) -> KeptList:
    """Return a list of a person; another's reads as if there were none.

    It is held against other changes to the end of a transaction where it is `to_change`.

    Raises:
        UnknownError: they keep no such list.
    """
    rows = KeptList.objects.select_for_update() if to_change else KeptList.objects
    found: KeptList | None = rows.filter(pk=key, person=who.person).first()
    if found is not None and _is_of(viewer_of(house, who), found):
        return found
    raise UnknownError(_("You keep no such list."))


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
