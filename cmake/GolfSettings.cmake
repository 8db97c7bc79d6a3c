# Language level, warnings, sanitizers, output folders: what every target of the project shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Sources of a library are compiled several at a time, for most of a source's time goes into headers: LibTorch's take
# 5 s even precompiled. So names in anonymous namespaces must differ within a library (docs/adr/0009-sources-compiled-together.md).
# -DCMAKE_UNITY_BUILD=OFF compiles each alone.
option(CMAKE_UNITY_BUILD "Compile several sources at a time" ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
# An installed tool finds LibTorch where the build found it.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# Scores and artifacts must not depend on the compiler's freedom to fuse multiply and add.
add_compile_options(-Wall -Wextra -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 reports these for correct uses of std::vector and std::string (GCC bugs 105329, 107852).
  add_compile_options(-Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-restrict)
endif()
if(GOLF_WERROR)
  add_compile_options(-Werror)
endif()
if(GOLF_SANITIZE)
  add_compile_options(-fsanitize=${GOLF_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GOLF_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Sanitizer instrumentation hides from g++ that a std::variant's inactive members are never read.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
if(GOLF_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "GOLF_BUILD_FUZZERS needs clang, which has libFuzzer: configure with --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

find_program(GOLF_CCACHE ccache)
if(GOLF_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers need these relaxations to be cacheable. With paths below the source folder taken as relative,
  # build folders that compile alike (dev and cuda) share what they compile, and so do clones.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${GOLF_CCACHE})
endif()

# golf_share_headers(TARGET [OWN]): compiles a library with the headers that nearly every Torch-free source includes
# precompiled: golf_artifact makes them (OWN), the others reuse them. They are a third of the compiling.
function(golf_share_headers target)
  cmake_parse_arguments(ARG "OWN" "" "" ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # lets ccache see through the precompiled header
  endif()
  if(ARG_OWN)
    target_precompile_headers(${target} PRIVATE
      <fmt/format.h> <algorithm> <array> <cmath> <functional> <map> <optional> <span> <string> <string_view> <vector>)
  else()
    target_precompile_headers(${target} REUSE_FROM golf_artifact)
  endif()
endfunction()
