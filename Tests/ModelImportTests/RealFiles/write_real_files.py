"""Takes ONNX models out of packages of PyPI, with outputs of onnxruntime, for `RealFileTests`.

    write_real_files.py FOLDER

Downloads the wheels of `basic-pitch` and `silero-vad` (neither is installed). FOLDER gets their models, and
for those that are to open NAME.npz: inputs by name, samples first, and output_K, one sample at a time.
Needs numpy and onnxruntime.
"""
import pathlib, subprocess, sys, tempfile, zipfile
import numpy as np
import onnxruntime

# Shapes of the inputs of one sample, as a feed of the model, and how many samples.
MODELS = {
    "nmp": ({"serving_default_input_2:0": (1, 43844, 1)}, 1),
    "silero_vad_16k_sequence": ({"input": (1, 576), "h": (1, 1, 128), "c": (1, 1, 128)}, 3),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as wheels:
        for package in ["basic-pitch", "silero-vad"]:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, package], check=True)
        for wheel in pathlib.Path(wheels).glob("*.whl"):
            archive = zipfile.ZipFile(wheel)
            for name in archive.namelist():
                if name.endswith(".onnx"):
                    (folder / pathlib.Path(name).name).write_bytes(archive.read(name))
    for name, (shapes, count) in MODELS.items():
        session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        rng = np.random.default_rng(3)
        samples = [{k: (0.2 * rng.standard_normal(s)).astype(np.float32) for k, s in shapes.items()} for _ in range(count)]
        results = [session.run(names, sample) for sample in samples]
        np.savez(
            folder / f"{name}.npz", **{k: np.concatenate([s[k] for s in samples]) for k in shapes},
            **{f"output_{k}": np.stack([r[k] for r in results]) for k in range(len(names))})
        print(name, [r.shape for r in results[0]])


main()
