# Included inside llama.cpp's own project, after the Python package has forced these on.
# The Python binding uses the core library alone; the common library would add minutes of compiling.
set(LLAMA_BUILD_COMMON OFF)
