# Runs PROGRAM ARGUMENTS and fails unless it prints the contents of EXPECTED.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS}
  OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE status)
file(READ ${EXPECTED} expected)
if(NOT status EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} exited with ${status}\n-- printed:\n${printed}-- expected:\n"
                      "${expected}-- errors:\n${errors}")
endif()
