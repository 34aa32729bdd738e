# polytag_add_library(NAME [PUBLIC library…] [PRIVATE library…]): a library of this project, to be
# filled by target_sources(NAME). NAME itself is the objects, compiled once, of which both
# NAME_static and NAME_shared are made. polytag::COMPONENT is one of the two, as BUILD_SHARED_LIBS
# says. PUBLIC are libraries of this project; those of others are PRIVATE.
# The programs of this project look inside, so they link NAME_static.
function(polytag_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 LIBRARY "" "" "PUBLIC;PRIVATE")
  add_library(${name} OBJECT)
  polytag_target_defaults(${name})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${name} PRIVATE ${LIBRARY_PRIVATE})
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    VERIFY_INTERFACE_HEADER_SETS ON)

  string(REGEX REPLACE "^polytag_" "" component ${name})
  foreach(kind static shared)
    string(TOUPPER ${kind} type)
    add_library(${name}_${kind} ${type} $<TARGET_OBJECTS:${name}>)
    polytag_target_defaults(${name}_${kind})
    target_include_directories(${name}_${kind} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    list(TRANSFORM LIBRARY_PUBLIC APPEND _${kind} OUTPUT_VARIABLE libraries)
    target_link_libraries(${name}_${kind} PUBLIC ${libraries} PRIVATE ${LIBRARY_PRIVATE})
    set_target_properties(${name}_${kind} PROPERTIES
      OUTPUT_NAME ${name} EXPORT_NAME ${component} LINKER_LANGUAGE CXX
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
      INSTALL_RPATH $ORIGIN)
  endforeach()
  # A component that needs what polytag does not export fails here, not in somebody's program. A
  # sanitizer's own functions come with the program.
  target_link_options(${name}_shared PRIVATE
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/polytag.map)
  if(NOT POLYTAG_SANITIZE)
    target_link_options(${name}_shared PRIVATE -Wl,--no-undefined)
  endif()
  set_target_properties(${name}_shared PROPERTIES
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/polytag.map)
  if(BUILD_SHARED_LIBS)
    add_library(polytag::${component} ALIAS ${name}_shared)
  else()
    add_library(polytag::${component} ALIAS ${name}_static)
  endif()
endfunction()

# What every target of this project is built with. Warnings and sanitizers stay private.
function(polytag_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
  # GCC 12 warns of its own string and optional at -O3 (its bugs 105329, 105562, 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  if(POLYTAG_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(POLYTAG_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${POLYTAG_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${POLYTAG_SANITIZE})
  endif()
endfunction()
