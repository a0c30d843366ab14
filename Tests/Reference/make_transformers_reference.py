"""Writes what transformers computes in float64 for small networks of the families that open from a folder.

Usage: python make_transformers_reference.py (needs torch, transformers and safetensors), in this folder. For each case it
writes transformers/NAME with config.json, weights and data.npz, and the figures of all into transformers.json: mean
loss, and for each tensor, in the order of the parameters, the norms of the gradient and of the product of the Hessian
with v_i = cos(i) over the parameters one behind the other; the norm of the whole product and some entries. Weights are random, rounded to the type that they are stored in; the cases differ in what files are like in the
wild: several files, half precision, names without prefix, old names of norms, old keys of config.json.
"""
import json
import pathlib
import shutil

import numpy as np
import safetensors.torch
import torch
import transformers as hf
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

FOLDER = pathlib.Path(__file__).resolve().parent
LENGTH, SAMPLES, VOCABULARY = 9, 5, 29
SIZES = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=2,
    num_attention_heads=4, bos_token_id=None, eos_token_id=None)
WORDS = dict(SIZES, max_position_embeddings=12, type_vocab_size=3)
generator = np.random.default_rng(11)


def tokens(padded=False, first=1):
    ids = generator.integers(first, VOCABULARY, (SAMPLES, LENGTH))
    if not padded:
        return {"input_ids": ids}
    mask = np.ones_like(ids)
    for row, length in enumerate([9, 6, 4, 8, 2]):
        mask[row, length:] = 0
        ids[row, length:] = 0
    return {"input_ids": ids, "attention_mask": mask}


def gpt2():
    config = hf.GPT2Config(
        vocab_size=VOCABULARY, n_positions=12, n_embd=16, n_layer=2, n_head=2, bos_token_id=None, eos_token_id=None)
    return hf.GPT2LMHeadModel(config), tokens()


def gpt2_masked():
    config = hf.GPT2Config(
        vocab_size=VOCABULARY, n_positions=12, n_embd=16, n_layer=2, n_head=4, n_inner=24,
        activation_function="relu", scale_attn_by_inverse_layer_idx=True, tie_word_embeddings=False,
        bos_token_id=None, eos_token_id=None)
    return hf.GPT2LMHeadModel(config), tokens(padded=True)


def llama():
    config = hf.LlamaConfig(
        **SIZES, num_key_value_heads=2, attention_bias=True, mlp_bias=True, max_position_embeddings=64,
        rope_parameters=dict(
            rope_type="llama3", rope_theta=50.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=16))
    return hf.LlamaForCausalLM(config), tokens()


def llama_dynamic():
    config = hf.LlamaConfig(
        **SIZES, max_position_embeddings=4, tie_word_embeddings=True,
        rope_parameters=dict(rope_type="dynamic", rope_theta=100.0, factor=2.0))
    return hf.LlamaForCausalLM(config), tokens(padded=True)


def qwen2():
    config = hf.Qwen2Config(
        **SIZES, num_key_value_heads=2, use_sliding_window=True, sliding_window=3, max_window_layers=1,
        tie_word_embeddings=True, max_position_embeddings=64,
        rope_parameters=dict(
            rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=8, beta_fast=2.0,
            beta_slow=0.25))
    return hf.Qwen2ForCausalLM(config), tokens()


def mistral():
    config = hf.MistralConfig(
        **SIZES, num_key_value_heads=1, head_dim=6, sliding_window=4, max_position_embeddings=64,
        rope_parameters=dict(rope_type="linear", rope_theta=1000.0, factor=2.5))
    return hf.MistralForCausalLM(config), tokens()


def bert_classes():
    data = tokens(padded=True)
    data["token_type_ids"] = generator.integers(0, 3, (SAMPLES, LENGTH))
    data["target"] = generator.integers(0, 3, SAMPLES)
    return hf.BertForSequenceClassification(hf.BertConfig(**WORDS, num_labels=3)), data


