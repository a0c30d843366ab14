#pragma once
#include <dlfcn.h>
#include <stddef.h>

// Where Debian, Ubuntu and Homebrew put the header; pkg-config, which knows too, would link the library.
#if __has_include(<hdf5/serial/hdf5.h>)
#include <hdf5/serial/hdf5.h>
#elif __has_include("/opt/homebrew/include/hdf5.h")
#include "/opt/homebrew/include/hdf5.h"
#else
#include <hdf5.h>
#endif

// libhdf5 is loaded when a file is written, not linked: in Debian it brings many other libraries (of networks and
// logins), whose loading would slow down the start of every command of the program.

/// The functions that are called.
#define CHDF5_FUNCTIONS(each)                                                                      \
  each(H5Dclose) each(H5Dcreate2) each(H5Dwrite) each(H5Eset_auto2) each(H5Fclose) each(H5Fcreate) \
  each(H5Fflush) each(H5Fget_file_image) each(H5Pclose) each(H5Pcreate)                            \
  each(H5Pset_create_intermediate_group) each(H5Pset_fapl_core) each(H5Pset_obj_track_times)       \
  each(H5Sclose) each(H5Screate) each(H5Screate_simple) each(H5Tclose) each(H5Tcopy)               \
  each(H5Tset_cset) each(H5Tset_size) each(H5get_libversion) each(H5open)

/// The identifiers that are named, which the library makes when it starts.
#define CHDF5_IDENTIFIERS(each)                                                              \
  each(file_access, H5P_CLS_FILE_ACCESS_ID_g) each(dataset_creation, H5P_CLS_DATASET_CREATE_ID_g) \
  each(link_creation, H5P_CLS_LINK_CREATE_ID_g) each(text, H5T_C_S1_g)                            \
  each(float32, H5T_IEEE_F32LE_g) each(float64, H5T_IEEE_F64LE_g) each(int32, H5T_STD_I32LE_g)    \
  each(int64, H5T_STD_I64LE_g)

typedef struct {
#define CHDF5_FIELD(name) __typeof__(&name) _Nonnull name;
  CHDF5_FUNCTIONS(CHDF5_FIELD)
#undef CHDF5_FIELD
#define CHDF5_FIELD(name, variable) __typeof__(variable) name;
  CHDF5_IDENTIFIERS(CHDF5_FIELD)
#undef CHDF5_FIELD
} chdf5_library;

/// Version of the headers, which the library's must be: types and names differ between versions.
enum { chdf5_major = H5_VERS_MAJOR, chdf5_minor = H5_VERS_MINOR };

/// H5F_ACC_TRUNC, whose macro calls the library beside giving this number.
static inline unsigned chdf5_truncate(void) { return 0x0002u; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }

/// Loads the library from `path`; NULL if it is not there, of another version, or lacks a function. Not for two
/// threads at once.
static inline const chdf5_library *_Nullable chdf5_load(const char *_Nonnull path) {
  static chdf5_library library;
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return NULL;
#define CHDF5_FIND(name)                                        \
  {                                                             \
    __typeof__(&name) found = (__typeof__(&name))dlsym(handle, #name); \
    if (!found) return NULL;                                   \
    library.name = found;                                      \
  }
  CHDF5_FUNCTIONS(CHDF5_FIND)
#undef CHDF5_FIND
  unsigned major = 0, minor = 0, release = 0;
  if (library.H5get_libversion(&major, &minor, &release) < 0 || major != chdf5_major || minor != chdf5_minor)
    return NULL;
  if (library.H5open() < 0) return NULL;
#define CHDF5_FIND(name, variable)                                            \
  {                                                                           \
    __typeof__(&variable) found = (__typeof__(&variable))dlsym(handle, #variable); \
    if (!found) return NULL;                                                 \
    library.name = *found;                                                   \
  }
  CHDF5_IDENTIFIERS(CHDF5_FIND)
#undef CHDF5_FIND
  return &library;
}
