#!/usr/bin/env bash
# Brings the clients that the tests of this folder run, where this machine can have them: ruby-gitlab and glab from Debian (glab
# from a newer suite than the machine's own), the npm ones into the cache of the tests. A test whose client is missing is
# skipped and says so; so nothing here ends a run.
set -uo pipefail
cache="${XDG_CACHE_HOME:-$HOME/.cache}/teaspoon-tests"
mkdir -p "$cache"

npm_clients="@gitbeaker/cli@43.8.0 @zereight/mcp-gitlab@2.1.64"
if [ "$(cat "$cache/npm-clients/installed" 2>/dev/null)" != "$npm_clients" ]; then
  mkdir -p "$cache/npm-clients"
  # shellcheck disable=SC2086
  npm install --prefix "$cache/npm-clients" --no-audit --no-fund --no-save --loglevel=error $npm_clients &&
    echo "$npm_clients" >"$cache/npm-clients/installed" || echo "not installed: $npm_clients"
fi

if ! command -v ruby >/dev/null || ! ruby -e 'require "gitlab"' 2>/dev/null; then
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends ruby-gitlab; } >/dev/null 2>&1 ||
    echo "not installed: ruby-gitlab"
fi

if [ ! -x "$cache/glab/usr/bin/glab" ] && command -v dpkg >/dev/null; then
  apt="$(mktemp -d)"
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/deb"
  archive="$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive trixie main" >"$apt/sources.list"
  options="-qq -o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=$apt/lists"
  # shellcheck disable=SC2086
  (cd "$apt/deb" && apt-get $options -o Dir::Cache="$apt" update && apt-get $options -o Dir::Cache="$apt" download glab) \
    >/dev/null 2>&1 && dpkg -x "$apt"/deb/glab_*.deb "$cache/glab" || echo "not installed: glab"
  rm -rf "$apt"
fi
exit 0
