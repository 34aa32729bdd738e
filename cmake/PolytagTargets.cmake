# What every target of this project is built with. Warnings and sanitizers stay private.
function(polytag_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
  if(POLYTAG_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(POLYTAG_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${POLYTAG_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${POLYTAG_SANITIZE})
  endif()
endfunction()
