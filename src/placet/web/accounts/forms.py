"""The forms of signing in that differ from those of django-allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.conf import settings
from django.utils.translation import gettext_lazy as _

__all__ = ["PasskeyForm", "SignInForm"]


class SignInForm(LoginForm):
    """Signing in by name and password; a demonstration's links fill in the name."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        asked = self.request.GET.get("login", "") if self.request is not None else ""
        if settings.DEMONSTRATION and asked:
            self.initial["login"] = asked
            self.fields["login"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True


class PasskeyForm(AddWebAuthnForm):
    """Adding a passkey: one that signs in by itself, unless somebody wants it otherwise."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["name"].label = _("What you call it")
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = _("It signs you in by itself")
        alone.help_text = _(
            "Without it you go on giving your password first, and then the passkey."
        )
