"""The first layers of a Qwen2 model in PyTorch, read from its GGUF file: what gradients are taken through.

The same sums as the engine's, in bfloat16: behind the 19th layer the states of a question point the same way
as the engine's, to a cosine of .9998. PyTorch and gguf are needed by this alone; Shopbell does without them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nn
from gguf import GGUFReader, dequantize
from torch import Tensor

Cache = list[tuple[Tensor, Tensor]]
"""For each layer keys and values, float[heads, tokens, width]; keys are turned to their positions."""

Row = tuple[list[int], list[list[int]]]
"""The tokens of a note, and of each question on it."""


class Layers:
    """The embedding and the first layers."""

    def __init__(self, file: Path, count: int) -> None:
        """Read `count` layers."""
        reader = GGUFReader(file)
        found = {tensor.name: tensor for tensor in reader.tensors}

        def number(key: str) -> float:
            field = reader.fields[f"qwen2.{key}"]
            return float(field.parts[field.data[0]][0])

        def weight(name: str) -> Tensor:
            numbers = dequantize(found[name].data, found[name].tensor_type)
            return torch.from_numpy(np.ascontiguousarray(numbers, dtype=np.float32))

        self._heads, self.heads = (
            int(number("attention.head_count")),
            int(number("attention.head_count_kv")),
        )
        self._small = number("attention.layer_norm_rms_epsilon")
        self._words = weight("token_embd.weight").bfloat16()
        self.width = self._words.shape[1]
        self._head = self.width // self._heads
        self._turn = number("rope.freq_base") ** (-torch.arange(0, self._head, 2).float() / self._head)
        self._layers = [_layer(partial(_of, weight, place)) for place in range(count)]

    def run(
        self, tokens: Tensor, places: Tensor, seen: Tensor, before: Cache, kept: Cache | None = None
    ) -> Tensor:
        """Return the states behind the last layer, float32[rows, tokens, width].

        `tokens` and `places` are int[rows, tokens]; `seen` bool[rows, tokens, before + tokens] says who looks
        at whom; `before` stands in front of every row, or is empty. `kept` gets the first row's cache.
        """
        rows, length = tokens.shape
        state = self._words[tokens].float()
        angle = (places[..., None].float() * self._turn)[:, None]
        turn = angle.cos(), angle.sin()
        mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill(~seen, -torch.inf)[:, None]
        widths = [self.width, self.heads * self._head, self.heads * self._head]
        for place, layer in enumerate(self._layers):
            inner = nn.linear(self._norm(state, layer["an"]), layer["qkv"], layer["bias"])
            query, key, value = (
                part.view(rows, length, -1, self._head).transpose(1, 2)
                for part in inner.split(widths, dim=-1)
            )
            query, key = _turned(query, *turn), _turned(key, *turn)
            if kept is not None:
                kept.append((key[0].float(), value[0].float()))
            if before:
                keys, values = (part.bfloat16()[None].expand(rows, -1, -1, -1) for part in before[place])
                key, value = torch.cat([keys, key], 2), torch.cat([values, value], 2)
            times = self._heads // self.heads
            looked = nn.scaled_dot_product_attention(
                query, key.repeat_interleave(times, 1), value.repeat_interleave(times, 1), attn_mask=mask
            )
            state = state + nn.linear(looked.transpose(1, 2).reshape(rows, length, -1), layer["out"]).float()
            normed = self._norm(state, layer["fn"])
            gated = nn.silu(nn.linear(normed, layer["gate"])) * nn.linear(normed, layer["up"])
            state = state + nn.linear(gated, layer["down"]).float()
        return state

    def beginning(self, tokens: list[int]) -> Cache:
        """Return the keys and values of a text by itself."""
        length, kept = len(tokens), list[tuple[Tensor, Tensor]]()
        with torch.no_grad():
            seen = torch.ones(1, length, length, dtype=torch.bool).tril()
            self.run(torch.tensor([tokens]), torch.arange(length)[None], seen, [], kept)
        return kept

    def looks(self, rows: Sequence[Row], before: Cache, shown: Tensor) -> Tensor:
        """Return what the sieve weighs of each question, float32[questions, 2 * width].

        The state at the last token, and the mean over the question. Questions on one note do not see each
        other; `shown` bool[before] says which tokens of what stands in front are seen.
        """
        first = len(shown)
        length = max(len(note) + sum(map(len, questions)) for note, questions in rows)
        tokens = torch.zeros(len(rows), length, dtype=torch.long)
        places = torch.zeros(len(rows), length, dtype=torch.long)
        seen = torch.zeros(len(rows), length, first + length, dtype=torch.bool)
        spans = []
        for row, (note, questions) in enumerate(rows):
            seen[row, :, :first] = shown
            at = 0
            for part, text in enumerate([note, *questions]):
                end, shift = at + len(text), len(note) if part else 0
                tokens[row, at:end] = torch.tensor(text)
                places[row, at:end] = first + shift + torch.arange(len(text))
                seen[row, at:end, first : first + shift] = True
                seen[row, at:end, first + at : first + end] = torch.ones(len(text), len(text)).bool().tril()
                spans += [(row, at, end)] if part else []
                at = end
        states = self.run(tokens, places, seen, before)
        return torch.stack(
            [torch.cat([states[row, end - 1], states[row, at:end].mean(0)]) for row, at, end in spans]
        )

    def _norm(self, state: Tensor, weight: Tensor) -> Tensor:
        return (state * torch.rsqrt(state.pow(2).mean(-1, keepdim=True) + self._small) * weight).bfloat16()


def _of(weight: Callable[[str], Tensor], place: int, name: str) -> Tensor:
    return weight(f"blk.{place}.{name}")


def _layer(weight: Callable[[str], Tensor]) -> dict[str, Tensor]:
    names = ("attn_q", "attn_k", "attn_v")
    wide = {"out": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}
    return {
        "qkv": torch.cat([weight(f"{name}.weight") for name in names]).bfloat16(),
        "bias": torch.cat([weight(f"{name}.bias") for name in names]).bfloat16(),
        "an": weight("attn_norm.weight"),
        "fn": weight("ffn_norm.weight"),
        **{key: weight(f"{name}.weight").bfloat16() for key, name in wide.items()},
    }


def _turned(part: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = part.float().chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1).bfloat16()
