set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(ECSR_TESTS "Build the tests" ON)
option(ECSR_WERROR "Warnings are errors" OFF)
option(ECSR_STATIC "No shared libraries: for bootstrap alone, which runs on another C library" OFF)
set(ECSR_SANITIZE "" CACHE STRING "Value for -fsanitize=, or empty")

find_program(ECSR_CCACHE ccache)
if(ECSR_CCACHE)
  # Objects are shared between build folders; __FILE__ and debug paths are the same in all of them.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${ECSR_CCACHE})
endif()
find_program(ECSR_MOLD mold)
find_program(ECSR_LLD ld.lld PATHS /usr/lib/llvm-19/bin)
if(ECSR_STATIC AND ECSR_LLD)
  # It alone can put what a run touches side by side (apps/CMakeLists.txt); g++ finds it by its folder.
  cmake_path(GET ECSR_LLD PARENT_PATH lld_folder)
  add_link_options(-fuse-ld=lld -B${lld_folder})
elseif(ECSR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(ecsr_warnings INTERFACE)
target_compile_options(ecsr_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-align -Wnull-dereference -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  # g++ 12 reports these inside std::string and std::optional at -O2 and under sanitizers (GCC bugs 105329, 105562).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<BOOL:${ECSR_WERROR}>:-Werror>)

if(ECSR_SANITIZE)
  add_compile_options(-fsanitize=${ECSR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ECSR_SANITIZE})
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(ECSR_STATIC)
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-static -Wl,--gc-sections)
endif()
