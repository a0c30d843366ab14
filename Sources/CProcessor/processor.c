// Kernels are compiled for x86-64-v3. A CPU without it would stop the program at the first such instruction,
// with SIGILL and no word. So a program that links this target asks before anything else runs, and this target is
// compiled for every x86-64.

#include "processor.h"

#include <string.h>
#include <unistd.h>

#ifdef __x86_64__

const char *processor_missing(void) {
  static char names[64];
  names[0] = 0;
  __builtin_cpu_init();
#define REQUIRE(feature, name) \
  if (!__builtin_cpu_supports(feature)) strcat(strcat(names, names[0] ? ", " : ""), name)
  REQUIRE("popcnt", "POPCNT");
  REQUIRE("sse4.2", "SSE4.2");
  REQUIRE("avx", "AVX");
  REQUIRE("avx2", "AVX2");
  REQUIRE("fma", "FMA");
  REQUIRE("bmi", "BMI1");
  REQUIRE("bmi2", "BMI2");
  REQUIRE("f16c", "F16C");
  REQUIRE("lzcnt", "LZCNT");
  REQUIRE("movbe", "MOVBE");
#undef REQUIRE
  return names;
}

#else

const char *processor_missing(void) { return ""; }

#endif

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(1);
}

/// Runs before `main` and before other constructors of the program.
__attribute__((constructor(101))) static void require_processor(void) {
  const char *missing = processor_missing();
  if (!missing[0]) return;
  say("error: this CPU has no ");
  say(missing);
  say("; a CPU with AVX2 and FMA is needed (x86-64-v3: Intel Core since Haswell, AMD since Excavator)\n");
  _exit(1);
}
