// What oneDNN alone reaches on the 3x3 and 1x1 convolutions of a network: the ceiling that Benchmarks/run compares
// whole networks with. Each layer runs on one core with 16 images, weights in place, by the faster of the library's direct
// and Winograd kernels; nothing between the layers is computed. Prints one JSON object: floating-point operations of the
// direct convolutions (in 1e9) and seconds for the forward pass, the input gradients and the filter
// gradients, and 1e9 operations a second of the fastest direct kernel: close to what the core can do.
//
//     c++ -O2 Benchmarks/ceiling.cpp -o ceiling -ldnnl -lgomp && ./ceiling resnet20

#include <dnnl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

extern "C" void omp_set_num_threads(int);

namespace {

constexpr int images = 16;

struct Layer { int count, inputs, outputs, side, kernel, stride; };

enum Kind { forward, inputGradient, filterGradient };

dnnl_engine_t engine;
dnnl_stream_t stream;

bool ok(dnnl_status_t status) { return status == dnnl_success; }

struct Buffer {
  dnnl_memory_t memory = nullptr;
  void *data = nullptr;
  explicit Buffer(const dnnl_memory_desc_t &description) {
    const size_t size = dnnl_memory_desc_get_size(&description);
    data = std::aligned_alloc(4096, (size / 4096 + 1) * 4096);
    float *values = static_cast<float *>(data);
    for (size_t i = 0; i < size / 4; ++i) values[i] = static_cast<float>(i % 17) / 16 - 0.5f;
    dnnl_memory_create(&memory, &description, engine, data);
  }
  ~Buffer() { dnnl_memory_destroy(memory); std::free(data); }
  Buffer(const Buffer &) = delete;
};

// Median seconds of one run, or a negative number where the library has no such kernel.
double seconds(const Layer &l, Kind kind, dnnl_alg_kind_t algorithm, dnnl_format_tag_t blocks) {
  const int outputSide = (l.side + l.stride - 1) / l.stride, padding = l.kernel / 2;
  dnnl_dims_t x = {images, l.inputs, l.side, l.side}, y = {images, l.outputs, outputSide, outputSide};
  dnnl_dims_t w = {l.outputs, l.inputs, l.kernel, l.kernel};
  dnnl_dims_t strides = {l.stride, l.stride}, pads = {padding, padding};
  dnnl_memory_desc_t input, output, filter;
  dnnl_memory_desc_init_by_tag(&input, 4, x, dnnl_f32, l.inputs < 8 ? dnnl_nchw : blocks);
  dnnl_memory_desc_init_by_tag(&output, 4, y, dnnl_f32, blocks);
  dnnl_memory_desc_init_by_tag(&filter, 4, w, dnnl_f32, dnnl_format_tag_any);
  dnnl_primitive_attr_t attributes;
  dnnl_primitive_attr_create(&attributes);
  dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  dnnl_convolution_desc_t description;
  dnnl_primitive_desc_t hint, chosen;
  if (!ok(dnnl_convolution_forward_desc_init(&description, dnnl_forward_training, algorithm, &input, &filter, nullptr, &output,
                                             strides, pads, pads)) ||
      !ok(dnnl_primitive_desc_create(&hint, &description, attributes, engine, nullptr)))
    return -1;
  chosen = hint;
  if (kind == inputGradient &&
      (!ok(dnnl_convolution_backward_data_desc_init(&description, algorithm, &input, &filter, &output, strides, pads, pads)) ||
       !ok(dnnl_primitive_desc_create(&chosen, &description, attributes, engine, hint))))
    return -1;
  if (kind == filterGradient &&
      (!ok(dnnl_convolution_backward_weights_desc_init(&description, algorithm, &input, &filter, nullptr, &output, strides, pads,
                                                       pads)) ||
       !ok(dnnl_primitive_desc_create(&chosen, &description, attributes, engine, hint))))
    return -1;
  const char *name = "";
  dnnl_primitive_desc_query(chosen, dnnl_query_impl_info_str, 0, &name);
  if (std::strstr(name, "ref")) return -1;
  Buffer source(input), destination(output), scratch(*dnnl_primitive_desc_query_md(chosen, dnnl_query_scratchpad_md, 0));
  Buffer weights(
      *dnnl_primitive_desc_query_md(chosen, kind == filterGradient ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0));
  dnnl_primitive_t primitive;
  if (!ok(dnnl_primitive_create(&primitive, chosen))) return -1;
  const dnnl_exec_arg_t arguments[] = {
      {kind == inputGradient ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, source.memory},
      {kind == filterGradient ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, weights.memory},
      {kind == forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, destination.memory},
      {DNNL_ARG_SCRATCHPAD, scratch.memory}};
  std::vector<double> times;
  for (int repetition = 0; repetition < 12; ++repetition) {
    const auto start = std::chrono::steady_clock::now();
    dnnl_primitive_execute(primitive, stream, 4, arguments);
    dnnl_stream_wait(stream);
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin() + 2, times.end());
  dnnl_primitive_destroy(primitive);
  return times[2 + (times.size() - 2) / 2];
}

std::vector<Layer> layers(const std::string &network) {
  if (network == "resnet20")
    return {{1, 3, 16, 32, 3, 1},  {6, 16, 16, 32, 3, 1}, {1, 16, 32, 32, 3, 2},
            {5, 32, 32, 16, 3, 1}, {1, 32, 64, 16, 3, 2}, {5, 64, 64, 8, 3, 1}};
  if (network == "resnet18")
    return {{1, 3, 64, 32, 3, 1},    {4, 64, 64, 32, 3, 1},  {1, 64, 128, 32, 3, 2},  {3, 128, 128, 16, 3, 1},
            {1, 64, 128, 32, 1, 2},  {1, 128, 256, 16, 3, 2}, {3, 256, 256, 8, 3, 1}, {1, 128, 256, 16, 1, 2},
            {1, 256, 512, 8, 3, 2},  {3, 512, 512, 4, 3, 1}, {1, 256, 512, 8, 1, 2}};
  return {};
}

}  // namespace

