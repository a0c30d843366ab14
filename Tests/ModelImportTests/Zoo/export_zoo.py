"""Exports a zoo of networks with float64 references, for `ZooTests`.

    export_zoo.py [--code] FOLDER ZOO.py [NAME...]

ZOO.py has a table `ZOO` of functions that make a module and its inputs (samples first). For each network it
writes NAME.pt2 (one sample), NAME.functional.pt2 (`run_decompositions({})`), NAME.onnx and NAME.ts.onnx (the new
and the old exporter of ONNX, neither of which optimises) and NAME.npz: inputs by name, a target, the loss
mean((output - target)^2), the output, the gradient and where the part of each parameter begins in it, under all
names of the parameter, the names of float buffers, and how far rounding in float32 is from these. With --code it writes, in place of graphs, what holds code: NAME.traced.pt and NAME.scripted.pt of
TorchScript, and NAME.module.pt, the whole module in the legacy format with the sources of its classes.
Needs torch, torchvision, timm, transformers, onnx and onnxscript.
"""
import contextlib, importlib.util, inspect, io, logging, pathlib, sys, warnings
import numpy as np
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(1)


def evaluate(module, inputs, target):
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        output = module(*inputs)
        loss = (output - target).square().mean()
        weights = [w for w in module.parameters() if w.requires_grad]
        gradient = torch.autograd.grad(loss, weights, allow_unused=True)
    zero = lambda g, w: torch.zeros_like(w) if g is None else g
    return output.detach(), loss.detach(), [zero(g, w).double() for g, w in zip(gradient, weights)]


def first_line(error):
    return next((line for line in str(error).splitlines() if line.strip()), repr(error))


def export_onnx(name, module, inputs, names, folder):
    ways = {
        "onnx": dict(dynamo=True, optimize=False, external_data=False, verbose=False),
        # The default merges equal tensors, which are parameters of their own.
        "ts.onnx": dict(dynamo=False, opset_version=17, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE),
    }
    for suffix, options in ways.items():
        path = folder / f"{name}.{suffix}"
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                torch.onnx.export(module, inputs, str(path), input_names=names, output_names=["output"], **options)
        except Exception as error:
            path.unlink(missing_ok=True)
            print(f"{name}: not {suffix}: {first_line(error)}")


def export_graph(name, module, inputs, folder):
    one = tuple(x[:1] for x in inputs)
    program = torch.export.export(module, one)
    torch.export.save(program, folder / f"{name}.pt2")
    try:
        torch.export.save(program.run_decompositions({}), folder / f"{name}.functional.pt2")
    except Exception as error:
        print(f"{name}: not functional: {first_line(error)}")
    names = [s.arg.name for s in program.graph_signature.input_specs if s.kind == torch.export.graph_signature.InputKind.USER_INPUT]
    export_onnx(name, module, one, names, folder)
    return names


def export_code(name, module, inputs, folder):
    ways = {
        # Without gradients, layers of transformers are one fused operator.
        "traced": lambda path: torch.jit.save(torch.jit.trace(module, inputs, check_trace=False), path),
        "scripted": lambda path: torch.jit.save(torch.jit.script(module), path),
        "module": lambda path: torch.save(module, path, _use_new_zipfile_serialization=False),
    }
    for way, write in ways.items():
        try:
            write(folder / f"{name}.{way}.pt")
        except Exception as error:
            print(f"{name}: not {way}: {first_line(error)}")
    parameters = list(inspect.signature(module.forward).parameters.values())
    if parameters[0].kind == parameters[0].VAR_POSITIONAL:
        schema = torch.jit.trace(module, inputs, check_trace=False).forward.schema
        return [a.name for a in schema.arguments][1:]
    return [p.name for p in parameters][: len(inputs)]


def export(name, make, folder, code):
    torch.manual_seed(0)
    module, inputs = make()
    module.eval()
    for part in module.modules():
        if isinstance(part, torch.nn.modules.batchnorm._BatchNorm) and part.track_running_stats:
            part.running_mean.normal_(0, 0.2)
            part.running_var.uniform_(0.5, 1.5)
    names = (export_code if code else export_graph)(name, module, inputs, folder)
    with torch.no_grad():
        shape = module(*inputs).shape
    target = torch.cos(torch.arange(shape.numel(), dtype=torch.float64)).reshape(shape)
    single = evaluate(module, inputs, target.float())
    module.double()
    output, loss, gradient = evaluate(module, [x.double() if x.is_floating_point() else x for x in inputs], target)
    # Where rounding decides between two elements of a window or the sides of a kink, the gradient jumps: what
    # weights that differ by a few units in the last place do to it is no error of anybody.
    start = [w.detach().clone() for w in module.parameters()]
    moved = 0.0
    for _ in range(4):
        with torch.no_grad():
            for w, s in zip(module.parameters(), start):
                w.copy_(s * (1 + 2.0**-21 * (2 * torch.rand_like(s) - 1)))
        other = evaluate(module, [x.double() if x.is_floating_point() else x for x in inputs], target)[2]
        moved = max(moved, float(sum((a - b).square().sum() for a, b in zip(other, gradient)).sqrt()))
    parameters = [w for w in module.parameters() if w.requires_grad]
    starts = np.cumsum([0] + [w.numel() for w in parameters])
    start_of = {id(w): s for w, s in zip(parameters, starts)}
    # Tied weights have several names, of which an exporter may choose any.
    places = {n: start_of[id(w)] for n, w in module.named_parameters(remove_duplicate=False) if id(w) in start_of}
    whole = lambda parts: torch.cat([p.flatten() for p in parts])
    np.savez(
        folder / f"{name}.npz", reference_target=target.numpy(), reference_output=output.numpy(), reference_loss=loss.numpy(),
        reference_gradient=whole(gradient).numpy(), reference_norms=np.array([float(g.norm()) for g in gradient]),
        reference_output_error=float((single[0].double() - output).norm()),
        reference_gradient_error=max(moved, float((whole(single[2]) - whole(gradient)).norm())),
        **{f"place/{n}": np.array(s) for n, s in places.items()},
        **{f"buffer/{n}": np.empty(0) for n, b in module.named_buffers() if b.is_floating_point()},
        **{k: v.numpy() for k, v in zip(names, inputs)})
    print(f"{name}: {len(parameters)} parameters, loss {float(loss):.9f}")


def main():
    code = "--code" in sys.argv
    folder, path, *chosen = [a for a in sys.argv[1:] if a != "--code"]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    spec = importlib.util.spec_from_file_location("zoo", path)
    zoo = importlib.util.module_from_spec(spec)
    sys.modules["zoo"] = zoo
    spec.loader.exec_module(zoo)
    for name, make in zoo.ZOO.items():
        if chosen and name not in chosen:
            continue
        try:
            export(name, make, folder, code)
        except Exception as error:
            print(f"{name}: failed: {first_line(error)}")


main()
