# Third-party packages. libartifact's are looked for always, LibTorch only with GOLF_WITH_TORCH.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibLZMA REQUIRED)
# Linked as a library: header-only it costs every source 3 s to compile, 10 s under the sanitizers.
find_package(fmt REQUIRED)
if(GOLF_STATIC OR GOLF_BUILD_PYTHON)
  golf_link_static_fmt()
endif()
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc libbrotlidec)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# Its flag -pthread defines _REENTRANT, which no other target has: precompiled headers would not match.
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
if(GOLF_STATIC OR GOLF_BUILD_PYTHON)
  # What the shared libraries name by themselves.
  pkg_check_modules(BROTLI_COMMON REQUIRED IMPORTED_TARGET libbrotlicommon)
  set_property(TARGET PkgConfig::BROTLI APPEND PROPERTY INTERFACE_LINK_LIBRARIES PkgConfig::BROTLI_COMMON)
endif()

if(GOLF_WITH_TORCH)
  # 2.7 is the first release whose wheels all have the C++11 string ABI; the project is tested with 2.15.
  find_package(LibTorch 2.7 REQUIRED)
endif()
if(GOLF_BUILD_TESTS)
  # Who only wants the tools needs no GoogleTest. tests/run.sh fails when it finds no tests.
  find_package(GTest)
  if(NOT GTest_FOUND)
    message(STATUS "GoogleTest is not installed: the tests are not built (Debian: libgtest-dev)")
    set(GOLF_BUILD_TESTS OFF)
  endif()
endif()
