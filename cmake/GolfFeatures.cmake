# golf_list_features(FOLDER VARIABLE): the sources in FOLDER, and feature_list.inc in the build folder with one line
# GOLF_FEATURE(name) for each, so that adding a model feature is adding its sources.
function(golf_list_features folder variable)
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${folder}/*.cpp)
  set(list "")
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    string(APPEND list "GOLF_FEATURE(${name})\n")
  endforeach()
  file(CONFIGURE OUTPUT feature_list.inc CONTENT "${list}" @ONLY)
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()