def bert_masked():
    data = tokens(first=0)
    data["target"] = np.where(
        generator.random((SAMPLES, LENGTH)) < 0.4, generator.integers(0, VOCABULARY, (SAMPLES, LENGTH)), -100)
    return hf.BertForMaskedLM(hf.BertConfig(**WORDS, hidden_act="gelu_new")), data


def vit():
    config = hf.ViTConfig(
        hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, image_size=[8, 12],
        patch_size=4, num_channels=2, num_labels=4)
    data = {
        "pixel_values": generator.standard_normal((SAMPLES, 2, 8, 12)).astype(np.float32),
        "target": generator.integers(0, 4, SAMPLES)}
    return hf.ViTForImageClassification(config), data


CASES = {
    "gpt2": (gpt2, torch.bfloat16), "gpt2-masked": (gpt2_masked, torch.float32), "llama": (llama, torch.float32),
    "llama-dynamic": (llama_dynamic, torch.float16), "qwen2": (qwen2, torch.float16),
    "mistral": (mistral, torch.float16), "bert-classes": (bert_classes, torch.float16),
    "bert-masked": (bert_masked, torch.bfloat16), "vit": (vit, torch.float16),
}


def initialise(model, dtype):
    """Weights large enough that every part of the network matters, exact in the type that is stored."""
    source = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=source)
            is_norm = p.ndim == 1 and name.endswith("weight")
            p.copy_((1 + 0.2 * noise if is_norm else 0.3 * noise).to(dtype).double())


def old_name(name):
    """Names in files of ViT, which differ from those in memory."""
    if not name.startswith("vit.layers."):
        return name
    for new, old in [
        ("attention.q_proj", "attention.attention.query"), ("attention.k_proj", "attention.attention.key"),
        ("attention.v_proj", "attention.attention.value"), ("attention.o_proj", "attention.output.dense"),
        ("mlp.fc1", "intermediate.dense"), ("mlp.fc2", "output.dense")]:
        name = name.replace(new, old)
    return name.replace("vit.layers.", "vit.encoder.layer.")


def ordered(model):
    """Parameters in the order of the state dict; in ViT's blocks norms come last, as before transformers 5."""
    items = [(old_name(name), p) for name, p in model.named_parameters()]
    def place(item):
        index, (name, _) = item
        if not name.startswith("vit.encoder.layer."):
            return (index if index < 4 else 10 ** 6 + index, 0)
        return (4 + int(name.split(".")[3]), "layernorm" in name, index)
    if not items[0][0].startswith("vit."):
        return items
    return [item for _, item in sorted(enumerate(items), key=lambda i: tuple(map(int, place(i))))]


def lanczos(multiply, dimension, steps=100):
    """Eigenvalues by Lanczos with full reorthogonalisation; those at the ends have converged."""
    start = torch.Generator().manual_seed(3)
    x = torch.randn(dimension, generator=start, dtype=torch.float64)
    basis, alpha, beta = [x / x.norm()], [], []
    for _ in range(steps):
        y = multiply(basis[-1])
        alpha.append(float(y @ basis[-1]))
        for _ in range(2):
            for b in basis:
                y = y - (y @ b) * b
        beta.append(float(y.norm()))
        basis.append(y / y.norm())
    matrix = np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1)
    values, vectors = np.linalg.eigh(matrix)
    for i in (0, 1, -1, -2):
        assert beta[-1] * abs(vectors[-1, i]) < 1e-6 * abs(values[i])
    return [float(value) for value in values]


