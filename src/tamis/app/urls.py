"""Every address of the console, a noun a block."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from tamis.app.views import (
    companies,
    company_imports,
    company_sheet,
    errors,
    jobs,
    list_content,
    list_imports,
    list_versions,
    lists,
    overview,
    review,
    sign_in,
)

urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", sign_in.choose_language, name="language"),
    #
    path("", overview.show, name="overview"),
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
    path("lists/<int:pk>/import/<slug:token>/", list_imports.checked, name="list-import-checked"),
    path("lists/<int:pk>/import/<slug:token>/refused.csv", list_imports.refused, name="list-import-refused"),
    #
    path("lists/<int:pk>/versions/", list_versions.index, name="list-versions"),
    path("lists/<int:pk>/versions/<int:number>/", list_versions.show, name="list-version"),
    path("lists/<int:pk>/versions/<int:number>/refused.csv", list_versions.refused, name="list-version-refused"),
    path("lists/<int:pk>/versions/<int:number>/export/", list_versions.export, name="list-version-export"),
    path("lists/<int:pk>/versions/<int:number>/restore/", list_versions.restore, name="list-version-restore"),
    #
    path("companies/", companies.index, name="companies"),
    path("companies/new/", companies.add, name="company-add"),
    path("companies/move/", companies.move, name="companies-move"),
    path("companies/release/", companies.release, name="companies-release"),
    path("companies/export/", companies.export, name="companies-export"),
    path("companies/import/", company_imports.upload, name="company-import"),
    path("companies/import/<int:pk>/apply/", company_imports.apply, name="company-import-apply"),
    path("companies/import/<slug:token>/", company_imports.columns, name="company-import-columns"),
    path("companies/<int:pk>/", company_sheet.show, name="company"),
    path("companies/<int:pk>/edit/", company_sheet.edit, name="company-edit"),
    path("companies/<int:pk>/drop/", company_sheet.drop, name="company-drop"),
    path("companies/<int:pk>/merge/", company_sheet.merge, name="company-merge"),
    path("merges/<int:pk>/split/", company_sheet.split, name="merge-split"),
    #
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/mine/", jobs.mine, name="jobs-mine"),
    path("jobs/<int:pk>/", jobs.show, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:pk>/files/<str:name>/", jobs.download, name="job-file"),
    #
    path("review/", review.index, name="review"),
    path("review/answer/", review.answer, name="review-answer"),
    path("review/undo/", review.undo_last, name="review-undo-last"),
    path("review/<int:pk>/other/", review.other, name="review-other"),
    path("review/answers/", review.answers, name="review-answers"),
    path("review/answers/<int:pk>/undo/", review.undo, name="review-undo"),
    path("review/quality/", review.quality, name="review-quality"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
