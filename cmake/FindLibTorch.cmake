# Finds LibTorch, as a pip wheel or as an unzipped archive, and makes imported targets:
#   LibTorch::c10, LibTorch::torch_cpu   the two libraries of the CPU build, with headers
#   LibTorch::torch                      what users link: both, and the CUDA pair with GOLF_WITH_CUDA
# Sets LibTorch_FOUND, LibTorch_VERSION, LIBTORCH_HOME (the folder with include/ and lib/), and with GOLF_WITH_CUDA
# LIBTORCH_CUDA_HEADERS: the folders for sources that include CUDA's or NCCL's own headers.
#
# The wheel's own TorchConfig.cmake is not used: that of a CUDA wheel demands a CUDA toolkit even from a program
# that only wants the CPU. For the same reason libtorch.so is never linked: it pulls in libtorch_cuda.so.
#
# Looked for in this order, the first that holds a LibTorch is taken:
#   1. Torch_ROOT or Torch_DIR, as a CMake or an environment variable (it is an error if none is there)
#   2. CMAKE_PREFIX_PATH
#   3. what an earlier configuration of this build folder took
#   4. the active Python environment: VIRTUAL_ENV, CONDA_PREFIX, then the torch that python3 would import
#   5. .venv in the source folder, which scripts/setup.sh makes

