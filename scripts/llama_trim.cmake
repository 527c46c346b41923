# Included inside llama.cpp's own project, after the Python package has forced its settings on.

# The Python binding uses the core library alone; the common library would add minutes of compiling.
set(LLAMA_BUILD_COMMON OFF)

# On a processor with AMX, what GCC 12 (Debian 12's) makes of this one file dies of an illegal instruction:
# llama_tile_config.h says why, and mends it.
set(MENDED_TILE_CONFIG "${CMAKE_CURRENT_LIST_DIR}/llama_tile_config.h")
function(mend_tile_config)
    set_property(
        SOURCE "${CMAKE_CURRENT_SOURCE_DIR}/ggml/src/ggml-cpu/amx/mmq.cpp"
        TARGET_DIRECTORY ggml-cpu
        APPEND PROPERTY COMPILE_OPTIONS -include "${MENDED_TILE_CONFIG}")
endfunction()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    cmake_language(DEFER CALL mend_tile_config)
endif()
