# golf_manuals(TOOL): the tool's manual page and its completions for three shells, which it prints from its own option
# tables, made and installed with it. Called in the folder that adds the tool.
include(GNUInstallDirs)
find_program(GOLF_GZIP gzip)

function(golf_manuals tool)
  # A program that links CUDA does not start on every machine that can compile it.
  if(GOLF_WITH_CUDA)
    return()
  endif()
  set(made ${PROJECT_BINARY_DIR}/manuals)
  set(page ${made}/${tool}.1)
  set(compress "")
  if(GOLF_GZIP)
    set(compress COMMAND ${GOLF_GZIP} -9nf ${page})
    string(APPEND page .gz)
  endif()
  add_custom_command(TARGET ${tool} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
    COMMAND $<TARGET_FILE:${tool}> --print-man > ${made}/${tool}.1
    ${compress}
    COMMAND $<TARGET_FILE:${tool}> --print-completion bash > ${made}/${tool}.bash
    COMMAND $<TARGET_FILE:${tool}> --print-completion zsh > ${made}/${tool}.zsh
    COMMAND $<TARGET_FILE:${tool}> --print-completion fish > ${made}/${tool}.fish
    VERBATIM)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
  # Where each shell looks for the completion of a program by its name.
  install(FILES ${made}/${tool}.bash RENAME ${tool}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT tools)
  install(FILES ${made}/${tool}.zsh RENAME _${tool}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT tools)
  install(FILES ${made}/${tool}.fish RENAME ${tool}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT tools)
endfunction()
