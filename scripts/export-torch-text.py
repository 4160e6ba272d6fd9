"""Writes the small text classifiers of test/golden/torch-text, with the scores that torch gives.

    /usr/bin/python3 scripts/export-torch-text.py [--out DIR] [NAME …]

Needs Debian's python3-torch. Encoders as the Hugging Face library has them (modules, masks, position ids, pools),
written out here, with seeded random weights; exported with the names and free axes that optimum gives. One .onnx
and one .npz each: input_ids, attention_mask, logits and latent (what the last linear layer reads) of one batch of
texts of mixed lengths, padded; v, a cotangent of the logits, gradient, v pulled back to the embedded words of the
first texts, and scores, embedding · gradient of every token, both in float64; and vocabulary.json, which all share.
"""

import argparse
import json
import math
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
WIDTH, HEADS, INNER, LAYERS, CLASSES, POSITIONS = 32, 4, 64, 2, 3, 48
FULL, SHORT = 3, 7  # texts whose gradient is kept whole, and their tokens
SPECIAL = {"bos": 0, "pad": 1, "eos": 2, "unk": 3}
SYLLABLES = ["ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "pa", "re", "si", "to"]
VOCABULARY = ["<s>", "<pad>", "</s>", "<unk>"] + ["Ġ" + a + b for a in SYLLABLES for b in SYLLABLES[:8]]


class SelfAttention(nn.Module):
    """BERT's: an additive mask on the scores."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

    def split(self, x):
        x = x.view(x.size()[:-1] + (HEADS, WIDTH // HEADS))
        return x.permute(0, 2, 1, 3)

    def weights(self, q, k, mask):
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(WIDTH // HEADS)
        return F.softmax(scores + mask, dim=-1)

    def forward(self, x, mask):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        mixed = torch.matmul(self.weights(q, k, mask), v).permute(0, 2, 1, 3).contiguous()
        return mixed.view(mixed.size()[:-2] + (WIDTH,))


class MaskedSelfAttention(SelfAttention):
    """DistilBERT's: scores filled where the mask is 0."""

    def weights(self, q, k, mask):
        scores = torch.matmul(q / math.sqrt(WIDTH // HEADS), k.transpose(2, 3))
        hole = (mask == 0).view(mask.size(0), 1, 1, mask.size(1)).expand_as(scores)
        return F.softmax(scores.masked_fill(hole, torch.finfo(scores.dtype).min), dim=-1)


class DisentangledSelfAttention(nn.Module):
    """DeBERTa's: content to content, content to position, position to content."""

    SPAN = 16

    def __init__(self):
        super().__init__()
        self.query_proj, self.key_proj, self.value_proj = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.pos_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.pos_q_proj = nn.Linear(WIDTH, WIDTH)
        self.rel_embeddings = nn.Embedding(2 * self.SPAN, WIDTH)

    def split(self, x):
        x = x.view(x.size()[:-1] + (HEADS, -1))
        return x.permute(0, 2, 1, 3)

    def forward(self, x, mask):
        q, k, v = (self.split(f(x)) for f in (self.query_proj, self.key_proj, self.value_proj))
        scale = math.sqrt(q.size(-1) * 3)
        scores = torch.matmul(q / scale, k.transpose(-1, -2)) + self.bias(q, k, scale)
        return self.mixed(scores, v, mask)

    def bias(self, q, k, scale):
        at = torch.arange(q.size(-2), dtype=torch.long)
        relative = (at[:, None] - at[None, :]).unsqueeze(0).unsqueeze(0)
        table = self.rel_embeddings.weight.unsqueeze(0)
        pos_k, pos_q = self.split(self.pos_proj(table)), self.split(self.pos_q_proj(table))
        size = [q.size(0), HEADS, q.size(-2), q.size(-2)]
        c2p = torch.matmul(q, pos_k.transpose(-1, -2)) / scale
        c2p_pos = torch.clamp(relative + self.SPAN, 0, self.SPAN * 2 - 1)
        bias = torch.gather(c2p, dim=-1, index=c2p_pos.expand(size))
        p2c = torch.matmul(k, pos_q.transpose(-1, -2)) / scale
        p2c_pos = torch.clamp(-relative + self.SPAN, 0, self.SPAN * 2 - 1)
        return bias + torch.gather(p2c, dim=-1, index=p2c_pos.expand(size)).transpose(-1, -2)

    def mixed(self, scores, v, mask):
        # XSoftmax as it is exported: filled, softmax, filled again
        hole = (1 - mask).to(torch.bool)
        weights = F.softmax(scores.masked_fill(hole, torch.finfo(scores.dtype).min), -1)
        context = torch.matmul(weights.masked_fill(hole, 0), v).permute(0, 2, 1, 3).contiguous()
        return context.view(context.size()[:-2] + (-1,))


class Layer(nn.Module):
    """A block of attention and a block of two linear layers, each with a norm after it."""

    def __init__(self, attention):
        super().__init__()
        self.attention = attention
        self.output, self.norm1 = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH, eps=1e-7)
        self.intermediate, self.dense = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-7)

    def forward(self, x, mask):
        x = self.norm1(x + self.output(self.attention(x, mask)))
        return self.norm2(x + self.dense(F.gelu(self.intermediate(x))))


class Encoder(nn.Module):
    """Embeddings and layers; how positions and masks are made is each model's own."""

    def __init__(self, attention):
        super().__init__()
        self.word_embeddings = nn.Embedding(len(VOCABULARY), WIDTH, padding_idx=SPECIAL["pad"])
        self.position_embeddings = nn.Embedding(POSITIONS + 2, WIDTH)
        self.token_type_embeddings = nn.Embedding(2, WIDTH)
        self.LayerNorm = nn.LayerNorm(WIDTH, eps=1e-7)
        self.layer = nn.ModuleList([Layer(attention()) for _ in range(LAYERS)])
        self.register_buffer("position_ids", torch.arange(POSITIONS).expand((1, -1)))

    def positions(self, ids):
        return self.position_ids[:, : ids.size(1)]

    def embed(self, ids, types=None):
        x = self.word_embeddings(ids) + self.position_embeddings(self.positions(ids))
        return self.LayerNorm(x if types is None else x + self.token_type_embeddings(types))

    def masks(self, mask):
        # as float32 even where gradients are computed in float64
        return (1.0 - mask[:, None, None, :].to(torch.float32)) * torch.finfo(torch.float32).min

    def forward(self, ids, mask, types=None):
        x, masks = self.embed(ids, types), self.masks(mask)
        for layer in self.layer:
            x = layer(x, masks)
        return x


class RobertaEncoder(Encoder):
    """Positions are counted over what is no padding, from the id of the padding on."""

    def positions(self, ids):
        mask = ids.ne(SPECIAL["pad"]).int()
        return (torch.cumsum(mask, dim=1).type_as(mask) * mask).long() + SPECIAL["pad"]


class DistilbertEncoder(Encoder):
    def masks(self, mask):
        return mask


class DebertaEncoder(Encoder):
    def masks(self, mask):
        extended = mask.unsqueeze(1).unsqueeze(2)
        return extended * extended.squeeze(-2).unsqueeze(-1)

    def forward(self, ids, mask, types=None):
        # embeddings of padding are 0
        x = self.embed(ids, types) * mask.unsqueeze(2).to(torch.float32)
        masks = self.masks(mask)
        for layer in self.layer:
            x = layer(x, masks)
        return x


class Classifier(nn.Module):
    """An encoder and the head of its family; also gives what the last linear layer reads."""

    def __init__(self, encoder, head):
        super().__init__()
        self.encoder, self.head = encoder, head
        self.dense, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, CLASSES)

    def latent(self, states, mask):
        if self.head == "mean":
            wide = mask.unsqueeze(-1).expand(states.size()).float()
            return torch.sum(states * wide, 1) / torch.clamp(wide.sum(1), min=1e-9)
        act = {"tanh": torch.tanh, "relu": F.relu, "gelu": F.gelu}[self.head]
        return act(self.dense(states[:, 0]))

    def both(self, *inputs):
        latent = self.latent(self.encoder(*inputs), inputs[1])
        return self.classifier(latent), latent

    def forward(self, *inputs):
        return self.both(*inputs)[0]


