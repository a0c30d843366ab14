#pragma once
#include <dlfcn.h>
#include <stddef.h>

// Where Debian, Ubuntu and Homebrew put the header; pkg-config, which knows too, would link the library.
#if __has_include("/opt/homebrew/opt/openblas/include/lapacke.h")
#include "/opt/homebrew/opt/openblas/include/lapacke.h"
#else
#include <lapacke.h>
#endif

// LAPACKE and OpenBLAS are loaded when the first eigenproblem is solved, not linked: OpenBLAS starts threads when it is
// loaded, and a command that says how it is used needs none of it.

// The calls that are needed of OpenBLAS itself, whose header has a name of its own on every system.
void openblas_set_num_threads(int);
char *_Nullable openblas_get_config(void);
char *_Nullable openblas_get_corename(void);

/// The functions that are called.
#define CLAPACKE_FUNCTIONS(each) \
  each(LAPACKE_dsyevd) each(openblas_set_num_threads) each(openblas_get_config) each(openblas_get_corename)

typedef struct {
#define CLAPACKE_FIELD(name) __typeof__(&name) _Nonnull name;
  CLAPACKE_FUNCTIONS(CLAPACKE_FIELD)
#undef CLAPACKE_FIELD
} clapacke_library;

/// Loads the libraries at the two paths; NULL if one is not there or a function is in none. Not for two threads at once.
static inline const clapacke_library *_Nullable clapacke_load(
    const char *_Nonnull openblas, const char *_Nonnull lapacke) {
  static clapacke_library library;
  // Global, so that a library put in front of them (LD_PRELOAD) comes first, as for linked ones. They look for what they
  // call in themselves before they search the program and all its libraries, which takes as long as all the rest.
  int mode = RTLD_LAZY | RTLD_GLOBAL;
#ifdef RTLD_DEEPBIND
  // The address sanitizer ends a program that asks for it.
  if (!dlsym(RTLD_DEFAULT, "__asan_init")) mode |= RTLD_DEEPBIND;
#endif
  if (!dlopen(openblas, mode) || !dlopen(lapacke, mode)) return NULL;
#define CLAPACKE_FIND(name)                                                 \
  {                                                                         \
    __typeof__(&name) found = (__typeof__(&name))dlsym(RTLD_DEFAULT, #name); \
    if (!found) return NULL;                                                \
    library.name = found;                                                   \
  }
  CLAPACKE_FUNCTIONS(CLAPACKE_FIND)
#undef CLAPACKE_FIND
  return &library;
}
