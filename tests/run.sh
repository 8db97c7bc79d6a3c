#!/usr/bin/env bash
# Runs every check there is, cheapest first, installing what is missing. CI runs this too.
#
#   tests/run.sh             all stages but long
#   tests/run.sh STAGE...    some of them:
#     format       the sources are as clang-format 14 leaves them, and no two types have one name
#     tools-only   golf-pack and golf-inspect without LibTorch, optimized; the command-line tests but the documentation's
#     asan-ubsan   all Torch-free unit tests and the quicker half of the command-line tests, under the address and
#                  undefined-behavior sanitizers
#     dev          all tools with LibTorch, all tests but those labelled long or gpu and the command-line tests of
#                  golf-pack and golf-inspect alone: compiled alike, they are the programs that tools-only has tested;
#                  a program with LibTorch runs all its tests in one process
#     cuda         golf-train compiled and linked with CUDA and NCCL where a CUDA toolkit and a CUDA LibTorch are; the
#                  tests labelled gpu where there is a GPU too. Reuses what dev compiled, through ccache
#     install      an install tree, and a project that finds it with find_package(golf)
#     packages     the .deb and the static .tar.gz, unpacked and tried; with CI=true as root, installed with apt too
#     wheel        the Python package: built, installed into a fresh environment, tested there
#     long         the tests labelled long, in the build of dev: training runs of 160 and 200 steps; 20 runs that are killed
#
# The last line counts tests; each stage's full log is build/logs/STAGE.log. Exit status 1 when anything failed.
# Tests that compare with reference data are skipped where it is absent ($GOLF_REFERENCE_DATA, ../shared/data).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

passed=0 failed=0 skipped=0 remark=
jobs=$(nproc)
logs=$PWD/build/logs
mkdir -p "$logs"

# Runs a stage's function with its output in the log; counts it as one test itself when it says so by failing.
stage() {
  local name=$1 start=$SECONDS before=$failed
  remark=
  echo "── $name"
  if "${name//-/_}" >"$logs/$name.log" 2>&1; then :; else
    # A failed build or check; failed tests have been counted one by one.
    (( failed > before )) || (( failed += 1 ))
  fi
  if (( failed > before )); then
    grep -nE '(^|[^a-z_])(error|warning|FAILED|Failed|\*\*\*)' "$logs/$name.log" | tail -n 20 | cut -c 1-240
    echo "   … end of build/logs/$name.log:"
    tail -n 30 "$logs/$name.log" | cut -c 1-240 | sed 's/^/   /'
  fi
  [[ -z "$remark" ]] || echo "   $name: $remark"
  echo "   $name: $(( failed > before )) problem(s), $(( SECONDS - start )) s" | sed 's/: 0 problem(s)/: ok/; s/: 1 problem(s)/: FAILED/'
}

# count_tests JUNIT_FILE: adds a ctest run's results; fails when it ran no test.
count_tests() {
  local tests failures not_run
  read -r tests failures not_run < <(tr -d '\t' < "$1" | tr '\n' ' ' |
    sed -nE 's/.*tests="([0-9]+)" failures="([0-9]+)" disabled="[0-9]+" skipped="([0-9]+)".*/\1 \2 \3\n/p')
  (( passed += tests - failures - not_run, failed += failures, skipped += not_run ))
  (( tests > 0 ))
}

# count_whole FOLDER: the same for the results of programs that ran whole; each has been counted as one test already.
count_whole() {
  local results tests failures not_run
  for results in "$1"/*.xml; do
    [[ -e $results ]] || continue
    read -r tests failures < <(sed -nE 's/^<testsuites tests="([0-9]+)" failures="([0-9]+)".*/\1 \2/p' "$results")
    not_run=$(grep -c 'result="skipped"' "$results")
    (( passed += tests - failures - not_run, skipped += not_run ))
    (( failures > 0 ? (failed += failures - 1) : (passed -= 1) ))
  done
  return 0
}

# configure_build_test PRESET TARGET [CTEST_OPTION...]
configure_build_test() {
  cmake --preset "$1" && cmake --build "build/$1" -j "$jobs" --target "$2" || return 1
  local results=$logs/$1.xml status=0
  rm -f "$results"
  ctest --preset "$1" -j "$jobs" --output-junit "$results" "${@:3}" || status=1
  count_tests "$results" || { echo "error: build/$1 has no tests"; return 1; }
  return $status
}

format() {
  git ls-files '*.h' '*.cpp' '*.cu' | xargs clang-format-14 --dry-run -Werror &&
    python3 tests/type_names.py && (( passed += 2 ))
}

tools_only() { configure_build_test tools-only golf-cli-tests -L cli -LE docs; }
asan_ubsan() { configure_build_test asan-ubsan all -LE docs; }
# Labels with "torch" are left out: the tests with LibTorch, whose programs run whole, and torch-free commands.
dev() {
  rm -rf build/dev/whole
  configure_build_test dev all -LE 'long|gpu|torch'
  local status=$?
  count_whole build/dev/whole
  return $status
}
long() { configure_build_test dev all -L long; }

# skip REASON: this stage has nothing to do here.
skip() {
  remark="skipped: $1"
  (( skipped += 1 ))
}

