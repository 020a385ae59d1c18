# One wrapper per kind of target. They are the only place that knows how Debian's LLVM and MLIR are
# linked: through libLLVM.so and libMLIR.so, never through their static archives, whose second copy
# of every TypeID fails at run time.

set(COMPRESS_WARNINGS -Wall -Wextra -Wno-unused-parameter)
if(COMPRESS_ENABLE_WERROR)
  list(APPEND COMPRESS_WARNINGS -Werror)
endif()

# compress_configure_target(target): warnings that every target of ours is built with.
function(compress_configure_target target)
  target_compile_options(${target} PRIVATE ${COMPRESS_WARNINGS})
endfunction()

# add_compress_library(name sources... [DEPENDS generated...] [LINK_LIBS libraries...])
# A library that uses MLIR.
function(add_compress_library name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS;DEPENDS" ${ARGN})
  # EXCLUDE_FROM_LIBMLIR: no object library beside the archive. DISABLE_INSTALL: own export set.
  add_mlir_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS} EXCLUDE_FROM_LIBMLIR DISABLE_INSTALL
    DEPENDS ${ARG_DEPENDS} LINK_LIBS PUBLIC ${ARG_LINK_LIBS} MLIR)
  compress_configure_target(${name})
  set_property(GLOBAL APPEND PROPERTY COMPRESS_LIBRARIES ${name})
endfunction()

# add_compress_core_library(name sources... [LINK_LIBS libraries...])
# A library that uses LLVM's support library, but no MLIR.
function(add_compress_core_library name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} LLVM)
  compress_configure_target(${name})
  set_property(GLOBAL APPEND PROPERTY COMPRESS_LIBRARIES ${name})
endfunction()

# add_compress_tool(name sources... [LINK_LIBS libraries...])
function(add_compress_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_llvm_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  compress_configure_target(${name})
  set_property(GLOBAL APPEND PROPERTY COMPRESS_TOOLS ${name})
endfunction()

# add_compress_runtime_tool(name sources...)
# A tool that only runs programs. It has LLVM's support library in itself: libLLVM.so takes longer to
# load than a bundle. There is one copy of it all the same, as nothing of libLLVM.so is linked; the
# archives of ours are therefore named as files, without what they ask for.
function(add_compress_runtime_tool name)
  add_executable(${name} ${ARGN})
  llvm_update_compile_flags(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  add_dependencies(${name} CompressCalibration CompressEncoding CompressRuntime CompressSupport)
  target_link_libraries(${name} PRIVATE $<TARGET_FILE:CompressRuntime> $<TARGET_FILE:CompressCalibration>
    $<TARGET_FILE:CompressEncoding> $<TARGET_FILE:CompressSupport>
    -Wl,--as-needed LLVMTargetParser LLVMSupport ${COMPRESS_PCRE2} Threads::Threads ${CMAKE_DL_LIBS})
  compress_configure_target(${name})
  set_property(GLOBAL APPEND PROPERTY COMPRESS_TOOLS ${name})
endfunction()

# add_compress_unittest(name sources... [LINK_LIBS libraries...])
function(add_compress_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_unittest(CompressUnitTests ${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  compress_configure_target(${name})
endfunction()

# add_compress_doc(output definitions.td option...)
# Reference text that mlir-tblgen generates with these options, as docs/<output>.md of the build
# folder; made by the target compress-doc.
function(add_compress_doc output definitions)
  get_filename_component(name ${output} NAME)
  set(LLVM_TARGET_DEFINITIONS ${definitions})
  tablegen(MLIR ${name}.md ${ARGN})
  set(copy ${CMAKE_BINARY_DIR}/docs/${output}.md)
  add_custom_command(OUTPUT ${copy}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_BINARY_DIR}/${name}.md ${copy}
    DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/${name}.md)
  string(MAKE_C_IDENTIFIER ${output}-doc target)
  add_custom_target(${target} DEPENDS ${copy})
  add_dependencies(compress-doc ${target})
endfunction()
