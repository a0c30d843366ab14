#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "image_decoding.h"

/// More scans than any encoder writes; every scan of a damaged file may cost a pass over the whole image.
enum { scan_limit = 100 };

struct jpeg_failure {
  struct jpeg_error_mgr base;
  jmp_buf place;
  char *message;
};

static void fail(j_common_ptr info, const char *message) {
  struct jpeg_failure *failure = (struct jpeg_failure *)info->err;
  snprintf(failure->message, IMAGE_MESSAGE_SIZE, "%s", message);
  longjmp(failure->place, 1);
}

static void jpeg_failed(j_common_ptr info) {
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  fail(info, text);
}

/// Warnings are passed over as PIL does, but for the one that the file is at its end.
static void jpeg_warned(j_common_ptr info, int level) {
  if (level >= 0) return;
  info->err->num_warnings++;
  if (info->err->msg_code == JWRN_JPEG_EOF) fail(info, "is cut off");
}

static void jpeg_said(j_common_ptr info) { (void)info; }

static void jpeg_progressed(j_common_ptr info) {
  if (!info->is_decompressor) return;
  if (((j_decompress_ptr)info)->input_scan_number > scan_limit) fail(info, "has too many scans");
}

int decode_jpeg(const uint8_t *bytes, size_t count, struct decoded_image *image) {
  struct jpeg_decompress_struct info;
  struct jpeg_failure failure;
  struct jpeg_progress_mgr progress;
  memset(&info, 0, sizeof info);
  memset(&progress, 0, sizeof progress);
  memset(image, 0, sizeof *image);
  info.err = jpeg_std_error(&failure.base);
  failure.base.error_exit = jpeg_failed;
  failure.base.emit_message = jpeg_warned;
  failure.base.output_message = jpeg_said;
  failure.message = image->message;
  if (setjmp(failure.place)) {
    jpeg_destroy_decompress(&info);
    free_decoded_image(image);
    return 0;
  }
  jpeg_create_decompress(&info);
  progress.progress_monitor = jpeg_progressed;
  info.progress = &progress;
  jpeg_mem_src(&info, bytes, count);
  jpeg_read_header(&info, TRUE);
  switch (info.num_components) {
    case 1: info.out_color_space = JCS_GRAYSCALE; break;
    case 3: info.out_color_space = JCS_RGB; break;
    case 4: info.out_color_space = JCS_CMYK; break;
    default: fail((j_common_ptr)&info, "has neither 1, 3 nor 4 components");
  }
  if ((uint64_t)info.image_width * info.image_height > IMAGE_PIXEL_LIMIT)
    fail((j_common_ptr)&info, "has more pixels than are read");
  jpeg_start_decompress(&info);
  image->width = info.output_width;
  image->height = info.output_height;
  image->channels = (uint32_t)info.output_components;
  size_t stride = (size_t)image->width * image->channels;
  image->pixels = malloc(stride * image->height);
  if (!image->pixels) fail((j_common_ptr)&info, "needs more memory than there is");
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = image->pixels + stride * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return 1;
}

void free_decoded_image(struct decoded_image *image) {
  free(image->pixels);
  image->pixels = NULL;
}