cuda() {
  command -v nvcc || [[ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ]] || { skip "no CUDA toolkit (nvcc) here"; return 0; }
  if ! cmake --preset cuda; then
    grep -q 'GOLF_WITH_CUDA is on, but' "$logs/cuda.log" || return 1
    skip "no CUDA LibTorch, or no NCCL, here (build/logs/cuda.log says what is missing)"
    return 0
  fi
  cmake --build build/cuda -j "$jobs" --target golf-train && (( passed += 1 )) || return 1
  if ! build/cuda/bin/golf-train --version; then
    remark="compiled and linked; cannot start: libraries of the full CUDA wheel are missing (docs/H100.md)"
  elif ! nvidia-smi -L; then
    remark="compiled, linked and started; tests labelled gpu skipped: no GPU"
  else
    configure_build_test cuda all -L gpu
  fi
}

install() {
  local tree=$PWD/build/install-tree toy=$PWD/build/install-toy
  rm -rf "$tree" "$toy"
  cmake --preset tools-only && cmake --build build/tools-only -j "$jobs" --target golf-cli-tests &&
    cmake --install build/tools-only --prefix "$tree" &&
    "$tree/bin/golf-pack" --version && "$tree/bin/golf-inspect" --version &&
    cmake -S tests/install -B "$toy" -G Ninja -DCMAKE_PREFIX_PATH="$tree" && cmake --build "$toy" && "$toy/toy" &&
    (( passed += 1 ))
}

packages() {
  local tools=(golf-pack golf-inspect golf-eval)
  rm -rf build/tools-only/packages build/static/packages
  cmake --preset tools-only && cmake --build build/tools-only -j "$jobs" --target "${tools[@]}" golf-make-cli-inputs &&
    cmake --preset static && cmake --build build/static -j "$jobs" --target "${tools[@]}" &&
    cpack --config build/tools-only/CPackConfig.cmake && cpack --config build/static/CPackConfig.cmake &&
    bash tests/packages/check.sh --bin build/tools-only/bin build/tools-only/packages/*.deb \
      build/static/packages/*.tar.gz &&
    (( passed += 1 ))
}

# Fails when a file needs a library that neither every system nor the package has.
check_libraries() {
  ! ldd "$@" | grep -F '=>' | grep -vE '^\s*(libc|libm|libpthread|libdl|libstdc\+\+|libgcc_s)\.so|=> [^ ]*/golf/libre2\.so'
}

# The inputs of the command-line tests, as python/tests/support.py expects them.
make_wheel_inputs() {
  local make=build/tools-only/bin/golf-make-cli-inputs
  cmake --preset tools-only && cmake --build build/tools-only -j "$jobs" --target golf-make-cli-inputs &&
    mkdir -p "$1/foreign" "$1/bad" && "$make" "$1" && "$make" "$1/foreign" foreign && "$make" "$1/bad" bad-artifacts
}

wheel() {
  local built=$PWD/build/wheel fresh=$PWD/build/wheel-env inputs=$PWD/build/wheel-inputs tests failures skips
  rm -rf "$built" "$fresh" "$inputs"
  # Compiled as in tools-only, by the compiler of the same name, so that ccache has the libraries.
  CXX=c++ PATH="$PWD/.venv-wheel/bin:$PATH" .venv-wheel/bin/python -m pip wheel . --no-deps --no-build-isolation -w "$built" \
    --config-settings cmake.define.GOLF_WERROR=ON &&
    .venv-wheel/bin/python -m venv "$fresh" &&
    "$fresh/bin/pip" install --no-index --find-links .venv-wheel/packages "$built"/golf_tools-*.whl numpy ml-dtypes &&
    check_libraries "$fresh"/bin/golf-* "$fresh"/lib/python3*/site-packages/golf/_native*.so &&
    make_wheel_inputs "$inputs" || return 1
  GOLF_TEST_INPUTS=$inputs "$fresh/bin/python" python/tests/run.py
  # Without this line the interpreter died.
  read -r tests failures skips < <(sed -nE 's/^tests ([0-9]+) failed ([0-9]+) skipped ([0-9]+)$/\1 \2 \3/p' \
    "$logs/wheel.log") || return 1
  (( passed += tests - failures - skips, failed += failures, skipped += skips ))
  remark=$(du -h --apparent-size "$built"/*.whl | awk '{ print "wheel of " $1 }')
  (( tests > 0 && failures == 0 ))
}

stages=("$@")
(( ${#stages[@]} )) || stages=(format tools-only asan-ubsan dev cuda install packages wheel)
needs=(build test)
for name in "${stages[@]}"; do
  case "$name" in
    format | tools-only | asan-ubsan | install) ;;
    packages) needs+=(packages) ;;
    wheel) needs+=(wheel) ;;
    dev | long | cuda) needs+=(torch) ;;
    *) echo "tests/run.sh: no stage '$name'; there are format, tools-only, asan-ubsan, dev, cuda, install, packages, wheel, long" >&2; exit 2 ;;
  esac
done
scripts/setup.sh "${needs[@]}" || exit
for name in "${stages[@]}"; do stage "$name"; done

echo "all stages: $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
(( failed == 0 && passed + skipped > 0 ))
