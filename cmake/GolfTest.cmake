# golf_add_test(NAME x SOURCES … LIBRARIES … [LABELS …]): one GoogleTest program, each TEST a ctest entry.
if(GOLF_BUILD_TESTS)
  enable_testing()
  include(GoogleTest)
endif()

function(golf_add_test)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES} golf_test_support GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${ARG_LABELS}" SKIP_REGULAR_EXPRESSION "skipped: no reference data")
endfunction()
