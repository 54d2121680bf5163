"""Every address of the pages."""

from __future__ import annotations

from django.urls import include, path

from placet.web.acting.views import act_page, open_session_page, sign_page
from placet.web.pages import cases, front, inbox, letters

urlpatterns = [
    path("", front.front, name="front"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("cases/<str:case>/", cases.case, name="case"),
    path("cases/<str:case>/decision.pdf", letters.decision, name="decision-letter"),
    path("cases/<str:case>/acts/<int:act>/receipt", cases.receipt, name="act-receipt"),
    path("act/<slug:kind>/", act_page, name="act"),
    path("sign/", sign_page, name="sign"),
    path("session/", open_session_page, name="open-session"),
    path("account/", include("allauth.urls")),
]
