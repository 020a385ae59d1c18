# find_package(Compress) from the build tree and from an installation. Included once, after all
# targets exist: AddCompress.cmake records them in COMPRESS_LIBRARIES and COMPRESS_TOOLS.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(COMPRESS_EXPORTED GLOBAL PROPERTY COMPRESS_LIBRARIES)
get_property(tools GLOBAL PROPERTY COMPRESS_TOOLS)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Compress)

foreach(library IN LISTS COMPRESS_EXPORTED)
  target_include_directories(${library} INTERFACE
    "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include;${CMAKE_CURRENT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
endforeach()

install(TARGETS ${COMPRESS_EXPORTED} EXPORT CompressTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(tools)
  install(TARGETS ${tools} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/compress ${CMAKE_CURRENT_BINARY_DIR}/include/compress
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "*.td" PATTERN "CMakeFiles" EXCLUDE)

install(EXPORT CompressTargets DESTINATION ${package_dir})
export(EXPORT CompressTargets FILE ${CMAKE_CURRENT_BINARY_DIR}/lib/cmake/Compress/CompressTargets.cmake)

# Both trees use this one file: it finds CompressTargets.cmake beside itself.
set(config ${CMAKE_CURRENT_BINARY_DIR}/lib/cmake/Compress/CompressConfig.cmake)
set(version ${CMAKE_CURRENT_BINARY_DIR}/lib/cmake/Compress/CompressConfigVersion.cmake)
configure_package_config_file(cmake/CompressConfig.cmake.in ${config}
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${version} COMPATIBILITY SameMinorVersion)
install(FILES ${config} ${version} DESTINATION ${package_dir})
