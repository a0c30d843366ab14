// Seconds of a sum over all ranks as they take it: everybody's share to everybody, and the result back.
// mpicc -O2 plots/clusters/exchange.c -o exchange && mpirun -n 2 ./exchange
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static void exchange(char *out, char *in, int size, int rank, long share) {
  MPI_Request requests[2 * size];
  int count = 0;
  for (int other = 0; other < size; other++) {
    if (other == rank) continue;
    MPI_Irecv(in + other * share, (int)share, MPI_BYTE, other, 0, MPI_COMM_WORLD, &requests[count++]);
    MPI_Isend(out + other * share, (int)share, MPI_BYTE, other, 0, MPI_COMM_WORLD, &requests[count++]);
  }
  MPI_Waitall(count, requests, MPI_STATUSES_IGNORE);
}

int main(int argc, char **argv) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  for (long bytes = 64; bytes <= 128L << 20; bytes *= 8) {
    char *sums = calloc(bytes + size, 1), *results = calloc(bytes + size, 1);
    int repeats = bytes < 1 << 16 ? 500 : 3;
    double best = 1e9;
    // The smallest of several: whoever else has the cores only adds to it.
    for (int round = 0; round < 8; round++) {
      MPI_Barrier(MPI_COMM_WORLD);
      double start = MPI_Wtime();
      for (int i = 0; i < repeats; i++) {
        exchange(sums, results, size, rank, bytes / size);
        exchange(results, sums, size, rank, bytes / size);
      }
      double seconds = (MPI_Wtime() - start) / repeats;
      if (seconds < best) best = seconds;
    }
    if (rank == 0)
      printf("%9ld bytes: %10.2f us, %6.2f GB/s in each direction\n", bytes, 1e6 * best,
             2.0 * bytes * (size - 1) / size / best / 1e9);
    free(sums);
    free(results);
  }
  MPI_Finalize();
}
