# golf_add_test(NAME x SOURCES … LIBRARIES … [LABELS …] [LONG PATTERN] [TORCH]): one GoogleTest program, each TEST a
# ctest entry; those that match PATTERN carry the label "long" instead of LABELS. A test that is skipped for want of
# data or a GPU says so. All share a precompiled header, which is most of what they would parse, but those with TORCH:
# these are compiled against LibTorch, and the environment variable GOLF_CPU_PATH chooses the model's code
# (tests/support/torch_main.cpp). Their label begins with "torch-"; the entry x.whole, started early, runs all of them
# in one process, since loading LibTorch takes longer than most of them, and lists its results in whole/x.xml.
if(GOLF_BUILD_TESTS)
  enable_testing()
  include(GoogleTest)
endif()

function(golf_add_test)
  cmake_parse_arguments(ARG "TORCH" "NAME;LONG" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES} golf_test_support GTest::gtest
    $<IF:$<BOOL:${ARG_TORCH}>,golf_torch_test_main,GTest::gtest_main>)
  if(ARG_TORCH)
    golf_use_torch(${ARG_NAME})
  elseif(TARGET golf_test_headers)
    target_precompile_headers(${ARG_NAME} REUSE_FROM golf_test_headers)
  endif()
  set(OTHERS)
  if(ARG_LONG)
    set(OTHERS TEST_FILTER "-${ARG_LONG}")
    gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST TEST_FILTER "${ARG_LONG}"
      PROPERTIES LABELS long SKIP_REGULAR_EXPRESSION "skipped: no (reference data|GPU)")
  endif()
  if(ARG_TORCH AND NOT "gpu" IN_LIST ARG_LABELS)
    string(PREPEND ARG_LABELS "torch-")  # ctest -L finds both parts.
    add_test(NAME ${ARG_NAME}.whole COMMAND ${ARG_NAME} --gtest_brief=1 "--gtest_filter=-${ARG_LONG}"
      "--gtest_output=xml:${CMAKE_BINARY_DIR}/whole/${ARG_NAME}.xml")
    set_tests_properties(${ARG_NAME}.whole PROPERTIES LABELS whole COST 100 TIMEOUT 3000)
  endif()
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST ${OTHERS}
    PROPERTIES LABELS "${ARG_LABELS}" SKIP_REGULAR_EXPRESSION "skipped: no (reference data|GPU)")
endfunction()

# golf_test_cpu_paths(NAME [FILTER]): runs a program's tests, or those that match FILTER, once more on each path that
# processors take through the model (golf/model/cpu_path.h), one ctest entry a path. LibTorch and oneDNN are held to
# the same instructions. A path that this processor cannot run is reported skipped.
function(golf_test_cpu_paths name)
  set(filter "*")
  if(ARGC GREATER 1)
    set(filter "${ARGV1}")
  endif()
  set(avx512_environment)
  set(avx2_environment ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2)
  set(baseline_environment ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41)
  set(libtorch_environment)
  foreach(path avx512 avx2 baseline libtorch)
    add_test(NAME ${name}.${path} COMMAND ${name} --gtest_brief=1 "--gtest_filter=${filter}")
    set(environment GOLF_CPU_PATH=${path} ${${path}_environment})
    set_tests_properties(${name}.${path} PROPERTIES LABELS cpu-paths SKIP_RETURN_CODE 77
      ENVIRONMENT "${environment}")
  endforeach()
endfunction()