def figures(name, model, data):
    inputs = {k: torch.tensor(v) for k, v in data.items() if k != "target"}
    if "pixel_values" in inputs:
        inputs["pixel_values"] = inputs["pixel_values"].double()
    if "target" in data:
        labels = torch.tensor(data["target"])
    else:
        labels = inputs["input_ids"].clone()
        if "attention_mask" in inputs:
            labels[inputs["attention_mask"] == 0] = -100
    named = ordered(model)
    parameters = [p for _, p in named]
    with sdpa_kernel(SDPBackend.MATH):
        result = model(**inputs, labels=labels)
        logits, shift = result.logits, "target" not in data
        if shift:
            logits, labels = logits[:, :-1], labels[:, 1:]
        # transformers rounds logits to single precision before the loss.
        loss = F.cross_entropy(logits.flatten(0, -2), labels.flatten())
        assert abs(float(loss.detach()) - float(result.loss.detach())) < 1e-6, name
        gradient = torch.autograd.grad(loss, parameters, create_graph=True)
        sizes = [p.numel() for p in parameters]
        v = torch.cos(torch.arange(sum(sizes), dtype=torch.float64)).split(sizes)
        def multiply(parts, keep=True):
            dot = sum((g * d.reshape(g.shape)).sum() for g, d in zip(gradient, parts))
            return torch.autograd.grad(dot, parameters, retain_graph=keep)
        extremes = lanczos(lambda x: torch.cat([p.reshape(-1) for p in multiply(x.split(sizes))]), sum(sizes))
        product = multiply(v, keep=False)
    flat = torch.cat([p.reshape(-1) for p in product])
    places = [int(i) for i in np.linspace(0, len(flat) - 1, 12)]
    return {
        "parameters": len(flat), "loss": float(loss.detach()),
        "tensors": [[n, float(g.detach().norm()), float(p.norm())] for (n, _), g, p in zip(named, gradient, product)],
        "product": float(flat.norm()), "places": places, "entries": [float(flat[i]) for i in places],
        "largest": extremes[:-3:-1], "smallest": extremes[:2]}


def rewrite(name, folder):
    """Makes the files like those that are found in the wild."""
    path = folder / "model.safetensors"
    config = json.loads((folder / "config.json").read_text())
    def save(change, extra={}):
        tensors = safetensors.torch.load_file(path)
        safetensors.torch.save_file({**{change(k): v for k, v in tensors.items()}, **extra}, path)
    if name == "gpt2":
        # As on the hub: no prefix, and the masks of attention.
        mask = torch.ones(1, 1, 12, 12).tril()
        save(lambda k: k.removeprefix("transformer."), {f"h.{i}.attn.bias": mask.clone() for i in range(2)})
        del config["tie_word_embeddings"]
    if name == "mistral":
        torch.save(safetensors.torch.load_file(path), folder / "pytorch_model.bin")
        path.unlink()
    if name == "bert-masked":
        save(lambda k: k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
             {"bert.pooler.dense.weight": torch.zeros(16, 16), "cls.seq_relationship.bias": torch.zeros(2)})
    if name in ("qwen2", "mistral", "llama-dynamic"):
        # The keys of transformers 4.
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}
        config.pop("layer_types", None)
    if name == "bert-classes":
        config.pop("transformers_version")
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "generation_config.json").unlink(missing_ok=True)


def main():
    result = {}
    root = FOLDER / "transformers"
    shutil.rmtree(root, ignore_errors=True)
    for name, (make, dtype) in CASES.items():
        torch.manual_seed(1)
        model, data = make()
        model = model.double().eval()
        initialise(model, dtype)
        result[name] = figures(name, model, data)
        folder = root / name
        # Several files where the name says so.
        model.to(dtype).save_pretrained(folder, max_shard_size="8KB" if name == "llama" else "1GB")
        rewrite(name, folder)
        small = {k: v.astype(np.int16) if v.dtype == np.int64 else v for k, v in data.items()}
        np.savez_compressed(folder / "data.npz", **small)
        print(name, result[name]["parameters"], result[name]["loss"], result[name]["product"])
    text = ",\n".join(f'"{name}": {json.dumps(one)}' for name, one in result.items())
    (FOLDER / "transformers.json").write_text("{\n" + text + "\n}\n")


main()
