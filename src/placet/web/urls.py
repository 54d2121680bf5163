"""Every address of the pages."""

from __future__ import annotations

from django.urls import include, path

from placet.web.accounts.keys import keys_page, record_passkey
from placet.web.acting.asking import act_page, open_session_page, sign_page
from placet.web.api.pages import revoke_page, tokens_page
from placet.web.api.urls import api
from placet.web.pages import (
    accounts,
    authority,
    cases,
    documents,
    freedom,
    front,
    inbox,
    ledger,
    letters,
    lists,
    many,
    permits,
    policies,
    reports,
    requests,
    stock,
    systems,
    told,
)

handler404 = "placet.web.errors.no_such_page"

urlpatterns = [
    path("", front.front, name="front"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/acts/", many.many, name="many"),
    path("inbox/acts/done/", many.done_on_many, name="done-on-many"),
    path("inbox/lists/", lists.keep_list, name="keep-list"),
    path("inbox/lists/<int:key>/remove/", lists.remove_list, name="remove-list"),
    path("requests/new/", requests.new_request, name="new-request"),
    path("cases/<str:case>/", cases.case, name="case"),
    path("cases/<str:case>/decision.pdf", letters.decision, name="decision-letter"),
    path("cases/<str:case>/entries/<int:entry>/receipt", cases.receipt, name="act-receipt"),
    path("cases/<str:case>/documents/<str:digest>", documents.document, name="document"),
    path("act/<slug:kind>/", act_page, name="act"),
    path("sign/", sign_page, name="sign"),
    path("session/", open_session_page, name="open-session"),
    path("notices/", told.told, name="told"),
    path("notices/<int:key>/remove", told.untold, name="untold"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("account/keys/", keys_page, name="keys"),
    path("account/keys/<int:passkey>/", record_passkey, name="record-passkey"),
    path("account/", include("allauth.urls")),
    path("policies/", policies.policies, name="policies"),
    path("policies/<str:party>/<str:policy>/", policies.policy, name="policy"),
    path("systems/", systems.items, name="items"),
    path("systems/<str:item>/", systems.item, name="item"),
    path("freedom/", freedom.freedom, name="freedom"),
    path("stock/", stock.stock, name="stock"),
    path("permits/", permits.permit_list, name="permits"),
    path("permits/<str:permit>/", permits.permit, name="permit"),
    path("permits/<str:permit>/letter.pdf", letters.permit, name="permit-letter"),
    path("permits/<str:permit>/file/", permits.permit_download, name="permit-file"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export.tar", ledger.export, name="export"),
    path("ledger/audit/", ledger.audit_begin, name="audit-begin"),
    path("ledger/audit/<uuid:key>/", ledger.audit_page, name="audit"),
    path("ledger/<int:index>/", ledger.entry, name="entry"),
    path("ledger/<int:index>/proof/", ledger.proof, name="proof"),
    path("ledger/<int:index>/evidence/", ledger.evidence, name="evidence"),
    path("reports/", reports.report, name="reports"),
    path("reports/table.csv", reports.report_table, name="report-table"),
    path("authority/", authority.authority, name="authority"),
    # what anybody may ask, without an account
    path("verify/", permits.verify, name="verify"),
    path("permit-keys.json", permits.keys, name="permit-keys"),
    path("status-list", permits.status, name="status-list"),
    path("log/checkpoint", ledger.checkpoint, name="checkpoint"),
    path("log/keys", ledger.log_keys, name="log-keys"),
    path("log/tile/<path:path>", ledger.tile, name="tile"),
    # for programs
    path("api/v1/", api.urls),
    path("tokens/", tokens_page, name="tokens"),
    path("tokens/<str:token>/revoke/", revoke_page, name="revoke-token"),
]
