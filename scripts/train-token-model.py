"""Trains a small classifier of mails whose latent is the mean of its token states, for bench/word-deletion.mjs.

    craft-xai demo text                      (makes train.jsonl and held-out.jsonl in its cache folder)
    python3 scripts/train-token-model.py --mails CACHE/demo-text-… --out DIR

Needs Debian's python3-torch. One transformer layer over word pieces (a vocabulary of its own, from the mails), the
mean over the tokens, a linear head; seeded. Writes model.onnx, tokenizer.json and config.json, and prints the
accuracy on the mails that were held out.
"""

import argparse
import collections
import json
import os
import re
import unicodedata

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, INNER, LENGTH = 64, 4, 128, 128
WORDS, SUFFIXES = 6000, 400
EPOCHS, BATCH, RATE = 8, 32, 2e-3
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
LABELS = ["ham", "spam"]


def words_of(text):
    """As BERT's normaliser and pre-tokenizer part a text: lower case, no accents, every mark alone."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return re.findall(r"[^\W_]+|[^\w\s]|_", plain)


def vocabulary_of(texts):
    """The most frequent words, their most frequent endings, and every character alone and inside a word."""
    counts = collections.Counter(word for text in texts for word in words_of(text))
    endings = collections.Counter()
    for word, count in counts.items():
        for k in range(2, 6):
            if len(word) > k + 2:
                endings[word[-k:]] += count
    characters = sorted({c for word in counts for c in word})
    pieces = SPECIAL + characters + ["##" + c for c in characters]
    pieces += ["##" + ending for ending, _ in endings.most_common(SUFFIXES)]
    pieces += [word for word, _ in counts.most_common(WORDS) if len(word) > 1]
    return {piece: id for id, piece in enumerate(dict.fromkeys(pieces))}


def ids_of(text, vocabulary):
    ids = [vocabulary["[CLS]"]]
    for word in words_of(text):
        found, start = [], 0
        while start < len(word):  # the longest piece first
            end = next(
                (e for e in range(len(word), start, -1) if ("##" if start else "") + word[start:e] in vocabulary), None
            )
            if end is None:
                found = [vocabulary["[UNK]"]]
                break
            found.append(vocabulary[("##" if start else "") + word[start:end]])
            start = end
        ids += found
    return ids[: LENGTH - 1] + [vocabulary["[SEP]"]]


class TokenModel(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.words = nn.Embedding(size, WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.normed = nn.LayerNorm(WIDTH)
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.attended, self.fed = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(WIDTH, len(LABELS))

    def split(self, x):
        return x.view(x.size(0), x.size(1), HEADS, WIDTH // HEADS).permute(0, 2, 1, 3)

    def forward(self, input_ids, attention_mask):
        mask = attention_mask.float()
        x = self.words(input_ids) + self.positions(torch.arange(input_ids.size(1)).unsqueeze(0))
        x = self.dropout(self.normed(x))
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = q.matmul(k.transpose(-1, -2)) / (WIDTH // HEADS) ** 0.5 + ((1 - mask) * -1e4)[:, None, None, :]
        mixed = F.softmax(scores, dim=-1).matmul(v).permute(0, 2, 1, 3).contiguous()
        x = self.attended(x + self.dropout(self.output(mixed.view(mixed.size(0), mixed.size(1), WIDTH))))
        x = self.fed(x + self.dropout(self.outer(F.gelu(self.inner(x)))))
        column = mask.unsqueeze(-1)
        mean = (x * column).sum(1) / torch.clamp(column.sum(1), min=1e-9)
        return self.head(mean)


def padded(rows):
    length = max(len(row) for row in rows)
    ids, mask = np.zeros((len(rows), length), np.int64), np.zeros((len(rows), length), np.int64)
    for n, row in enumerate(rows):
        ids[n, : len(row)], mask[n, : len(row)] = row, 1
    return torch.from_numpy(ids), torch.from_numpy(mask)


def train(model, rows, labels):
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-2)
    steps = EPOCHS * -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    model.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(rows)).tolist()
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            loss = F.cross_entropy(model(*padded([rows[n] for n in batch])), torch.tensor([labels[n] for n in batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def tokenizer_json(vocabulary):
    special = [
        {"id": vocabulary[s], "content": s, "special": True, "lstrip": False, "rstrip": False, "normalized": False}
        for s in SPECIAL
    ]
    one = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
           {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]  # fmt: skip
    tokens = {s: {"id": s, "ids": [vocabulary[s]], "tokens": [s]} for s in ("[CLS]", "[SEP]")}
    return {
        "version": "1.0",
        "truncation": {"max_length": LENGTH, "stride": 0, "strategy": "LongestFirst", "direction": "Right"},
        "padding": None,
        "added_tokens": special,
        "normalizer": {
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True,
        },  # fmt: skip
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": one, "pair": one, "special_tokens": tokens},
        "decoder": None,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary,
        },  # fmt: skip
    }


def write(model, vocabulary, example, out):
    os.makedirs(out, exist_ok=True)
    axes = {"input_ids": {0: "batch", 1: "length"}, "attention_mask": {0: "batch", 1: "length"}, "logits": {0: "batch"}}
    torch.onnx.export(
        model, example, os.path.join(out, "model.onnx"), input_names=["input_ids", "attention_mask"],
        output_names=["logits"], dynamic_axes=axes, opset_version=14,
    )  # fmt: skip
    config = {"id2label": dict(enumerate(LABELS)), "max_position_embeddings": LENGTH, "pad_token_id": 0}
    for name, value in {"tokenizer": tokenizer_json(vocabulary), "config": config}.items():
        with open(os.path.join(out, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False)


def read(path):
    with open(path, encoding="utf-8") as file:
        mails = [json.loads(line) for line in file]
    return [mail["text"] for mail in mails], [LABELS.index(mail["label"]) for mail in mails]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums on every machine
    texts, labels = read(os.path.join(options.mails, "train.jsonl"))
    vocabulary = vocabulary_of(texts)
    model = TokenModel(len(vocabulary))
    train(model, [ids_of(text, vocabulary) for text in texts], labels)
    model.eval()
    held, truth = read(os.path.join(options.mails, "held-out.jsonl"))
    with torch.no_grad():
        rows = [ids_of(text, vocabulary) for text in held]
        named = [int(model(*padded([row]))[0].argmax()) for row in rows]
    right = sum(a == b for a, b in zip(named, truth)) / len(truth)
    print(f"{len(vocabulary)} pieces; right on {100 * right:.1f} % of {len(truth)} mails kept from it")
    write(model, vocabulary, padded(rows[:3]), options.out)


if __name__ == "__main__":
    main()
