/// Functions of `torch` and fused operators, in terms of operators that have rules.
enum PyTorchOperators {
  static let text = #"""
    def stochastic_depth(input, p, mode, training=True):
        assert not training, "stochastic depth in training"
        return input
    def drop_path(x, drop_prob=0.0, training=False, scale_by_keep=True):
        assert not training, "stochastic depth in training"
        return x
    def _make_divisible(v, divisor=8, min_value=None):
        low = divisor if min_value is None else min_value
        new = max(low, int(v + divisor / 2) // divisor * divisor)
        return new + divisor if new < 0.9 * v else new
    def swapdims(self, dim0, dim1):
        return torch.transpose(self, dim0, dim1)
    def concatenate(tensors, dim=0):
        return torch.cat(tensors, dim)
    def ravel(self):
        return torch.reshape(self, [-1])
    def softsign(input):
        return input / (torch.abs(input) + 1)
    def einsum(equation, *operands, path=None):
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = operands[0]
        assert len(operands) == 2, "einsum of other than two operands"
        sides = equation.replace(" ", "").split("->")
        names = sides[0].split(",")
        assert "." not in equation and len(sides) == 2 and len(names) == 2, "einsum " + equation
        a, b, out = names[0], names[1], sides[1]
        x, y = operands[0], operands[1]
        x = torch.sum(x, [i for i in range(len(a)) if a[i] not in b and a[i] not in out]) if any([c not in b and c not in out for c in a]) else x
        y = torch.sum(y, [i for i in range(len(b)) if b[i] not in a and b[i] not in out]) if any([c not in a and c not in out for c in b]) else y
        a = [c for c in a if c in b or c in out]
        b = [c for c in b if c in a or c in out]
        shared = [c for c in a if c in b and c in out]
        inner = [c for c in a if c in b and c not in out]
        left = [c for c in a if c not in b]
        right = [c for c in b if c not in a]
        xs = [x.size(a.index(c)) for c in left]
        ys = [y.size(b.index(c)) for c in right]
        n = [x.size(a.index(c)) for c in shared]
        k = [x.size(a.index(c)) for c in inner]
        one = [1]
        x = torch.reshape(torch.permute(x, [a.index(c) for c in shared + left + inner]), n + [_product(xs), _product(k)])
        y = torch.reshape(torch.permute(y, [b.index(c) for c in shared + inner + right]), n + [_product(k), _product(ys)])
        z = torch.reshape(torch.matmul(x, y), n + xs + ys)
        order = shared + left + right
        return torch.permute(z, [order.index(c) for c in out])
    def _product(extents):
        result = 1
        for extent in extents:
            result = result * extent
        return result

    def _convolution_mode(input, weight, bias, stride, padding, dilation, groups):
        if weight.dim() == 3:
            return torch.conv1d(input, weight, bias, stride, padding, dilation, groups)
        if weight.dim() == 4:
            return torch.conv2d(input, weight, bias, stride, padding, dilation, groups)
        return torch.conv3d(input, weight, bias, stride, padding, dilation, groups)

    def _native_multi_head_attention(query, key, value, embed_dim, num_head, qkv_weight, qkv_bias, proj_weight, proj_bias, mask=None, need_weights=True, average_attn_weights=True, mask_type=None):
        assert mask is None, "attention with a mask inside a fused operator"
        return (_self_attention(query, key, value, embed_dim, num_head, qkv_weight, qkv_bias, proj_weight, proj_bias), None)
    def _self_attention(query, key, value, embed_dim, num_head, qkv_weight, qkv_bias, proj_weight, proj_bias):
        size = embed_dim // num_head
        weights = torch.chunk(qkv_weight, 3)
        biases = torch.chunk(qkv_bias, 3)
        parts = []
        for i, x in enumerate([query, key, value]):
            y = torch.linear(x, weights[i], biases[i])
            parts.append(torch.transpose(torch.view(y, [y.size(0), y.size(1), num_head, size]), 1, 2))
        y = torch.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        y = torch.reshape(torch.transpose(y, 1, 2), [query.size(0), query.size(1), embed_dim])
        return torch.linear(y, proj_weight, proj_bias)
    def _transformer_encoder_layer_fwd(src, embed_dim, num_heads, qkv_weight, qkv_bias, proj_weight, proj_bias, use_gelu, norm_first, eps, norm_weight_1, norm_bias_1, norm_weight_2, norm_bias_2, ffn_weight_1, ffn_bias_1, ffn_weight_2, ffn_bias_2, mask=None, mask_type=None):
        assert mask is None, "a mask inside a fused operator"
        x = src
        y = torch.layer_norm(x, [embed_dim], norm_weight_1, norm_bias_1, eps) if norm_first else x
        x = x + _self_attention(y, y, y, embed_dim, num_heads, qkv_weight, qkv_bias, proj_weight, proj_bias)
        if not norm_first:
            x = torch.layer_norm(x, [embed_dim], norm_weight_1, norm_bias_1, eps)
        y = torch.layer_norm(x, [embed_dim], norm_weight_2, norm_bias_2, eps) if norm_first else x
        y = torch.linear(y, ffn_weight_1, ffn_bias_1)
        y = torch.gelu(y) if use_gelu else torch.relu(y)
        x = x + torch.linear(y, ffn_weight_2, ffn_bias_2)
        if not norm_first:
            x = torch.layer_norm(x, [embed_dim], norm_weight_2, norm_bias_2, eps)
        return x
    """#
}
