"""Writes the tests of single operators that the `onnx` wheel has, for `OperatorCorpusTests`.

    write_corpora.py FOLDER

FOLDER/CORPUS/NAME/ gets model.onnx, input_K.pb and output_K.pb. The corpora are `node`, whose cases the wheel
makes, and `pytorch-converted` and `pytorch-operator`, which it has as files. Cases whose data are no tensors
(sequences, optional values, texts) are left out.
"""
import pathlib, shutil, sys, warnings
import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")


def write_nodes(folder):
    for case in collect_testcases(None):
        data = case.data_sets[0]
        values = [np.asarray(v) for part in data for v in part if not isinstance(v, (list, dict, onnx.TensorProto)) and v is not None]
        if len(values) != sum(len(part) for part in data) or any(v.dtype.kind not in "fiub" for v in values):
            continue
        target = folder / case.name
        target.mkdir(parents=True, exist_ok=True)
        (target / "model.onnx").write_bytes(case.model.SerializeToString())
        for kind, part in zip(("input", "output"), data):
            for k, value in enumerate(part):
                (target / f"{kind}_{k}.pb").write_bytes(numpy_helper.from_array(np.asarray(value)).SerializeToString())


def copy_files(source, folder):
    for case in sorted(p for p in source.iterdir() if p.is_dir()):
        target = folder / case.name
        target.mkdir(parents=True, exist_ok=True)
        for file in [case / "model.onnx", *(case / "test_data_set_0").glob("*.pb")]:
            shutil.copy(file, target / file.name)


def main():
    folder = pathlib.Path(sys.argv[1])
    write_nodes(folder / "node")
    data = pathlib.Path(onnx.__file__).parent / "backend/test/data"
    for name in ["pytorch-converted", "pytorch-operator"]:
        copy_files(data / name, folder / name)


main()
