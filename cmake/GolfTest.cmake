# golf_add_test(NAME x SOURCES … LIBRARIES … [LABELS …] [LONG PATTERN] [TORCH]): one GoogleTest program, each TEST a
# ctest entry; those that match PATTERN carry the label "long" instead of LABELS. With TORCH it is compiled against
# LibTorch. A test that is skipped for want of data or a GPU says so. All others share a precompiled header, which is most of what they would parse.
if(GOLF_BUILD_TESTS)
  enable_testing()
  include(GoogleTest)
endif()

function(golf_add_test)
  cmake_parse_arguments(ARG "TORCH" "NAME;LONG" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES} golf_test_support GTest::gtest GTest::gtest_main)
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
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST ${OTHERS}
    PROPERTIES LABELS "${ARG_LABELS}" SKIP_REGULAR_EXPRESSION "skipped: no (reference data|GPU)")
endfunction()
