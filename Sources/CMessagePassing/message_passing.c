#include "message_passing.h"

#ifdef MPI_TRAIT

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

/// All ranks; a copy, so that no other library's messages are taken for ours.
static MPI_Comm ranks = MPI_COMM_NULL;

struct message_request {
  MPI_Request handle;
};

int message_passing_start(int *rank, int *size) {
  int provided = 0;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  if (code != MPI_SUCCESS) return code;
  if (provided < MPI_THREAD_SERIALIZED) return MPI_ERR_OTHER;
  code = MPI_Comm_dup(MPI_COMM_WORLD, &ranks);
  if (code != MPI_SUCCESS) return code;
  // Errors are returned, so that they are told as all others are.
  MPI_Comm_set_errhandler(ranks, MPI_ERRORS_RETURN);
  code = MPI_Comm_rank(ranks, rank);
  if (code != MPI_SUCCESS) return code;
  return MPI_Comm_size(ranks, size);
}

int message_passing_finish(void) { return MPI_Finalize(); }

void message_passing_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

void message_passing_error(int code, char *text, size_t capacity) {
  char buffer[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (capacity == 0) return;
  if (MPI_Error_string(code, buffer, &length) != MPI_SUCCESS) length = 0;
  if ((size_t)length >= capacity) length = (int)capacity - 1;
  memcpy(text, buffer, (size_t)length);
  text[length] = 0;
}

static int begin(int code, message_request *created, message_request **request) {
  if (code != MPI_SUCCESS) {
    free(created);
    created = NULL;
  }
  *request = created;
  return code;
}

int message_send(const void *bytes, size_t count, int to, int kind, message_request **request) {
  message_request *created = malloc(sizeof *created);
  if (!created || count > INT_MAX) return begin(MPI_ERR_COUNT, created, request);
  return begin(
      MPI_Isend(bytes, (int)count, MPI_BYTE, to, kind, ranks, &created->handle), created, request);
}

int message_receive(void *bytes, size_t count, int from, int kind, message_request **request) {
  message_request *created = malloc(sizeof *created);
  if (!created || count > INT_MAX) return begin(MPI_ERR_COUNT, created, request);
  return begin(
      MPI_Irecv(bytes, (int)count, MPI_BYTE, from, kind, ranks, &created->handle), created,
      request);
}

int message_test(message_request *request, int *done) {
  int code = MPI_Test(&request->handle, done, MPI_STATUS_IGNORE);
  if (code != MPI_SUCCESS || *done) free(request);
  return code;
}

void message_withdraw(message_request *request) {
  // Sends cannot be withdrawn everywhere; those of no receiver are given up.
  MPI_Cancel(&request->handle);
}

int message_probe(int kind, int *from, long *count) {
  MPI_Status status;
  int found = 0, bytes = 0;
  *count = -1;
  int code = MPI_Iprobe(MPI_ANY_SOURCE, kind, ranks, &found, &status);
  if (code != MPI_SUCCESS || !found) return code;
  code = MPI_Get_count(&status, MPI_BYTE, &bytes);
  *from = status.MPI_SOURCE;
  *count = bytes;
  return code;
}

#endif
