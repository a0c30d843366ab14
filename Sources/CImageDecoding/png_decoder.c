#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "image_decoding.h"

struct png_bytes {
  const uint8_t *bytes;
  size_t count;
  size_t position;
};

static void png_failed(png_structp png, png_const_charp message) {
  snprintf(png_get_error_ptr(png), IMAGE_MESSAGE_SIZE, "%s", message);
  png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void png_read(png_structp png, png_bytep target, png_size_t count) {
  struct png_bytes *source = png_get_io_ptr(png);
  if (count > source->count - source->position) png_error(png, "is cut off");
  memcpy(target, source->bytes + source->position, count);
  source->position += count;
}

/// PIL makes bytes of 16-bit grey levels by cutting them at 255.
static void clip_to_bytes(uint8_t *pixels, size_t count) {
  for (size_t i = 0; i < count; i++) pixels[i] = pixels[2 * i] ? 255 : pixels[2 * i + 1];
}

/// What the jump may leave behind.
struct png_state {
  png_structp png;
  png_infop info;
  png_bytepp rows;
};

static void png_finish(struct png_state *state) {
  free(state->rows);
  png_destroy_read_struct(&state->png, &state->info, NULL);
}

static void read_pixels(struct png_state *state, struct decoded_image *image) {
  png_structp png = state->png;
  png_infop info = state->info;
  png_read_info(png, info);
  image->width = png_get_image_width(png, info);
  image->height = png_get_image_height(png, info);
  if ((uint64_t)image->width * image->height > IMAGE_PIXEL_LIMIT)
    png_error(png, "has more pixels than are read");
  int type = png_get_color_type(png, info);
  int is_wide_grey = type == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) == 16;
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  if (!is_wide_grey) png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  image->channels = png_get_channels(png, info);
  size_t stride = png_get_rowbytes(png, info);
  image->pixels = malloc(stride * image->height);
  state->rows = malloc(image->height * sizeof *state->rows);
  if (!image->pixels || !state->rows) png_error(png, "needs more memory than there is");
  for (uint32_t row = 0; row < image->height; row++) state->rows[row] = image->pixels + stride * row;
  png_read_image(png, state->rows);
  if (is_wide_grey) clip_to_bytes(image->pixels, (size_t)image->width * image->height);
}

int decode_png(const uint8_t *bytes, size_t count, struct decoded_image *image) {
  memset(image, 0, sizeof *image);
  struct png_bytes source = {bytes, count, 0};
  struct png_state state = {0};
  state.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image->message, png_failed, png_warned);
  state.info = state.png ? png_create_info_struct(state.png) : NULL;
  if (!state.info) {
    snprintf(image->message, IMAGE_MESSAGE_SIZE, "%s", "needs more memory than there is");
    png_finish(&state);
    return 0;
  }
  if (setjmp(png_jmpbuf(state.png))) {
    png_finish(&state);
    free_decoded_image(image);
    return 0;
  }
  png_set_read_fn(state.png, &source, png_read);
  read_pixels(&state, image);
  png_finish(&state);
  return 1;
}
