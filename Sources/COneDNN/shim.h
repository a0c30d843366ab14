#pragma once
#include <dnnl.h>

// One interface for oneDNN 2 and 3: all that differs between them is in this file. Version 2 has layouts
// that are values and descriptions of operations; version 3 has layouts behind handles and no descriptions.

// clang does not find libgomp's own omp.h; this is the one call that is needed of it.
extern void omp_set_num_threads(int);

/// Shape of a tensor of 32-bit floats and the order of its elements in memory. What `onednn_layout_init` and
/// `onednn_layout_of` made is given back to `onednn_layout_destroy`.
typedef struct {
  dnnl_memory_desc_t value;
} onednn_layout;

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t onednn_layout_reference;
#else
typedef const dnnl_memory_desc_t *onednn_layout_reference;
#endif

/// What the library's functions take in place of a layout; null for null.
static inline onednn_layout_reference onednn_reference(const onednn_layout *layout) {
#if DNNL_VERSION_MAJOR >= 3
  return layout ? layout->value : 0;
#else
  return layout ? &layout->value : 0;
#endif
}

/// The layout with a name.
static inline dnnl_status_t onednn_layout_init(
    onednn_layout *layout, int rank, const dnnl_dim_t *dimensions, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_tag(&layout->value, rank, dimensions, dnnl_f32, tag);
#else
  return dnnl_memory_desc_init_by_tag(&layout->value, rank, dimensions, dnnl_f32, tag);
#endif
}

/// A layout that a primitive chose, like `dnnl_query_weights_md`.
static inline dnnl_status_t onednn_layout_of(
    onednn_layout *layout, const_dnnl_primitive_desc_t descriptor, dnnl_query_t which) {
  onednn_layout_reference chosen = dnnl_primitive_desc_query_md(descriptor, which, 0);
  if (!chosen) return dnnl_invalid_arguments;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_clone(&layout->value, chosen);
#else
  layout->value = *chosen;
  return dnnl_success;
#endif
}

static inline void onednn_layout_destroy(onednn_layout *layout) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_destroy(layout->value);
#else
  (void)layout;
#endif
}

static inline size_t onednn_layout_size(const onednn_layout *layout) {
  return dnnl_memory_desc_get_size(onednn_reference(layout));
}

static inline int onednn_layout_equal(const onednn_layout *first, const onednn_layout *second) {
  return dnnl_memory_desc_equal(onednn_reference(first), onednn_reference(second));
}

/// A tensor in memory of the caller.
static inline dnnl_status_t onednn_memory_create(
    dnnl_memory_t *memory, const onednn_layout *layout, dnnl_engine_t engine, void *data) {
  return dnnl_memory_create(memory, onednn_reference(layout), engine, data);
}

/// The result is added to what the output held.
static inline dnnl_status_t onednn_append_sum(dnnl_post_ops_t operations) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
#else
  return dnnl_post_ops_append_sum(operations, 1);
#endif
}

/// Copies from one layout into another.
static inline dnnl_status_t onednn_reorder_create(
    dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine, const onednn_layout *from,
    const onednn_layout *to) {
  return dnnl_reorder_primitive_desc_create(
      descriptor, onednn_reference(from), engine, onednn_reference(to), engine, 0);
}

/// Numbers of a convolution for both image axes.
typedef struct {
  dnnl_dim_t strides[2];
  /// Zeros between taps.
  dnnl_dim_t dilation[2];
  dnnl_dim_t padding_low[2];
  dnnl_dim_t padding_high[2];
} onednn_geometry;

/// A direct convolution; `bias` and `attributes` may be null.
static inline dnnl_status_t onednn_convolution_forward(
    dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine, dnnl_prop_kind_t propagation,
    const onednn_layout *source, const onednn_layout *filter, const onednn_layout *bias,
    const onednn_layout *destination, onednn_geometry g, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_forward_primitive_desc_create(
      descriptor, engine, propagation, dnnl_convolution_direct, onednn_reference(source),
      onednn_reference(filter), onednn_reference(bias), onednn_reference(destination), g.strides,
      g.dilation, g.padding_low, g.padding_high, attributes);
#else
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
      &description, propagation, dnnl_convolution_direct, onednn_reference(source),
      onednn_reference(filter), onednn_reference(bias), onednn_reference(destination), g.strides,
      g.dilation, g.padding_low, g.padding_high);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(descriptor, &description, attributes, engine, 0);
#endif
}

/// The gradient of a direct convolution `forward` with respect to its images.
static inline dnnl_status_t onednn_convolution_input_gradient(
    dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine, const onednn_layout *source,
    const onednn_layout *filter, const onednn_layout *destination, onednn_geometry g,
    const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_data_primitive_desc_create(
      descriptor, engine, dnnl_convolution_direct, onednn_reference(source), onednn_reference(filter),
      onednn_reference(destination), g.strides, g.dilation, g.padding_low, g.padding_high, forward,
      attributes);
#else
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
      &description, dnnl_convolution_direct, onednn_reference(source), onednn_reference(filter),
      onednn_reference(destination), g.strides, g.dilation, g.padding_low, g.padding_high);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(descriptor, &description, attributes, engine, forward);
#endif
}

/// The gradient of a direct convolution `forward` with respect to its filters.
static inline dnnl_status_t onednn_convolution_filter_gradient(
    dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine, const onednn_layout *source,
    const onednn_layout *filter, const onednn_layout *destination, onednn_geometry g,
    const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_weights_primitive_desc_create(
      descriptor, engine, dnnl_convolution_direct, onednn_reference(source), onednn_reference(filter),
      0, onednn_reference(destination), g.strides, g.dilation, g.padding_low, g.padding_high,
      forward, attributes);
#else
  dnnl_convolution_desc_t description;
  dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
      &description, dnnl_convolution_direct, onednn_reference(source), onednn_reference(filter), 0,
      onednn_reference(destination), g.strides, g.dilation, g.padding_low, g.padding_high);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(descriptor, &description, attributes, engine, forward);
#endif
}
