# Fails unless LISTED, the headers that the libraries' file sets name, are all of those in FOLDER:
# what is not listed is neither installed nor compiled alone.
file(GLOB_RECURSE present ${FOLDER}/*.hpp)
list(SORT present)
list(SORT LISTED)
if(NOT present STREQUAL LISTED)
  set(absent ${LISTED})
  list(REMOVE_ITEM absent ${present})
  list(REMOVE_ITEM present ${LISTED})
  message(FATAL_ERROR "in ${FOLDER} and no file set: ${present}\nin a file set and not there, or "
                      "listed twice: ${absent}")
endif()
