# Installs the libraries, static and shared, their headers and their package files; relocatable:
# nothing names the prefix. Each component of the package has target files of its own.
include(CMakePackageConfigHelpers)

set(POLYTAG_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/polytag)
file(RELATIVE_PATH POLYTAG_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)

# polytag_install(NAME [DESCRIPTION words] [REQUIRES package…] [LIBS_PRIVATE flag…]): a library with
# its pkg-config file.
function(polytag_install name)
  cmake_parse_arguments(PARSE_ARGV 1 PC "" "DESCRIPTION" "REQUIRES;LIBS_PRIVATE")
  install(TARGETS ${name} FILE_SET HEADERS COMPONENT polytag_Development)
  foreach(kind static shared)
    install(TARGETS ${name}_${kind} EXPORT ${name}-${kind}
      LIBRARY COMPONENT polytag_Runtime NAMELINK_COMPONENT polytag_Development
      ARCHIVE COMPONENT polytag_Development)
    install(EXPORT ${name}-${kind} NAMESPACE polytag:: FILE ${name}-${kind}-targets.cmake
      DESTINATION ${POLYTAG_CMAKE_DIR} COMPONENT polytag_Development)
  endforeach()
  list(JOIN PC_REQUIRES " " PC_REQUIRES)
  list(JOIN PC_LIBS_PRIVATE " " PC_LIBS_PRIVATE)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/polytag.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT polytag_Development)
endfunction()

polytag_install(polytag DESCRIPTION "${PROJECT_DESCRIPTION}"
  LIBS_PRIVATE -lutf8proc -lpthread)
if(POLYTAG_WITH_EIGEN)
  polytag_install(polytag_eigen DESCRIPTION "polytag on Eigen's matrix products"
    REQUIRES polytag)
endif()
if(POLYTAG_WITH_ONEDNN)
  polytag_install(polytag_onednn DESCRIPTION "polytag on oneDNN's matrix products"
    REQUIRES polytag LIBS_PRIVATE -ldnnl)
endif()
if(POLYTAG_BUILD_CLI)
  install(TARGETS polytag_cli RUNTIME COMPONENT polytag_Tools)
endif()

configure_file(cmake/polytagConfig.cmake.in polytagConfig.cmake @ONLY)
# Below 1.0 a new minor version may change the interface.
write_basic_package_version_file(polytagConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/polytagConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/polytagConfigVersion.cmake
    cmake/Findutf8proc.cmake
  DESTINATION ${POLYTAG_CMAKE_DIR} COMPONENT polytag_Development)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the polytag authors")
set(CPACK_PACKAGE_CONTACT "the polytag authors <maintainers@polytag.example>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
include(CPack)