int main(int count, char **arguments) {
  const auto all = layers(count > 1 ? arguments[1] : "");
  if (all.empty()) {
    std::fprintf(stderr, "usage: ceiling resnet20|resnet18\n");
    return 64;
  }
  omp_set_num_threads(1);
  dnnl_engine_create(&engine, dnnl_cpu, 0);
  dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
  const bool isWide = (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;
  double flops = 0, fastest = 0, total[3] = {0, 0, 0};
  for (const Layer &l : all) {
    const int side = (l.side + l.stride - 1) / l.stride;
    const double once = 2e-9 * images * l.inputs * l.outputs * l.kernel * l.kernel * side * side;
    flops += l.count * once;
    for (Kind kind : {forward, inputGradient, filterGradient}) {
      // No gradient by the images themselves is needed.
      if (kind == inputGradient && l.inputs == 3) continue;
      double best = -1;
      for (dnnl_alg_kind_t algorithm : {dnnl_convolution_direct, dnnl_convolution_winograd}) {
        const double time = seconds(l, kind, algorithm, isWide ? dnnl_nChw16c : dnnl_nChw8c);
        if (time > 0 && (best < 0 || time < best)) best = time;
        if (time > 0 && algorithm == dnnl_convolution_direct) fastest = std::max(fastest, once / time);
      }
      if (best < 0) {
        std::fprintf(stderr, "oneDNN has no kernel for %d->%d channels\n", l.inputs, l.outputs);
        return 1;
      }
      total[kind] += l.count * best;
    }
  }
  std::printf("{\"network\": \"%s\", \"images\": %d, \"gflop\": %.6f, \"forward\": %.6f, \"input_gradient\": %.6f, \"filter_gradient\": %.6f, "
              "\"fastest_direct\": %.0f}\n",
              arguments[1], images, flops, total[forward], total[inputGradient], total[filterGradient], fastest);
}
