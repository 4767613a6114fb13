#!/usr/bin/env bash
# Runs a command in a small Debian root that holds Swift 6, which Debian 12 itself does not have.
#
#   ios/tools/swift-root.sh swift test --package-path ios
#   ios/tools/swift-root.sh --make      only make the root
#   ios/tools/swift-root.sh --where     print its folder
#
# The packages are Debian 13's, taken with the host's own apt (its mirror, proxy and signing keys), unpacked
# into the cache folder without running any of their scripts, and entered with unshare + chroot. Needs apt,
# dpkg, tar and util-linux; no root privilege where user namespaces are allowed. Making it is safe to
# interrupt and to start twice; its name is a digest of this recipe, so a changed recipe is another root.
#
#   SOFTTOKEN_CACHE   cache folder           ($XDG_CACHE_HOME/softtoken, ~/.cache/softtoken)
#   SWIFT_ROOT_BIND   shown inside, writable (the git work tree), as are the folders in SWIFT_ROOT_MORE
#   SWIFT_ROOT_ENV    names of further variables to pass in
set -euo pipefail
umask 022

suite=trixie
cache=${SOFTTOKEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/softtoken}
arch=$(dpkg --print-architecture)
packages=(base-files dash bash coreutils grep sed gawk tzdata libc6-dev swiftlang swiftlang-dev libstdc++-14-dev)
# What a build and a test never open: a third of the size.
omit=('./usr/share/doc/*' './usr/share/man/*' './usr/share/locale/*' './usr/share/info/*'
      './usr/libexec/swift/bin/lldb*' './usr/libexec/swift/lib/liblldb*' './usr/libexec/swift/bin/clangd'
      './usr/libexec/swift/bin/sourcekit-lsp' './usr/libexec/swift/bin/docc' './usr/libexec/swift/lib/swift_static/*')
recipe=$(printf '%s\n' 1 "$suite" "$arch" "${packages[@]}" "${omit[@]}" | sha256sum | cut -c1-12)
root=$cache/swift-$suite-$arch-$recipe

die() { echo "swift-root: $*" >&2; exit 1; }
# What a machine without the means says; `cargo xtask test` counts it as a skip.
unavailable() { die "not available here: $*"; }

# An apt of its own for the other suite: the host's settings stay in force but for its sources and its state.
write_apt_settings() {
  local apt=$1 mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(CREATED_BY) $(LABEL) $(REPO_URI)' |
    awk '$1 == "Packages" && $2 == "Debian" { print $3; exit }')
  [ -n "$mirror" ] || die "apt's sources name no Debian mirror"
  [ -r $keyring ] || die "no $keyring: install debian-archive-keyring"
  mkdir -p "$apt"/{lists,archives}/partial
  : >"$apt/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear APT::Architectures;
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
Debug::NoLocking "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
END
}

unpack() { # PACKAGE-FILE INTO OMIT-LIST
  set -o pipefail
  dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink --no-same-owner --exclude-from="$3"
}
export -f unpack

make_root() {
  local apt=$cache/apt-$suite new=$root.new started=$SECONDS names
  write_apt_settings "$apt"
  local get=(apt-get -qq -c "$apt/apt.conf")
  echo "swift-root: fetching Debian $suite's Swift" >&2
  "${get[@]}" update
  "${get[@]}" --yes --download-only install "${packages[@]}" >&2
  # Exactly what was resolved now: the folder may hold older versions too.
  names=$("${get[@]}" --yes --download-only --print-uris -o Dir::Cache::archives="$apt/none" \
    install "${packages[@]}" | awk '/^\047/ { print $2 }')
  [ -n "$names" ] || die "apt named no package"
  rm -rf "$new"
  mkdir -p "$new"
  printf '%s\n' "${omit[@]}" >"$apt/omit"
  # base-files first, for its links such as /bin -> usr/bin; the others side by side, the largest first.
  unpack "$apt/archives/$(grep '^base-files_' <<<"$names")" "$new" "$apt/omit"
  # shellcheck disable=SC2086,SC2016  # names of packages have no spaces; $1-$3 belong to the inner shell
  (cd "$apt/archives" && ls -S -- $names) |
    xargs -P "$(nproc)" -I{} bash -c 'unpack "$1/{}" "$2" "$3"' unpack "$apt/archives" "$new" "$apt/omit"
  # What the packages' scripts would have done, and Swift needs.
  ln -sfn dash "$new/usr/bin/sh"
  ln -sfn gawk "$new/usr/bin/awk"
  mkdir -p "$new"/{proc,sys,dev,tmp,root,etc}
  echo 'root:x:0:0:root:/root:/bin/bash' >"$new/etc/passwd"
  echo 'root:x:0:' >"$new/etc/group"
  touch "$new/.complete"
  rm -rf "$root"
  mv -T "$new" "$root"
  rm -rf "$apt/archives" # 0.5 GB that nothing reads again
  echo "swift-root: $(wc -w <<<"$names") packages, $(du -sh "$root" | cut -f1), $((SECONDS - started)) s" >&2
}

if [ ! -e "$root/.complete" ]; then
  mkdir -p "$cache"
  exec 9>"$cache/lock-swift-$suite" # one maker at a time; the lock ends with the process
  flock 9
  # In a shell of its own, so that a failure anywhere in it comes out here.
  [ -e "$root/.complete" ] || bash -c "$(declare -p suite cache arch packages omit root)
    $(declare -f write_apt_settings unpack make_root die); export -f unpack; set -euo pipefail; make_root" ||
    unavailable "Debian $suite's packages cannot be fetched or unpacked"
  exec 9>&-
fi
case ${1:-} in
  --make | '') exit 0 ;;
  --where) echo "$root"; exit 0 ;;
esac

binds=("$(realpath -- "${SWIFT_ROOT_BIND:-$(git rev-parse --show-toplevel)}")")
for folder in ${SWIFT_ROOT_MORE:-}; do binds+=("$(realpath -- "$folder")"); done
pass=()
for name in ${SWIFT_ROOT_ENV:-} TERM CI; do
  [ -z "${!name+x}" ] || pass+=("$name=${!name}")
done
spaces=(unshare --mount --propagation private)
[ "$(id -u)" = 0 ] || spaces+=(--map-root-user)
"${spaces[@]}" /bin/true || unavailable "this machine lets nobody mount or change the root"
# shellcheck disable=SC2016  # quoted for the inner shell
exec "${spaces[@]}" /bin/sh -euc '
  root=$1 cwd=$2 binds=$3; shift 3
  mount --rbind /proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  echo "127.0.0.1 localhost" >"$root/etc/hosts" # programs of the host that run inside look for it
  echo "$binds" | while read -r folder; do
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
  done
  exec chroot "$root" /usr/bin/env -i -C "$cwd" "$@"
' swift-root "$root" "$PWD" "$(printf '%s\n' "${binds[@]}")" \
  PATH=/usr/libexec/swift/bin:/usr/bin:/bin HOME=/root LANG=C.UTF-8 "${pass[@]}" "$@"
