#!/bin/sh
# Installs deskrun from the archive of a release, for this user or below any prefix, and removes it again.
#
#   sh install.sh                         into ~/.local
#   sh install.sh --prefix /usr/local     into /usr/local; as root where that folder is root's
#   sh install.sh --version 1.2.3         that release instead of the newest
#   sh install.sh --uninstall             removes what it installed
#
# Nothing is written before the checksum is right, and sudo is never called.
set -eu

repository="@REPOSITORY@"
url=
prefix=
version=
action=install

fail() {
  for line; do echo "$line" >&2; done
  exit 1
}

usage() {
  cat <<'END'
Usage: sh install.sh [--prefix DIR] [--version VERSION] [--uninstall]
  --prefix DIR        where to install (default: ~/.local)
  --version VERSION   the release to install (default: the newest)
  --uninstall         remove what was installed below the prefix
  --url URL           a folder with an archive and SHA256SUMS, instead of github.com
END
}

# The installed files; outside of share/doc/deskrun, the archive has no others.
manifest=share/deskrun/files

while [ $# -gt 0 ]; do
  case $1 in
    --prefix=* | --version=* | --url=*) value=${1#*=} option=${1%%=*} ;;
    --prefix | --version | --url)
      option=$1
      [ $# -ge 2 ] || fail "$1 needs a value."
      value=$2
      shift
      ;;
    --uninstall) action=uninstall option='' value='' ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "Unknown option: $1"
      ;;
  esac
  case $option in
    --prefix) prefix=$value ;;
    --version) version=${value#v} ;;
    --url) url=${value%/} ;;
  esac
  shift
done

if [ -z "$prefix" ]; then
  [ -n "${HOME:-}" ] || fail "HOME is not set. Say where to install: --prefix DIR"
  prefix=$HOME/.local
fi
case $prefix in
  /*) ;;
  *) fail "--prefix must be an absolute path, not \"$prefix\"." ;;
esac
[ "$prefix" = / ] || prefix=${prefix%/}

if [ "$action" = uninstall ]; then
  [ -f "$prefix/$manifest" ] || fail "install.sh has not installed deskrun in $prefix." \
    "If it is elsewhere: sh install.sh --uninstall --prefix DIR"
  [ -w "$prefix/share/deskrun" ] || fail "$prefix/share/deskrun cannot be written. Run this as its owner."
  while read -r file; do
    case $file in
      "" | /* | *..*) continue ;;
    esac
    rm -f "$prefix/$file" || fail "$prefix/$file cannot be removed. Run this as its owner."
  done <"$prefix/$manifest"
  rm -f "$prefix/$manifest"
  # Folders that are empty now, including those that did not exist before.
  for folder in share/deskrun share/doc/deskrun share/doc share/systemd/user share/systemd share/man/man1 share/man/man5 \
    share/man share/bash-completion/completions share/bash-completion share/zsh/site-functions share/zsh \
    share/fish/vendor_completions.d share/fish share bin; do
    rmdir "$prefix/$folder" 2>/dev/null || true
  done
  echo "Removed deskrun from $prefix."
  echo "Kept: ~/.deskrun (configuration, history, logs), ~/.cache/deskrun (caches) and ~/.local/state/deskrun (the demo)."
  exit 0
fi

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=macos ;;
  *) fail "No release of deskrun found for $(uname -s)." ;;
esac
case $system-$(uname -m) in
  macos-*) machine=universal ;;
  *-x86_64 | *-amd64) machine=x86_64 ;;
  *-aarch64 | *-arm64) machine=aarch64 ;;
  *) fail "No release of deskrun found for $(uname -m)." ;;
esac

if command -v curl >/dev/null; then
  get() { curl -fsSL --retry 3 -o "$2" "$1"; }
elif command -v wget >/dev/null; then
  get() { wget -q -O "$2" "$1"; }
else
  fail "Neither curl nor wget was found; one of them is needed to download deskrun."
fi
if command -v sha256sum >/dev/null; then
  sum() { sha256sum "$1" | cut -d ' ' -f 1; }
elif command -v shasum >/dev/null; then
  sum() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
else
  fail "Neither sha256sum nor shasum was found; one of them is needed to check what was downloaded."
fi

if [ -z "$url" ]; then
  case $repository in
    */*[!@]) ;;
    *) fail "This install.sh belongs to no release. Give the address of one: --url URL" ;;
  esac
  if [ -n "$version" ]; then
    url=https://github.com/$repository/releases/download/v$version
  else
    url=https://github.com/$repository/releases/latest/download
  fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

get "$url/SHA256SUMS" "$work/SHA256SUMS" || fail "$url/SHA256SUMS cannot be downloaded."
# The list of checksums also contains the version.
line=$(grep "  deskrun-${version:-[0-9][^ ]*}-$system-$machine\.tar\.gz\$" "$work/SHA256SUMS" || true)
[ "$(printf '%s' "$line" | grep -c .)" -eq 1 ] ||
  fail "$url has no deskrun ${version:+$version }for $system-$machine."
wanted=${line%% *}
archive=${line##* }
get "$url/$archive" "$work/$archive" || fail "$url/$archive cannot be downloaded."
found=$(sum "$work/$archive")
[ "$found" = "$wanted" ] || fail "The checksum of $archive is wrong, so nothing was installed." \
  "  expected $wanted" "  found    $found"

tar -xzf "$work/$archive" -C "$work"
tree=$work/${archive%.tar.gz}
[ -x "$tree/bin/deskrun" ] || fail "$archive has no bin/deskrun."
version=$("$tree/bin/deskrun" version --output name) ||
  fail "The program in $archive cannot run on this system, so nothing was installed."
# What the unit of systemd starts, and what \`deskrun version\` says.
if [ -f "$tree/share/systemd/user/deskrun-record.service" ]; then
  sed "s,^ExecStart=[^ ]*,ExecStart=$prefix/bin/deskrun," "$tree/share/systemd/user/deskrun-record.service" >"$work/unit"
  cat "$work/unit" >"$tree/share/systemd/user/deskrun-record.service"
fi
sed 's/"tarball"/"script"/' "$tree/share/deskrun/package.json" >"$work/package"
cat "$work/package" >"$tree/share/deskrun/package.json"
(cd "$tree" && find bin share -type f | sort) >"$work/files"

# All or nothing: first check that every folder is writable.
while read -r file; do
  folder=$prefix/${file%/*}
  if ! mkdir -p "$folder" 2>/dev/null || ! [ -w "$folder" ]; then
    fail "$folder cannot be written, so nothing was installed." \
      "Run this as its owner, or choose another place: sh install.sh --prefix DIR"
  fi
  [ ! -d "$prefix/$file" ] || fail "$prefix/$file is a directory, so nothing was installed."
done <"$work/files"
# First next to the final place: a running program cannot be overwritten, but it can be replaced.
while read -r file; do
  cp -p "$tree/$file" "$prefix/$file.new$$"
  mv -f "$prefix/$file.new$$" "$prefix/$file"
done <"$work/files"
cp "$work/files" "$prefix/$manifest"

echo "Installed deskrun $version in $prefix."
case :$PATH: in
  *":$prefix/bin:"*) ;;
  *) echo "$prefix/bin is not on your PATH. Add this to the file your shell reads at its start: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
echo "See it work: deskrun --demo tui"
