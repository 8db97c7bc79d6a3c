# GOLF_STATIC: programs that need nothing of the system, for the .tar.gz. They are linked with static libraries,
# the C and C++ libraries included; what is compiled is the same.
if(GOLF_WITH_TORCH)
  message(FATAL_ERROR "GOLF_STATIC needs GOLF_WITH_TORCH=OFF: LibTorch comes as shared libraries only")
endif()
set(CMAKE_FIND_LIBRARY_SUFFIXES ${CMAKE_STATIC_LIBRARY_SUFFIX})
add_link_options(-static)

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
