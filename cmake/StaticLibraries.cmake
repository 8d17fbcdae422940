# The same names as in Libraries.cmake, for a program without shared libraries: `bootstrap`, which has to run on another
# C library than Debian's. What that program does not need is left out.
set(Boost_USE_STATIC_LIBS ON)
set(OPENSSL_USE_STATIC_LIBS ON)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
find_package(Threads REQUIRED)

function(ecsr_static_library name)
  add_library(${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(${name} INTERFACE ${ARGN})
endfunction()

# pugixml's package chooses the shared library.
set_target_properties(pugixml::pugixml PROPERTIES INTERFACE_LINK_LIBRARIES pugixml::static)

# There are no archives of these two.
add_library(ecsr_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt_archive.cpp)
ecsr_static_library(fmt::fmt ecsr_fmt)
ecsr_static_library(spdlog::spdlog fmt::fmt) # header-only; one file uses it
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL)

# Packages that know shared libraries alone; archives by the names that `pkg-config --static --libs` gives.
ecsr_static_library(absl::time -labsl_time -labsl_civil_time -labsl_time_zone -labsl_strings -labsl_strings_internal
                    -labsl_throw_delegate -labsl_int128 -labsl_base -labsl_spinlock_wait -labsl_raw_logging_internal
                    -labsl_log_severity)
ecsr_static_library(yaml-cpp -lyaml-cpp)
ecsr_static_library(ZLIB::ZLIB -lz)
# The function reads no calendars, and libical would bring 30 MB of ICU's data.
ecsr_static_library(LibIcal::ical)
# Nor is the function a local ECS.
ecsr_static_library(PkgConfig::cbor)

# Debian's libcurl.a speaks more protocols than there are archives for. Only HTTP and SMTP are used, so that what it
# lacks is never called, but for initialisation, where 0 is success. Kerberos is refused.
find_library(ECSR_LIBCURL_ARCHIVE curl REQUIRED)
execute_process(COMMAND ${CMAKE_NM} -u ${ECSR_LIBCURL_ARCHIVE} OUTPUT_VARIABLE undefined ERROR_QUIET
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "U (gss_|GSS_|ldap_|ber_|RTMP_|libssh2_|psl_)[A-Za-z0-9_]+" undefined "${undefined}")
list(REMOVE_DUPLICATES undefined)
set(stubs "")
foreach(symbol IN LISTS undefined)
  string(SUBSTRING ${symbol} 2 -1 symbol)
  if(symbol MATCHES "^GSS_")
    string(APPEND stubs "extern \"C\" {\nextern void* ${symbol};\nvoid* ${symbol} = nullptr;\n}\n")
  elseif(symbol MATCHES "^gss_")
    string(APPEND stubs "extern \"C\" long ${symbol}() { return 13L << 16; } // GSS_S_FAILURE\n")
  else()
    string(APPEND stubs "extern \"C\" long ${symbol}() { return 0; }\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/curl_stubs.cpp CONTENT "${stubs}")
add_library(ecsr_curl_stubs STATIC ${CMAKE_BINARY_DIR}/curl_stubs.cpp)
ecsr_static_library(CURL::libcurl -lcurl ecsr_curl_stubs -lnghttp2 -lidn2 -lunistring OpenSSL::SSL OpenSSL::Crypto
                    -lzstd -lbrotlidec -lbrotlicommon -lz)
