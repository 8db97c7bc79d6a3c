# The install tree: tools in bin/ with manual pages and completions (component "tools", GolfPackages.cmake),
# libartifact with its headers and a CMake package (golf::artifact), documents.
# The Torch libraries are not installed: their headers would tie a user to one LibTorch build.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

foreach(tool golf-pack golf-inspect golf-eval golf-train)
  if(TARGET ${tool})
    install(TARGETS ${tool} RUNTIME COMPONENT tools)
  endif()
endforeach()

set_target_properties(golf_artifact PROPERTIES EXPORT_NAME artifact)
install(TARGETS golf_artifact EXPORT golfTargets ARCHIVE)
install(DIRECTORY libartifact/include/ TYPE INCLUDE FILES_MATCHING PATTERN "*.h")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/golf)
install(EXPORT golfTargets NAMESPACE golf:: DESTINATION ${package_dir})
configure_package_config_file(cmake/golfConfig.cmake.in golfConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(golfConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/golfConfig.cmake ${PROJECT_BINARY_DIR}/golfConfigVersion.cmake
  DESTINATION ${package_dir})
install(FILES README.md CHANGELOG.md LICENSE TYPE DOC)