# The folder with include/ and lib/ that belongs to `place`, or an empty string.
function(_libtorch_home_of place out)
  set(${out} "" PARENT_SCOPE)
  if(NOT place)
    return()
  endif()
  file(GLOB in_python "${place}/lib/python3*/site-packages/torch")
  foreach(folder "${place}" "${place}/torch" "${place}/libtorch" "${place}/../.." "${place}/../../.." ${in_python})
    if(EXISTS "${folder}/lib/libtorch_cpu.so" AND EXISTS "${folder}/include/torch/csrc/api/include/torch/types.h")
      get_filename_component(folder "${folder}" REALPATH)
      set(${out} "${folder}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

function(_libtorch_version_of home out)
  set(version "")
  if(EXISTS "${home}/share/cmake/Torch/TorchConfigVersion.cmake")
    file(STRINGS "${home}/share/cmake/Torch/TorchConfigVersion.cmake" line REGEX "set\\(PACKAGE_VERSION " LIMIT_COUNT 1)
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${line}")
  endif()
  set(${out} "${version}" PARENT_SCOPE)
endfunction()

# The torch package that python3 would import; found by its path, so that nothing of it runs.
function(_libtorch_python_package out)
  set(${out} "" PARENT_SCOPE)
  find_program(LIBTORCH_PYTHON python3)
  mark_as_advanced(LIBTORCH_PYTHON)
  if(LIBTORCH_PYTHON)
    execute_process(
      COMMAND ${LIBTORCH_PYTHON} -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(${out} "${path}" PARENT_SCOPE)
  endif()
endfunction()

# Takes the LibTorch at `place`, unless one is already taken or this one is too old.
macro(_libtorch_try place origin)
  if(NOT _libtorch_home)
    _libtorch_home_of("${place}" _libtorch_candidate)
    if(_libtorch_candidate)
      _libtorch_version_of("${_libtorch_candidate}" _libtorch_candidate_version)
      if(LibTorch_FIND_VERSION AND _libtorch_candidate_version VERSION_LESS LibTorch_FIND_VERSION)
        message(STATUS "LibTorch ${_libtorch_candidate_version} at ${_libtorch_candidate} (${origin}) passed over: "
                       "at least ${LibTorch_FIND_VERSION} is needed")
      else()
        set(_libtorch_home "${_libtorch_candidate}")
        set(_libtorch_origin "${origin}")
      endif()
    endif()
  endif()
endmacro()

set(_libtorch_home "")
foreach(_libtorch_name Torch_ROOT Torch_DIR)
  foreach(_libtorch_given "${${_libtorch_name}}" "$ENV{${_libtorch_name}}")
    if(_libtorch_given AND NOT _libtorch_home)
      _libtorch_try("${_libtorch_given}" "from ${_libtorch_name}")
      if(NOT _libtorch_home)
        message(FATAL_ERROR "${_libtorch_name}=${_libtorch_given}: no usable LibTorch there (looked for lib/libtorch_cpu.so "
          "and include/torch/csrc/api/include/torch/types.h). Give the unzipped libtorch folder or the torch folder "
          "of a Python environment's site-packages, or drop ${_libtorch_name} to let CMake search.")
      endif()
    endif()
  endforeach()
endforeach()
foreach(_libtorch_given IN LISTS CMAKE_PREFIX_PATH)
  _libtorch_try("${_libtorch_given}" "from CMAKE_PREFIX_PATH")
endforeach()
_libtorch_try("${LIBTORCH_HOME}" "as configured before")
_libtorch_try("$ENV{VIRTUAL_ENV}" "the active Python environment")
_libtorch_try("$ENV{CONDA_PREFIX}" "the active Conda environment")
if(NOT _libtorch_home)
  _libtorch_python_package(_libtorch_given)
  _libtorch_try("${_libtorch_given}" "what python3 would import")
endif()
_libtorch_try("${PROJECT_SOURCE_DIR}/.venv" "the project's .venv")

if(NOT _libtorch_home)
  set(LibTorch_FOUND FALSE)
  if(LibTorch_FIND_REQUIRED)
    message(FATAL_ERROR "LibTorch not found. Run scripts/setup.sh torch to put a CPU LibTorch into .venv, or give your own "
      "with -DTorch_ROOT=FOLDER or an active Python environment that has torch; golf-pack and golf-inspect need "
      "none: cmake --preset tools-only.")
  endif()
  return()
endif()

set(LIBTORCH_HOME "${_libtorch_home}" CACHE PATH "The LibTorch in use" FORCE)
_libtorch_version_of("${LIBTORCH_HOME}" LibTorch_VERSION)
set(LibTorch_FOUND TRUE)
message(STATUS "LibTorch ${LibTorch_VERSION}: ${LIBTORCH_HOME} (${_libtorch_origin})")

# A CUDA wheel's libtorch_cpu.so needs these two even on a machine without a GPU; pip puts them beside torch.
file(GLOB _libtorch_nvidia "${LIBTORCH_HOME}/../nvidia/*/lib")
execute_process(COMMAND ldd "${LIBTORCH_HOME}/lib/libtorch_cpu.so" OUTPUT_VARIABLE _libtorch_ldd ERROR_QUIET)
string(REGEX MATCHALL "[^ \t\n]+ => not found" _libtorch_missing "${_libtorch_ldd}")
if(_libtorch_missing)
  list(JOIN _libtorch_missing ", " _libtorch_missing)
  message(FATAL_ERROR "LibTorch at ${LIBTORCH_HOME} cannot be loaded: ${_libtorch_missing}. "
    "Install these libraries beside it (pip install --no-deps nvidia-cuda-runtime nvidia-cuda-cupti) or run "
    "scripts/setup.sh torch.")
endif()

function(_libtorch_library name)
  add_library(LibTorch::${name} SHARED IMPORTED)
  set_target_properties(LibTorch::${name} PROPERTIES
    IMPORTED_LOCATION "${LIBTORCH_HOME}/lib/lib${name}.so"
    INTERFACE_INCLUDE_DIRECTORIES "${LIBTORCH_HOME}/include;${LIBTORCH_HOME}/include/torch/csrc/api/include")
endfunction()

if(NOT TARGET LibTorch::torch)
  find_package(Threads REQUIRED)
  _libtorch_library(c10)
  _libtorch_library(torch_cpu)
  set_target_properties(LibTorch::torch_cpu PROPERTIES INTERFACE_LINK_LIBRARIES "LibTorch::c10;Threads::Threads")
  add_library(LibTorch::torch INTERFACE IMPORTED)
  set_target_properties(LibTorch::torch PROPERTIES INTERFACE_LINK_LIBRARIES "LibTorch::torch_cpu;LibTorch::c10")

  # Unzipped archives before 2.7 came with the old string ABI as well; TorchConfig.cmake names it then.
  set(_libtorch_abi "")
  if(EXISTS "${LIBTORCH_HOME}/share/cmake/Torch/TorchConfig.cmake")
    file(STRINGS "${LIBTORCH_HOME}/share/cmake/Torch/TorchConfig.cmake" _libtorch_abi REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
    string(REGEX MATCH "_GLIBCXX_USE_CXX11_ABI=[01]" _libtorch_abi "${_libtorch_abi}")
  endif()
  if(_libtorch_abi)
    set_target_properties(LibTorch::c10 PROPERTIES INTERFACE_COMPILE_DEFINITIONS "${_libtorch_abi}")
  endif()

  # The linker resolves libtorch_cpu.so's own needs; at run time torch's RPATH finds them.
  foreach(_libtorch_folder IN LISTS _libtorch_nvidia)
    get_filename_component(_libtorch_folder "${_libtorch_folder}" REALPATH)
    set_property(TARGET LibTorch::torch_cpu APPEND PROPERTY INTERFACE_LINK_OPTIONS "LINKER:-rpath-link,${_libtorch_folder}")
    set_property(TARGET LibTorch::torch APPEND PROPERTY INTERFACE_LINK_OPTIONS "LINKER:-rpath,${_libtorch_folder}")
  endforeach()

  if(GOLF_WITH_CUDA)
    if(NOT EXISTS "${LIBTORCH_HOME}/lib/libtorch_cuda.so")
      message(FATAL_ERROR "GOLF_WITH_CUDA is on, but the LibTorch at ${LIBTORCH_HOME} has no libtorch_cuda.so: "
        "give a CUDA build with -DTorch_ROOT=FOLDER, or turn GOLF_WITH_CUDA off.")
    endif()
    # CUDA's and NCCL's headers: those that pip put beside torch, then those of an installed toolkit.
    find_package(CUDAToolkit QUIET)
    file(GLOB LIBTORCH_CUDA_HEADERS "${LIBTORCH_HOME}/../nvidia/cu*/include" "${LIBTORCH_HOME}/../nvidia/cuda_runtime/include"
      "${LIBTORCH_HOME}/../nvidia/nccl/include")
    list(APPEND LIBTORCH_CUDA_HEADERS ${CUDAToolkit_INCLUDE_DIRS})
    foreach(_libtorch_header cuda_runtime_api.h cublas_v2.h cusparse.h nccl.h)
      find_file(_libtorch_found ${_libtorch_header} PATHS ${LIBTORCH_CUDA_HEADERS} NO_DEFAULT_PATH NO_CACHE)
      if(NOT _libtorch_found)
        message(FATAL_ERROR "GOLF_WITH_CUDA is on, but ${_libtorch_header} is neither beside the LibTorch at ${LIBTORCH_HOME} "
          "nor in a CUDA toolkit: pip install torch with all it needs, or install the toolkit with NCCL.")
      endif()
      unset(_libtorch_found)
    endforeach()

    # What libtorch_cuda.so needs itself lies in the same places. Where some of it is missing, as in the small install
    # of scripts/setup.sh, programs still link, with every symbol of their own resolved, but do not start.
    set(_libtorch_folders ${_libtorch_nvidia} ${CUDAToolkit_LIBRARY_DIR})
    foreach(_libtorch_folder IN LISTS _libtorch_folders)
      set_property(TARGET LibTorch::torch APPEND PROPERTY INTERFACE_LINK_OPTIONS "LINKER:-rpath-link,${_libtorch_folder}")
    endforeach()
    list(JOIN _libtorch_folders ":" _libtorch_folders)
    execute_process(COMMAND ${CMAKE_COMMAND} -E env "LD_LIBRARY_PATH=${_libtorch_folders}" ldd "${LIBTORCH_HOME}/lib/libtorch_cuda.so"
      OUTPUT_VARIABLE _libtorch_ldd ERROR_QUIET)
    string(REGEX MATCHALL "[^ \t\n]+ => not found" _libtorch_missing "${_libtorch_ldd}")
    if(_libtorch_missing)
      list(REMOVE_DUPLICATES _libtorch_missing)
      list(JOIN _libtorch_missing ", " _libtorch_missing)
      message(STATUS "LibTorch's CUDA part cannot be loaded here: ${_libtorch_missing}. Programs link, but start only where "
        "torch is installed with all it needs.")
      set_property(TARGET LibTorch::torch APPEND PROPERTY INTERFACE_LINK_OPTIONS "LINKER:--unresolved-symbols=ignore-in-shared-libs")
    endif()

    # Torch's CUDA headers call the runtime from inline functions. pip's has no name without a version.
    set(_libtorch_cudart "")
    foreach(_libtorch_folder IN LISTS _libtorch_nvidia CUDAToolkit_LIBRARY_DIR)
      file(GLOB _libtorch_found "${_libtorch_folder}/libcudart.so*")
      list(APPEND _libtorch_cudart ${_libtorch_found})
    endforeach()
    if(NOT _libtorch_cudart)
      message(FATAL_ERROR "GOLF_WITH_CUDA is on, but libcudart.so is neither beside the LibTorch at ${LIBTORCH_HOME} nor in a "
        "CUDA toolkit: pip install nvidia-cuda-runtime.")
    endif()
    list(GET _libtorch_cudart 0 _libtorch_cudart)

    _libtorch_library(c10_cuda)
    _libtorch_library(torch_cuda)
    # Nothing refers to libtorch_cuda.so by symbol: it registers its kernels when loaded, so it must stay linked.
    set_property(TARGET LibTorch::torch APPEND PROPERTY INTERFACE_LINK_OPTIONS
      "LINKER:--no-as-needed,${LIBTORCH_HOME}/lib/libtorch_cuda.so,--as-needed")
    set_property(TARGET LibTorch::torch APPEND PROPERTY INTERFACE_LINK_LIBRARIES
      LibTorch::torch_cuda LibTorch::c10_cuda "${_libtorch_cudart}")
  endif()
endif()
