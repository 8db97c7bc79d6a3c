# golf_use_torch(TARGET [OWN_PCH]): compiles the target against LibTorch.
#
# Torch's headers take 20 to 40 s a source to parse, so every such target shares one precompiled header: golf_model makes
# it (OWN_PCH), the others reuse it. GCC accepts a precompiled header only under the options it was made with, hence the
# equal definitions here and -fPIC for programs as well as libraries.
function(golf_use_torch target)
  cmake_parse_arguments(ARG "OWN_PCH" "" "" ${ARGN})
  target_link_libraries(${target} PUBLIC LibTorch::torch)
  # Torch brings its own fmt headers, newer than the system's: never mix in the system's library.
  target_compile_definitions(${target} PRIVATE FMT_HEADER_ONLY)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # lets ccache see through the precompiled header
    # g++ 12 at -O3 takes members that a designated initializer leaves to their defaults for uninitialized.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL EXECUTABLE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
  if(ARG_OWN_PCH)
    target_precompile_headers(${target} PRIVATE <fmt/format.h> <torch/types.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM golf_model)
  endif()
endfunction()
