"""Drafts and kept lists: the same in the pages and over the API, each its person's and office's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api_sample import caller

from placet.client import Client, RefusedError

FIELDS = {"title": ["Half", "said"], "applicant": ["UA"], "item": ["atacms"], "quantity": ["4"]}


@pytest.fixture
def filer(office: Any) -> Iterator[Any]:
    """The applicant with a token; nothing is kept before and after."""
    from placet.web.models import Draft, KeptList

    for model in (Draft, KeptList):
        model.objects.all().delete()
    yield caller(office.house, "marchenko")
    for model in (Draft, KeptList):
        model.objects.all().delete()


def test_a_draft_is_kept_read_changed_and_removed(filer: Any) -> None:
    """Right or wrong; what its fields say comes as a request is filed, with its documents."""
    made = filer.post("/drafts", {"fields": FIELDS})
    assert made.status_code == 201, made.content
    draft = made.json()
    assert draft["title"] == "Half said"
    assert draft["request"]["lines"] == {"line-1": {"item": "atacms", "quantity": "4"}}
    where = f"/drafts/{draft['draft']}"
    seen = filer.get(where)
    assert seen.json() == draft
    assert filer.get(where, If_None_Match=seen["ETag"]).status_code == 304
    changed = filer.send("PUT", where, {"fields": {"title": ["Whole"]}}, If_Match=seen["ETag"])
    assert changed.json()["title"] == "Whole"
    late = filer.send("PUT", where, {"fields": {}}, If_Match=seen["ETag"])
    assert (late.status_code, late.json()["type"]) == (412, "urn:placet:problem:changed")
    assert filer.send("DELETE", where, If_Match=seen["ETag"]).status_code == 412
    assert filer.get(where).json()["title"] == "Whole"
    assert filer.send("DELETE", where, If_Match=changed["ETag"]).status_code == 204
    assert filer.get(where).status_code == 404


def test_a_draft_in_the_pages_and_over_the_api_is_one(
    filer: Any, signed_in: Callable[..., Any]
) -> None:
    """What the one keeps the other shows, and what the form keeps the API changes."""
    page = signed_in("marchenko")
    made = filer.post("/drafts", {"fields": FIELDS}).json()
    assert "Half said" in page.get("/requests/new/").content.decode()
    sent = {"do": "keep", "draft": str(made["draft"]), "title": "By hand", "applicant": "UA"}
    assert page.post("/requests/new/", sent).status_code == 302
    (listed,) = filer.get("/drafts").json()["drafts"]
    assert (listed["draft"], listed["title"]) == (made["draft"], "By hand")


def test_documents_of_a_draft_are_kept_with_it(filer: Any) -> None:
    """They are those that were sent; one that was not is refused, and one left out is forgotten."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from placet.web.models import Upload
    from placet.web.uploads import keep

    (sent,) = keep("marchenko", [SimpleUploadedFile("a.txt", b"a")], timezone.now(), "ua/liaison")
    wanted = {"fields": FIELDS, "documents": [sent.digest]}
    made = filer.post("/drafts", wanted).json()
    assert [each["digest"] for each in made["documents"]] == [sent.digest]
    where = f"/drafts/{made['draft']}"
    none = {"fields": FIELDS, "documents": [f"sha256:{'0' * 64}"]}
    assert filer.send("PUT", where, none).status_code == 404
    assert filer.send("PUT", where, {"fields": FIELDS}).json()["documents"] == []
    assert not Upload.objects.filter(pk=sent.pk).exists()


def test_lists_of_drafts_come_in_pages_and_are_kept_once(filer: Any) -> None:
    """The latest first, as many as are asked for; a repeated key keeps one draft, and not two."""
    key = {"Idempotency_Key": "a-draft"}
    one = filer.post("/drafts", {"fields": FIELDS}, **key)
    again = filer.post("/drafts", {"fields": FIELDS}, **key)
    assert (again.json(), again["Idempotency-Replayed"]) == (one.json(), "true")
    two = filer.post("/drafts", {"fields": FIELDS}).json()["draft"]
    first = filer.get("/drafts?limit=1").json()
    assert [each["draft"] for each in first["drafts"]] == [two]
    second = filer.get(f"/drafts?limit=1&after={first['next']}").json()
    assert [each["draft"] for each in second["drafts"]] == [one.json()["draft"]]
    assert second["next"] is None


def test_a_kept_list_is_that_of_the_inbox(filer: Any, signed_in: Callable[..., Any]) -> None:
    """Its filters are those of the page's address; a name stands for one list."""
    wanted = {"name": "Storms", "tab": "others", "q": "storm", "due": 7}
    made = filer.post("/lists", wanted)
    assert made.status_code == 201, made.content
    kept = made.json()
    assert kept["query"] == "tab=others&q=storm&due=7"
    assert "Storms" in signed_in("marchenko").get("/inbox/").content.decode()
    assert filer.get(f"/lists/{kept['list']}").json() == kept
    assert filer.post("/lists", wanted).status_code == 409
    assert filer.post("/lists", {"name": "None"}).status_code == 422
    tag = filer.get(f"/lists/{kept['list']}")["ETag"]
    where, other = f"/lists/{kept['list']}", {"name": "Refused", "status": "refused"}
    assert filer.send("PUT", where, other, If_Match=tag).json()["query"] == (
        "tab=action&status=refused"
    )
    assert filer.send("DELETE", where, If_Match=tag).status_code == 412
    assert filer.send("DELETE", where).status_code == 204
    assert filer.get("/lists").json() == {"lists": [], "next": None}


def test_what_was_kept_holding_another_office_too_is_not_a_tokens(filer: Any) -> None:
    """What the pages kept is a token's where its person can have been in no other office."""
    from placet.web.models import Draft

    draft = filer.post("/drafts", {"fields": FIELDS}).json()["draft"]
    assert filer.get(f"/drafts/{draft}").status_code == 200
    Draft.objects.filter(pk=draft).update(office="")
    assert filer.get(f"/drafts/{draft}").status_code == 200, "kept in the pages, with one office"
    Draft.objects.filter(pk=draft).update(office="us/review-desk")
    assert filer.get(f"/drafts/{draft}").status_code == 404
    assert filer.get("/drafts").json()["drafts"] == []


def test_the_client_keeps_and_changes_what_it_saw(filer: Any, office: Any) -> None:
    """Typed, once, and never over what came in between."""
    import httpx

    from placet.web.wsgi import application

    transport = httpx.WSGITransport(app=application)
    with Client("http://localhost", filer.secret, transport=transport) as client:
        made = client.keep_draft(FIELDS)
        assert [each.draft for each in client.drafts()] == [made.draft]
        changed = client.keep_draft({"title": ["Other"]}, held=made)
        assert client.draft(made.draft) == changed
        with pytest.raises(RefusedError, match="changed since"):
            client.keep_draft({}, held=made)
        client.remove_draft(changed)
        kept = client.keep_list("Mine", {"q": "storm"})
        renamed = client.keep_list("Ours", {"q": "storm"}, kept)
        assert [each.name for each in client.lists()] == ["Ours"]
        assert client.kept_list(kept.number) == renamed
        client.remove_list(renamed)
        assert not list(client.lists())
    assert office.house
