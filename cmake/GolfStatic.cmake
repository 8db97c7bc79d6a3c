# Codecs, RE2 and fmt as static libraries, so that what is built runs where they are not installed. What is compiled
# is the same.
#   GOLF_STATIC        programs that need nothing of the system, for the .tar.gz: the C and C++ libraries are linked too
#   GOLF_BUILD_PYTHON  the wheel: the C library stays shared; a library without an archive is taken as it is
if(GOLF_STATIC AND GOLF_WITH_TORCH)
  message(FATAL_ERROR "GOLF_STATIC needs GOLF_WITH_TORCH=OFF: LibTorch comes as shared libraries only")
endif()
set(CMAKE_FIND_LIBRARY_SUFFIXES ${CMAKE_STATIC_LIBRARY_SUFFIX})
if(GOLF_BUILD_PYTHON)
  list(APPEND CMAKE_FIND_LIBRARY_SUFFIXES ${CMAKE_SHARED_LIBRARY_SUFFIX})
endif()
if(GOLF_STATIC)
  add_link_options(-static)
endif()

# golf_link_static_fmt(): Debian has no static libfmt. It is made here from the same headers.
function(golf_link_static_fmt)
  add_library(golf_fmt STATIC ${PROJECT_SOURCE_DIR}/cmake/fmt.cpp)
  target_include_directories(golf_fmt SYSTEM PRIVATE
    $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
  set_target_properties(golf_fmt PROPERTIES ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/cmake)
  get_target_property(configurations fmt::fmt IMPORTED_CONFIGURATIONS)
  foreach(configuration IN LISTS configurations)
    set_target_properties(fmt::fmt PROPERTIES
      IMPORTED_LOCATION_${configuration} ${PROJECT_BINARY_DIR}/cmake/libgolf_fmt.a
      IMPORTED_SONAME_${configuration} "")
  endforeach()
  add_dependencies(fmt::fmt golf_fmt)
endfunction()
