import Testing

@testable import GraphFiles

@Suite struct SourcePlaceTests {
  private func place(stack: String = "", trace: String = "") -> SourcePlace {
    SourcePlace(["nn_module_stack": stack, "stack_trace": trace])
  }

  @Test func moduleIsTheInnermostOne() {
    #expect(
      place(stack: "L__self__,,__main__.M;L__self__blocks.0,blocks.0,__main__.Block").module
        == "blocks.0")
    #expect(place(stack: "L__self__,,__main__.M").module == "")
    #expect(place(stack: "L__self___conv,L['self'].conv,torch.nn.Conv2d").module == "conv")
    #expect(place(stack: "a,L['self'],A;b,conv@12,torch.nn.Conv2d").module == "conv")
    #expect(place(stack: "_empty_nn_module_stack_from_metadata_hook,_empty,_empty").module == "")
    #expect(place(stack: "odd").module == "" && place(stack: ";;,").module == "")
  }

  @Test func sourceIsTheLastLineOutsidePyTorch() {
    let trace = """
      File "/home/user/net.py", line 7, in forward
          return self.inner(x)
        File "/home/user/net.py", line 3, in forward
          y = F.grid_sample(x, g)
        File "/usr/lib/python3/site-packages/torch/nn/functional.py", line 5, in grid_sample
          return torch.grid_sampler(
      """
    #expect(place(trace: trace).source == "y = F.grid_sample(x, g)")
    #expect(place(trace: "File \"torch/fx/passes/x.py\", line 2, in f\n  g()").source == "")
    #expect(place(trace: "File \"a.py\", line 2, in f").source == "")
  }
}
