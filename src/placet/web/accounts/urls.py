"""The way to a provider of OpenID Connect and back, by the names that django-allauth uses."""

from __future__ import annotations

from django.urls import path

from placet.web.accounts.confirming import ConfirmingView
from placet.web.accounts.openid import come_back, go_there

urlpatterns = [
    path("oidc/<str:provider_id>/login/", go_there, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", come_back, name="openid_connect_callback"),
    path(
        "oidc/<str:provider_id>/reauthenticate/",
        ConfirmingView.as_view(),
        name="reauthenticate_by_provider",
    ),
]
