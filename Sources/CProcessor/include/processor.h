#pragma once

/// What the kernels need and this CPU, or its operating system, lacks, like "AVX2, FMA"; empty where nothing is
/// missing.
const char *processor_missing(void);