# name: encoder, attention, head, operator set, whether token types are an input
MODELS = {
    "bert": (Encoder, SelfAttention, "tanh", 14, True),
    "roberta": (RobertaEncoder, SelfAttention, "tanh", 15, False),
    "distilbert": (DistilbertEncoder, MaskedSelfAttention, "relu", 17, False),
    "deberta": (DebertaEncoder, DisentangledSelfAttention, "gelu", 16, True),
    "minilm": (Encoder, SelfAttention, "mean", 14, True),
}


def batch(rng, lengths=(1, 5, 5, 12, 30, 2, 46)):
    """Random words in <s> and </s>, padded to the longest."""
    longest = max(lengths) + 2
    ids = np.full((len(lengths), longest), SPECIAL["pad"], np.int64)
    for n, length in enumerate(lengths):
        words = rng.integers(len(SPECIAL), len(VOCABULARY), length)
        ids[n, : length + 2] = [SPECIAL["bos"], *words, SPECIAL["eos"]]
    return ids, (ids != SPECIAL["pad"]).astype(np.int64)


def gradients(model, inputs, v):
    """v pulled back to the embedded words, and the embedded words, in float64."""
    kept = []
    hook = model.encoder.word_embeddings.register_forward_hook(lambda *call: kept.append(call[2]))
    with torch.enable_grad():
        logits = model.double()(*inputs)
        hook.remove()
        (gradient,) = torch.autograd.grad((logits * v).sum(), kept)
    return gradient, kept[0].detach()


