#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bytes of a message with its final zero.
#define IMAGE_MESSAGE_SIZE 256

/// Most pixels of an image: past any photograph of a data set, and a bound on memory.
#define IMAGE_PIXEL_LIMIT ((uint64_t)1 << 26)

/// A decoded image: 8 bits a channel, the channels of a pixel together.
struct decoded_image {
  uint8_t *pixels;
  uint32_t width;
  uint32_t height;
  /// 1 for grey, 3 for red, green and blue, 4 for cyan, magenta, yellow and black as the file has them.
  uint32_t channels;
  /// What was wrong, where decoding failed.
  char message[IMAGE_MESSAGE_SIZE];
};

// The libraries report errors by jumping out of themselves, which must not cross frames of Swift. All jumps begin
// and end in these functions.

/// Decodes a JPEG file in memory; 0 when it failed, and nothing is to be freed then.
int decode_jpeg(const uint8_t *bytes, size_t count, struct decoded_image *image);

/// Decodes a PNG file in memory as PIL's `convert("RGB")` does, grey files to one channel; 0 when it failed.
int decode_png(const uint8_t *bytes, size_t count, struct decoded_image *image);

/// Frees the pixels of a decoded image.
void free_decoded_image(struct decoded_image *image);
