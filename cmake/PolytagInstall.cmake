# Installs the library, its headers and its package files; relocatable: nothing names the prefix.
include(CMakePackageConfigHelpers)

set(POLYTAG_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/polytag)
install(TARGETS polytag EXPORT polytag-targets
  RUNTIME COMPONENT polytag_Runtime
  LIBRARY COMPONENT polytag_Runtime NAMELINK_COMPONENT polytag_Development
  ARCHIVE COMPONENT polytag_Development
  FILE_SET HEADERS COMPONENT polytag_Development)
install(EXPORT polytag-targets NAMESPACE polytag:: DESTINATION ${POLYTAG_CMAKE_DIR}
  COMPONENT polytag_Development)
if(POLYTAG_BUILD_CLI)
  install(TARGETS polytag_cli RUNTIME COMPONENT polytag_Tools)
endif()

configure_package_config_file(cmake/polytagConfig.cmake.in polytagConfig.cmake
  INSTALL_DESTINATION ${POLYTAG_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
# Below 1.0 a new minor version may change the interface.
write_basic_package_version_file(polytagConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/polytagConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/polytagConfigVersion.cmake
    cmake/Findutf8proc.cmake
  DESTINATION ${POLYTAG_CMAKE_DIR} COMPONENT polytag_Development)

# The way from the .pc file back to the prefix: a multiarch libdir is a level deeper.
file(RELATIVE_PATH POLYTAG_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
set(POLYTAG_PC_LIBS_PRIVATE "-lutf8proc -lpthread")
if(POLYTAG_WITH_ONEDNN)
  string(APPEND POLYTAG_PC_LIBS_PRIVATE " -ldnnl")
endif()
configure_file(cmake/polytag.pc.in polytag.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/polytag.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT polytag_Development)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the polytag authors")
set(CPACK_PACKAGE_CONTACT "the polytag authors <maintainers@polytag.example>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
include(CPack)
