import Foundation
import TestSupport
import Testing

/// A LAPACK that is wrong unless OpenBLAS has certain kernels, put in front of the installed one.
private let wrongLibrary = """
  #define _GNU_SOURCE
  #include <dlfcn.h>
  #include <stdlib.h>
  #include <string.h>
  int LAPACKE_dsyevd(int layout, char job, char part, int n, double *a, int lda, double *w) {
    int (*real)(int, char, char, int, double *, int, double *) = dlsym(RTLD_NEXT, "LAPACKE_dsyevd");
    int info = real(layout, job, part, n, a, lda, w);
    const char *kernels = getenv("OPENBLAS_CORETYPE"), *right = getenv("RIGHT_KERNELS");
    if (n > 8 && (!kernels || !right || strcmp(kernels, right))) a[n + 3] += 0.01;
    return info;
  }
  """

/// What commands do where OpenBLAS computes wrongly.
@Suite struct LibraryCheckTests {
  private func spectrum(_ variables: String) throws -> CommandRun {
    try withTemporaryFolder { folder in
      try Data(wrongLibrary.utf8).write(to: folder.appending(path: "wrong.c"))
      return try CommandRun(
        shell: """
          clang -shared -fPIC -o wrong.so wrong.c -ldl && unset OPENBLAS_CORETYPE && \
          LD_PRELOAD=$PWD/wrong.so \(variables) trainer evaluate --help > /dev/null && \
          LD_PRELOAD=$PWD/wrong.so \(variables) trainer train --epochs 1 --architecture linear -q -o run
          """, in: folder)
    }
  }

  @Test func aCommandStartsAgainWithOtherKernelsAndSaysSo() throws {
    let run = try spectrum("RIGHT_KERNELS=Haswell")
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines.first?.hasPrefix("note: OpenBLAS ") == true, "\(run.errors)")
    #expect(run.errors.contains("starting again with OPENBLAS_CORETYPE=Haswell"))
    #expect(run.output.contains("run/model.ckpt"))
  }

  @Test func whereNothingHelpsNothingIsComputed() throws {
    let run = try spectrum("RIGHT_KERNELS=none")
    #expect(run.status == 1 && !run.output.contains("model.ckpt"))
    #expect(run.errors.contains("error: OpenBLAS ") && run.errors.contains("does not help"))
  }
}
