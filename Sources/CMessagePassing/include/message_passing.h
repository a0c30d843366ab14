#ifndef MESSAGE_PASSING_H
#define MESSAGE_PASSING_H

#include <stddef.h>

// The part of MPI that this package uses, without what Swift cannot import: macros that are handles, and
// handles whose types differ between implementations. All calls must be made one at a time.
//
// Functions return 0 where all is well, and otherwise an error that message_passing_error describes.
// Nothing is defined unless the package is built with its trait MPI.

/// Messages of a kind arrive in order, and never as another kind.
enum message_kind { message_data = 1, message_mail = 2, message_failure = 3 };

/// Starts MPI; `rank` and `size` are set.
int message_passing_start(int *rank, int *size);

/// Ends it, once all ranks call this.
int message_passing_finish(void);

/// Ends all ranks at once, whatever they do.
void message_passing_abort(int code);

/// Text of an error, cut off at `capacity`, ended by 0.
void message_passing_error(int code, char *text, size_t capacity);

/// A message underway.
typedef struct message_request message_request;

/// Begins to send at most INT_MAX bytes, which must stay until `message_test` says that they are gone.
int message_send(const void *bytes, size_t count, int to, int kind, message_request **request);

/// Begins to receive as many bytes as are sent.
int message_receive(void *bytes, size_t count, int from, int kind, message_request **request);

/// Sets `*done` to 1 where the message is through; the request is gone then, or where this fails.
int message_test(message_request *request, int *done);

/// Gives up a message that nobody has begun to take; `message_test` says when it is through or gone.
void message_withdraw(message_request *request);

/// Looks for a message of a kind that has arrived from anybody: `*count` is -1 where there is none.
int message_probe(int kind, int *from, long *count);

#endif
