#!/usr/bin/env bash
# Installs what the project needs and this machine lacks (Debian 12). A second run finds everything and ends at once.
#
#   scripts/setup.sh [GROUP...]      all groups but tidy, page, packages and wheel when none is named
#     build   compiler, CMake and the libraries of golf-pack and golf-inspect
#     test    GoogleTest, Google Benchmark, clang-format
#     tidy    clang-tidy
#     page    Chromium, in which a test opens the pages of golf-inspect --html (290 MB on the disk)
#     packages  what cpack needs for a .deb, and what the manual pages and completions are tried with
#     text    what samples/quickstart.sh makes its tokenizer and shards with
#     wheel   what the Python package is built and tested with: headers of Python; from PyPI, into .venv-wheel, build
#             tools, and NumPy for fresh environments
#     torch   a CPU LibTorch from PyPI in .venv, unless you have one already: Torch_ROOT or Torch_DIR set, an active
#             Python or Conda environment with torch, or a torch that python3 would import; and Gloo's headers, with
#             which golf-train runs as several processes
#
# Exit status: 0 everything is there; 3 something is missing that only root may install (the apt line is printed) or
# that does not fit on the disk; 4 a download failed; 2 no such group.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Pinned together: torch 2.15.0's libtorch_cpu.so loads the other two even on a machine without a GPU. The rest of
# the CUDA wheels (several GB) is left out.
torch_version=2.15.0
torch_wheels=(torch==$torch_version nvidia-cuda-runtime==13.5.37 nvidia-cuda-cupti==13.5.25)
# What builds the wheel, and what its tests install beside it.
wheel_tools=(scikit-build-core==1.1.2 nanobind==3.1.0)
wheel_test_packages=(numpy==2.4.6 ml-dtypes==0.6.0)
torch_oldest=2.7          # as in cmake/GolfDependencies.cmake
torch_disk_mb=2600        # wheel and unpacked files side by side

declare -A packages=(
  [build]="cmake ninja-build g++ ccache pkg-config git libzstd-dev liblzma-dev zlib1g-dev libbrotli-dev libre2-dev libcli11-dev
           libfmt-dev nlohmann-json3-dev"
  [test]="libgtest-dev libbenchmark-dev lrzip clang-format-14 python3 python3-numpy"
  [text]="sentencepiece python3"
  [wheel]="python3 python3-dev python3-venv"
  [tidy]="clang-tidy-14"
  [page]="chromium"
  [packages]="dpkg-dev file binutils man-db groff-base zsh fish"
  [torch]="python3 python3-venv"
  [ranks]="libgloo-dev"
)

