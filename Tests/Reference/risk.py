"""What the scripts beside it share: a mean loss as a function of flat weights, its products and spectra, in float64."""
import numpy as np
import torch


def probe(count):
    """The vector v_i = ((7919 i) mod 1000) / 500 - 1."""
    return ((7919 * torch.arange(count)) % 1000).double() / 500 - 1


class Risk:
    """A mean loss; subclasses say what outputs(w), value(w) and curved(z, tangent) are: the outputs, the loss, and the
    loss's Hessian in the outputs z times a tangent."""

    def __init__(self, parameters):
        self.shapes = [(name, x.shape) for name, x in parameters]
        self.weights = torch.cat([x.detach().flatten() for _, x in parameters])

    def parts(self, v):
        return torch.split(v, [shape.numel() for _, shape in self.shapes])

    def named(self, w):
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes, self.parts(w))}

    def norms(self, v):
        return {name: part.norm().item() for (name, _), part in zip(self.shapes, self.parts(v))}

    def gradient(self, w):
        w = w.clone().requires_grad_()
        return torch.autograd.grad(self.value(w), w)[0]

    def hessian_product(self, v):
        w = self.weights.clone().requires_grad_()
        g = torch.autograd.grad(self.value(w), w, create_graph=True)[0]
        return torch.autograd.grad(g @ v, w)[0]

    def gauss_newton_product(self, v):
        z, tangent = torch.func.jvp(self.outputs, (self.weights,), (v,))
        return torch.func.vjp(self.outputs, self.weights)[1](self.curved(z, tangent))[0]


def dense(product, count):
    """All eigenvalues, ascending."""
    matrix = torch.stack([product(unit) for unit in torch.eye(count)])
    return torch.linalg.eigvalsh((matrix + matrix.T) / 2).numpy()


def lanczos(product, count, steps):
    """Ritz values of a fully reorthogonalised run (twice), ascending, and the bounds of their errors."""
    torch.manual_seed(0)
    v = torch.randn(count)
    basis, alphas, betas = [v / v.norm()], [], []
    for _ in range(steps):
        w = product(basis[-1])
        alphas.append((w @ basis[-1]).item())
        stack = torch.stack(basis)
        for _ in range(2):
            w = w - stack.T @ (stack @ w)
        betas.append(w.norm().item())
        basis.append(w / betas[-1])
    values, vectors = np.linalg.eigh(np.diag(alphas) + np.diag(betas[:-1], 1) + np.diag(betas[:-1], -1))
    return values, np.abs(betas[-1] * vectors[-1])
