#!/usr/bin/env bash
# Installs on Debian 12 what building, testing and the demo need. Does nothing where all is present.
#
# LLVM 22 is part of Debian 12's security archive (suite bookworm-security). A system made with
# debootstrap has no source for that suite; it is added then, from the mirror that the system uses.
set -euo pipefail
. "$(dirname "$0")/common.sh"

packages=(
  # Compiler, linker and checks.
  clang-22 clang-format-22 clang-tidy-22 lld-22
  # What the project is built on.
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools liblld-22-dev
  libeigen3-dev libpcre2-dev zlib1g-dev libzstd-dev
  # Build and tests.
  cmake ninja-build ccache libgtest-dev libgmock-dev libbenchmark-dev
  # Scripts and the demo's download.
  python3 python3-pip ca-certificates
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "All ${#packages[@]} packages that the project needs are installed."
  exit 0
fi

command -v apt-get >/dev/null || fail "these scripts install packages with apt-get, which this system lacks;" \
  "install LLVM, MLIR, clang and lld 22 and the rest of the list in $0 by other means"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "installing ${missing[*]} needs root: run this as root or install sudo"
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
    -o Acquire::Retries=5 -o Dpkg::Use-Pty=0 "$@"
}

has_candidate() {
  local candidate
  candidate=$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p')
  [ -n "$candidate" ] && [ "$candidate" != "(none)" ]
}

# Prints the address of the archive that serves the suite "bookworm", from one-line and deb822 sources.
debian_mirror() {
  find /etc/apt -maxdepth 2 -name '*.list' -exec \
    sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) +bookworm +.*/\2/p' {} +
  # Stanzas are separated by empty lines; awk reads one as a record and its lines as fields.
  find /etc/apt -maxdepth 2 -name '*.sources' -exec awk -v RS= -F '\n' '
    / bookworm( |\n|$)/ { for (i = 1; i <= NF; i++) if (sub(/^URIs: */, "", $i)) print $i }' {} +
}

add_security_suite() {
  local codename mirror security list=/etc/apt/sources.list.d/bookworm-security.list
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
  [ "$codename" = bookworm ] || fail "LLVM 22 is not among this system's packages (release: $codename);" \
    "these scripts know how to get it on Debian 12 (bookworm)"
  mirror=$(debian_mirror | head -n 1)
  [ -n "$mirror" ] || fail "no source for the suite bookworm in /etc/apt;" \
    "add one for bookworm-security, where Debian 12 has LLVM 22"
  # .../debian and .../debian/20250101T000000Z/ alike.
  security=$(printf '%s\n' "$mirror" | sed -E 's#/debian(/|$)#/debian-security\1#')
  [ "$security" != "$mirror" ] || fail "can't tell the address of the security archive from $mirror;" \
    "add a source for the suite bookworm-security, where Debian 12 has LLVM 22"
  step "Add the suite bookworm-security of $security, where Debian 12 has LLVM 22 ($list)"
  echo "deb $security bookworm-security main" | "${as_root[@]}" tee "$list" >/dev/null
}

step "Install ${#missing[@]} of ${#packages[@]} packages: ${missing[*]}"
# A package source that does not answer is only a warning here: what counts is that the packages can be had.
apt update || echo "warning: some package sources did not answer"
if ! has_candidate llvm-22-dev; then
  add_security_suite
  apt update || echo "warning: some package sources did not answer"
  has_candidate llvm-22-dev || fail "the package sources have no llvm-22-dev;" \
    "add the suite bookworm-security of a Debian mirror to /etc/apt/sources.list"
fi
apt install --no-install-recommends "${missing[@]}" ||
  fail "apt-get could not install ${missing[*]}; its own message stands above"
