/// Recurrent layers and transformers of `torch.nn`, see `PyTorchModules`.
extension PyTorchModules {
  /// Recurrent layers and transformers.
  static let recurrences = #"""
    class RNNBase:
        def _weights(self):
            result = []
            for layer in range(self.num_layers):
                for direction in range(2 if self.bidirectional else 1):
                    suffix = str(layer) + ('_reverse' if direction == 1 else '')
                    names = ['weight_ih_l', 'weight_hh_l']
                    if self.bias:
                        names = names + ['bias_ih_l', 'bias_hh_l']
                    if getattr(self, 'proj_size', 0) > 0:
                        names = names + ['weight_hr_l']
                    for name in names:
                        result.append(getattr(self, name + suffix))
            return result
        def _state(self, input, size):
            count = self.num_layers * (2 if self.bidirectional else 1)
            return torch.zeros(count, input.size(0 if self.batch_first else 1), size)
        def _run(self, run, input, hx):
            assert input.dim() == 3, "a recurrence over a sequence without samples"
            return run(input, hx, self._weights(), self.bias, self.num_layers, float(self.dropout), False, self.bidirectional, self.batch_first)
    class LSTM(RNNBase):
        def forward(self, input, hx=None):
            projected = getattr(self, 'proj_size', 0)
            if hx is None:
                hx = (self._state(input, projected if projected > 0 else self.hidden_size), self._state(input, self.hidden_size))
            result = self._run(torch.lstm, input, [hx[0], hx[1]])
            return result[0], (result[1], result[2])
    class GRU(RNNBase):
        def forward(self, input, hx=None):
            return self._run(torch.gru, input, self._state(input, self.hidden_size) if hx is None else hx)
    class RNN(RNNBase):
        def forward(self, input, hx=None):
            state = self._state(input, self.hidden_size) if hx is None else hx
            if self.mode == 'RNN_RELU':
                return self._run(torch.rnn_relu, input, state)
            return self._run(torch.rnn_tanh, input, state)
    class MultiheadAttention:
        def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False):
            assert key_padding_mask is None and attn_mask is None, "attention with a mask"
            assert getattr(self, 'bias_k', None) is None and not getattr(self, 'add_zero_attn', False), "attention with further keys"
            first = getattr(self, 'batch_first', False)
            size = self.embed_dim // self.num_heads
            if getattr(self, 'in_proj_weight', None) is not None:
                weights = torch.chunk(self.in_proj_weight, 3)
            else:
                weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
            biases = [None, None, None] if getattr(self, 'in_proj_bias', None) is None else torch.chunk(self.in_proj_bias, 3)
            parts = []
            for i, x in enumerate([query, key, value]):
                x = torch.linear(x if first else torch.transpose(x, 0, 1), weights[i], biases[i])
                parts.append(torch.transpose(torch.view(x, [x.size(0), x.size(1), self.num_heads, size]), 1, 2))
            y = torch.scaled_dot_product_attention(parts[0], parts[1], parts[2], None, 0.0, is_causal)
            y = torch.transpose(y, 1, 2)
            y = self.out_proj(torch.reshape(y, [y.size(0), y.size(1), self.embed_dim]))
            return (y if first else torch.transpose(y, 0, 1)), None
    class TransformerEncoderLayer:
        def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
            x = src
            act = getattr(self, 'activation', F.relu)
            if getattr(self, 'norm_first', False):
                y = self.norm1(x)
                x = x + self.dropout1(self.self_attn(y, y, y, src_key_padding_mask, False, src_mask, True, is_causal)[0])
                return x + self.dropout2(self.linear2(self.dropout(act(self.linear1(self.norm2(x))))))
            x = self.norm1(x + self.dropout1(self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, True, is_causal)[0]))
            return self.norm2(x + self.dropout2(self.linear2(self.dropout(act(self.linear1(x))))))
    class TransformerEncoder:
        def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
            for layer in self.layers:
                src = layer(src, mask, src_key_padding_mask)
            return src if self.norm is None else self.norm(src)
    """#
}