say() { echo "setup: $*" >&2; }
die() { say "$2"; exit "$1"; }

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system; please see to these packages or their like: $*"
    return
  fi
  local missing=() name
  for name in $(printf '%s\n' "$@" | sort -u); do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" == installed ]] || missing+=("$name")
  done
  (( ${#missing[@]} )) || return 0

  local as_root=()
  if (( EUID != 0 )); then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      as_root=(sudo)
    else
      say "these packages are missing and only root may install them; please run"
      echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
      exit 3
    fi
  fi
  say "installing ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3
             -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  local log
  log=$(mktemp)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die 4 "apt-get failed; all it said is in $log"
  fi
  rm -f "$log"
}

# Whether folder $1 (a torch package or an unzipped archive) is a LibTorch that is new enough.
usable_torch() {
  [[ -e "$1/lib/libtorch_cpu.so" ]] || return 1
  local version
  version=$(sed -n 's/^set(PACKAGE_VERSION "\([0-9.]*\).*/\1/p' "$1/share/cmake/Torch/TorchConfigVersion.cmake" 2>/dev/null)
  [[ -n "$version" && "$(printf '%s\n' "$torch_oldest" "$version" | sort -V | head -n 1)" == "$torch_oldest" ]]
}

# Prints where the user's own LibTorch is, if there is one: the places cmake/FindLibTorch.cmake looks in before .venv.
users_torch() {
  local folder
  for folder in "${Torch_ROOT:-}" "${Torch_DIR:-}"; do
    [[ -z "$folder" ]] || { echo "$folder"; return 0; }  # CMake checks it and says what is wrong with it
  done
  for folder in "${VIRTUAL_ENV:-/nonexistent}"/lib/python3*/site-packages/torch \
                "${CONDA_PREFIX:-/nonexistent}"/lib/python3*/site-packages/torch \
                "$(python3 -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")' 2>/dev/null || true)"; do
    if usable_torch "$folder"; then echo "$folder"; return 0; fi
  done
  return 1
}

# Whether .venv has the pinned LibTorch, completely: pip writes INSTALLER last, and the loader finds every library.
venv_is_complete() {
  local site
  site=$(echo .venv/lib/python3*/site-packages)
  [[ -e "$site/torch-$torch_version.dist-info/INSTALLER" ]] || return 1
  ! ldd "$site/torch/lib/libtorch_cpu.so" | grep -q 'not found'
}

install_torch() {
  local free_mb
  free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
  (( free_mb >= torch_disk_mb )) || die 3 "LibTorch needs $torch_disk_mb MB here while it installs; $free_mb MB are free"
  say "LibTorch $torch_version into .venv (a download of about 500 MB)"
  [[ -x .venv/bin/python3 ]] || python3 -m venv --clear .venv
  mkdir -p .venv/tmp
  local pip=(env TMPDIR="$PWD/.venv/tmp" .venv/bin/python3 -m pip --quiet --disable-pip-version-check --retries 5)
  # From 25.1 on pip takes up a broken download where it stopped; with an older one it starts again.
  "${pip[@]}" install --no-cache-dir 'pip>=25.1' || say "pip stays as it is"
  local resume=() attempt
  if "${pip[@]}" install --help | grep -q -- --resume-retries; then resume=(--resume-retries 20); fi
  for attempt in 1 2 3; do
    if "${pip[@]}" install --no-cache-dir --no-deps "${resume[@]}" "${torch_wheels[@]}"; then break; fi
    say "attempt $attempt of 3 failed"
  done
  rm -rf .venv/tmp
  venv_is_complete || die 4 "LibTorch did not install; run this again, or give your own with Torch_ROOT=FOLDER"
}

# The wheels for the tests lie in .venv-wheel/packages, with a list of what was asked for beside them.
wheel_is_complete() {
  [[ "$(cat .venv-wheel/packages/list 2>/dev/null)" == "${wheel_tools[*]} ${wheel_test_packages[*]}" ]]
}

install_wheel_tools() {
  say "build tools of the Python package into .venv-wheel"
  python3 -m venv --clear .venv-wheel
  local pip=(.venv-wheel/bin/python -m pip --quiet --disable-pip-version-check --retries 5)
  "${pip[@]}" install "${wheel_tools[@]}" &&
    "${pip[@]}" download --only-binary :all: --no-deps -d .venv-wheel/packages "${wheel_test_packages[@]}" ||
    die 4 "the build tools of the Python package did not install; run this again"
  echo "${wheel_tools[*]} ${wheel_test_packages[*]}" > .venv-wheel/packages/list
}

(( $# )) || set -- build test text torch
wanted=() torch_wanted= wheel_wanted=
for group in "$@"; do
  case "$group" in
    build | test | tidy | text | page | packages) wanted+=(${packages[$group]}) ;;
    wheel)
      wanted+=(${packages[wheel]})
      wheel_is_complete || wheel_wanted=yes
      ;;
    torch)
      wanted+=(${packages[ranks]})
      if own=$(users_torch); then
        say "LibTorch: yours, $own"
      elif ! venv_is_complete; then
        wanted+=(${packages[torch]}) torch_wanted=yes
      fi
      ;;
    *) die 2 "no group '$group'; there are build, test, tidy, text, page, packages, wheel, torch" ;;
  esac
done
(( ${#wanted[@]} == 0 )) || install_packages "${wanted[@]}"
if [[ -n "$wheel_wanted" ]]; then install_wheel_tools; fi
if [[ -n "$torch_wanted" ]]; then install_torch; fi
