"""Every address of the console, a noun a block."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path

from tamis.app.api import docs, v1
from tamis.app.views import (
    account,
    audit,
    companies,
    company_filter,
    company_sheet,
    doubles,
    errors,
    fields,
    list_comparing,
    list_content,
    list_imports,
    list_versions,
    lists,
    oidc,
    overview,
    password,
    review,
    saved_views,
    settings,
    sheets,
    sign_in,
    tokens,
    users,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/oidc/", oidc.start, name="oidc-start"),
    path("sign-in/oidc/callback/", oidc.callback, name="oidc-callback"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", sign_in.choose_language, name="language"),
    path("password/", password.forgotten, name="password-forgotten"),
    path("password/<slug:whose>/<slug:token>/", password.choose, name="password-choose"),
    #
    path("account/", account.show, name="account"),
    path("account/change/", account.change, name="account-change"),
    path("account/password/", account.password, name="account-password"),
    path("account/sessions/end/", account.end_session, name="account-session-end"),
    path("account/sessions/end-others/", account.end_others, name="account-sessions-end"),
    #
    path("", overview.show, name="overview"),
    path("first-steps/", overview.first_steps_shown, name="first-steps"),
    #
    path("lists/", lists.index, name="lists"),
    path("lists/new/", lists.create, name="list-create"),
    path("lists/lock/", lists.lock, name="lists-lock"),
    path("lists/unlock/", lists.unlock, name="lists-unlock"),
    path("lists/template.csv", lists.template, name="list-template"),
    path("lists/<int:pk>/", list_content.show, name="list"),
    path("lists/<int:pk>/export/", list_content.export, name="list-export"),
    path("lists/<int:pk>/settings/", lists.manage, name="list-manage"),
    path("lists/<int:pk>/rename/", lists.rename, name="list-rename"),
    path("lists/<int:pk>/delete/", lists.delete, name="list-delete"),
    #
    path("lists/<int:pk>/import/", list_imports.upload, name="list-import"),
    path("lists/<int:pk>/import/<slug:token>/columns/", list_imports.columns, name="list-import-columns"),
    path("lists/<int:pk>/import/<slug:token>/", list_imports.checked, name="list-import-checked"),
    path("lists/<int:pk>/import/<slug:token>/refused.csv", list_imports.refused, name="list-import-refused"),
    #
    path("lists/<int:pk>/sheet/", sheets.show, name="list-sheet"),
    path("lists/<int:pk>/sheet/follow/", sheets.follow, name="list-sheet-follow"),
    path("lists/<int:pk>/sheet/fetch/", sheets.fetch, name="list-sheet-fetch"),
    path("lists/<int:pk>/sheet/change/", sheets.change, name="list-sheet-change"),
    path("lists/<int:pk>/sheet/unfollow/", sheets.unfollow, name="list-sheet-unfollow"),
    #
    path("lists/<int:pk>/refused/", list_versions.open_refused, name="list-refused"),
    path("lists/<int:pk>/versions/", list_versions.index, name="list-versions"),
    path("lists/<int:pk>/versions/<int:number>/", list_versions.show, name="list-version"),
    path("lists/<int:pk>/versions/<int:number>/refused.csv", list_versions.refused, name="list-version-refused"),
    path("lists/<int:pk>/versions/<int:number>/mend/", list_versions.mend, name="list-version-mend"),
    path("lists/<int:pk>/versions/<int:number>/set-aside/", list_versions.set_aside, name="list-version-set-aside"),
    path("lists/<int:pk>/versions/<int:number>/export/", list_versions.export, name="list-version-export"),
    path("lists/<int:pk>/versions/<int:number>/restore/", list_versions.restore, name="list-version-restore"),
    path("lists/<int:pk>/compare/", list_comparing.show, name="list-compare"),
    path("lists/<int:pk>/compare/export/", list_comparing.export, name="list-compare-export"),
    #
    path("companies/", companies.index, name="companies"),
    path("companies/new/", companies.add, name="company-add"),
    path("companies/move/", companies.move, name="companies-move"),
    path("companies/release/", companies.release, name="companies-release"),
    path("companies/export/", companies.export, name="companies-export"),
    path("companies/count/", companies.count, name="companies-count"),
    path("companies/relax/", companies.relax, name="companies-relax"),
    path("companies/selection/", companies.selection, name="companies-selection"),
    path("companies/filter/", company_filter.pick, name="companies-filter"),
    path("companies/values/", company_filter.suggest, name="companies-values"),
    path("companies/views/new/", saved_views.create, name="companies-view-new"),
    path("companies/views/default/", saved_views.make_default, name="companies-view-default"),
    path("companies/views/<int:pk>/", saved_views.manage, name="companies-view"),
    path("companies/views/<int:pk>/delete/", saved_views.delete, name="companies-view-delete"),
    path("companies/<int:pk>/", company_sheet.show, name="company"),
    path("companies/<int:pk>/edit/", company_sheet.edit, name="company-edit"),
    path("companies/<int:pk>/drop/", company_sheet.drop, name="company-drop"),
    path("companies/<int:pk>/merge/", company_sheet.merge, name="company-merge"),
    path("merges/<int:pk>/split/", company_sheet.split, name="merge-split"),
    #
    path("doubles/", doubles.index, name="doubles"),
    path("doubles/answer/", doubles.answer, name="doubles-answer"),
    path("doubles/<int:pk>/reopen/", doubles.reopen, name="doubles-reopen"),
    #
    path("review/", review.index, name="review"),
    path("review/answer/", review.answer, name="review-answer"),
    path("review/undo/", review.undo_last, name="review-undo-last"),
    path("review/<int:pk>/other/", review.other, name="review-other"),
    path("review/answers/", review.answers, name="review-answers"),
    path("review/answers/<int:pk>/undo/", review.undo, name="review-undo"),
    path("review/quality/", review.quality, name="review-quality"),
    #
    path("audit/", audit.index, name="audit"),
    path("audit/export/", audit.export, name="audit-export"),
    path("audit/<int:pk>/", audit.show, name="act"),
    path("audit/<int:pk>/undo/", audit.undo, name="act-undo"),
    #
    path("settings/", settings.show, name="settings"),
    path("settings/users/", users.index, name="users"),
    path("settings/users/invite/", users.invite, name="user-invite"),
    path("settings/users/<int:pk>/", users.show, name="user"),
    path("settings/users/<int:pk>/change/", users.change, name="user-change"),
    path("settings/users/<int:pk>/link/", users.link, name="user-link"),
    path("settings/users/<int:pk>/switch/", users.switch, name="user-switch"),
    path("settings/fields/", fields.index, name="fields"),
    path("settings/fields/<slug:key>/", fields.show, name="field"),
    path("settings/fields/<slug:key>/rename/", fields.rename, name="field-rename"),
    path("settings/fields/<slug:key>/choices/", fields.add_choices, name="field-choices"),
    path("settings/fields/<slug:key>/delete/", fields.delete, name="field-delete"),
    path("settings/tokens/", tokens.index, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    #
    path("api/docs", docs.show, name="api-docs"),
    path(v1.PREFIX + "openapi.json", v1.openapi, name="api-openapi"),
    path(v1.PREFIX, v1.api.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