def write(name, out):
    encoder, attention, head, opset, with_types = MODELS[name]
    torch.manual_seed(sorted(MODELS).index(name))
    model = Classifier(encoder(attention), head).eval()
    ids, mask = batch(np.random.default_rng(7))
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if with_types else [])
    inputs = [torch.from_numpy(a) for a in (ids, mask)]
    if with_types:
        inputs.append(torch.zeros(ids.shape, dtype=torch.long))
    with torch.no_grad():
        logits, latent = model.both(*inputs)
    axes = {0: "batch_size", 1: "sequence_length"}
    path = os.path.join(out, f"{name}.onnx")
    torch.onnx.export(
        model,
        tuple(i[:2, :7].contiguous() for i in inputs),
        path,
        opset_version=opset,
        input_names=names,
        output_names=["logits"],
        dynamic_axes={**{i: axes for i in names}, "logits": {0: "batch_size"}},
        do_constant_folding=True,
    )
    v = torch.from_numpy(np.random.default_rng(8).standard_normal((len(ids), CLASSES)))
    gradient, embedded = gradients(model, inputs, v)
    np.savez_compressed(
        os.path.join(out, f"{name}.npz"),
        input_ids=ids.astype(np.int32),
        attention_mask=mask.astype(np.int32),
        logits=logits.numpy(),
        latent=latent.numpy(),
        v=v.numpy().astype(np.float32),
        gradient=gradient[:FULL, :SHORT].numpy(),
        scores=(gradient * embedded).sum(-1).numpy(),
    )
    print(f"{name}: opset {opset}, {os.path.getsize(path)} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--out", default=os.path.join(ROOT, "test", "golden", "torch-text"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "vocabulary.json"), "w", encoding="utf-8") as file:
        json.dump({"vocab": VOCABULARY, "max_len": POSITIONS, "special": SPECIAL}, file, ensure_ascii=False)
    for name in options.names or MODELS:
        write(name, options.out)


if __name__ == "__main__":
    main()
