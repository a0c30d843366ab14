#pragma once
#include <dnnl.h>
// clang does not find libgomp's own omp.h; these are the three calls that are needed of it.
extern void omp_set_num_threads(int);
extern int omp_get_max_threads(void);
