# The packages that cpack makes of the component "tools": programs, manual pages, completions (GolfManuals.cmake).
#   cpack --config build/tools-only/CPackConfig.cmake    golf-tools_VERSION_ARCH.deb
#   cpack --config build/static/CPackConfig.cmake        golf-tools-VERSION-linux-PROCESSOR.tar.gz (preset static)

# Debian's policy: the license stands there under this name.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/golf-tools RENAME copyright COMPONENT tools)

set(CPACK_PACKAGE_NAME golf-tools)
set(CPACK_PACKAGE_VENDOR golf)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL tools)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
if(GOLF_STATIC)
  set(CPACK_GENERATOR TGZ)
  set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
  set(CPACK_PACKAGE_FILE_NAME golf-tools-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
else()
  set(CPACK_GENERATOR DEB)
  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_NAME golf-tools)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_MAINTAINER "golf <golf@localhost>")
  set(CPACK_DEBIAN_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"golf-pack quantizes and compresses a model's weights, golf-inspect shows where
the bytes of an artifact are and gates its size, golf-eval recomputes scores
from losses, audits data and tests margins.")
endif()
include(CPack)
