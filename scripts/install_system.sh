#!/bin/sh
# What tests and checks want beside Python: PostgreSQL, Chromium, gettext, Java for Spark. Installed when missing and
# allowed (root on Debian or Ubuntu); otherwise the tests that need them are skipped, saying so.
missing=""
[ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || command -v initdb >/dev/null || missing="$missing postgresql"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || [ -n "${CHROMIUM:-}" ] || missing="$missing chromium"
command -v msgfmt >/dev/null || missing="$missing gettext"
command -v java >/dev/null || missing="$missing default-jre-headless"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing$missing"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "Not installed:$missing. The tests that need them are skipped; to have them: sudo apt-get install$missing" >&2
exit 0
