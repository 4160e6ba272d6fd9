"""Architectures whose gradients are compared with torch autograd, in their full size and in a small one.

Weights are random but seeded; statistics of batch norms are those of seeded noise, so that activations have the
sizes that a trained network has. The vision models are torchvision's; BERT is written out here.
"""

import math

import torch
from gradient_dinov2 import DinoV2
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.models.resnet import BasicBlock, Bottleneck

CLASSES = 10


class SmallResNet(nn.Module):
    """The stem, blocks and head of a ResNet, in fewer channels: torchvision's class has fixed ones."""

    def __init__(self, block):
        super().__init__()
        width, out = 8, 8 * block.expansion
        shortcut = nn.Sequential(nn.Conv2d(out, 2 * out, 1, 2, bias=False), nn.BatchNorm2d(2 * out))
        first = None
        if out != width:
            first = nn.Sequential(nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out))
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, 2, 3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        )
        self.blocks = nn.Sequential(
            block(width, width, 1, first), block(out, 2 * width, 2, shortcut), block(2 * out, 2 * width)
        )
        self.fc = nn.Linear(2 * out, CLASSES)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean([2, 3]))


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, mask):
        def split(t):
            return t.view(t.shape[0], t.shape[1], self.heads, -1).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + mask
        mixed = (scores.softmax(-1) @ v).transpose(1, 2)
        return self.out(mixed.reshape(x.shape))


class BertLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask):
        x = self.norm1(x + self.attention(x, mask))
        return self.norm2(x + self.narrow(nn.functional.gelu(self.wide(x))))


class Bert(nn.Module):
    """Embeddings of words, places and segments, post-norm layers, a pooler on the first token, a classifier."""

    def __init__(self, words=200, width=32, heads=4, layers=2, places=32):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.places = nn.Embedding(places, width)
        self.segments = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        self.layers = nn.ModuleList(BertLayer(width, heads) for _ in range(layers))
        self.pooler, self.classifier = nn.Linear(width, width), nn.Linear(width, CLASSES)

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.classify(self.words(input_ids), attention_mask, token_type_ids)

    def classify(self, embedded, attention_mask, token_type_ids):
        """From the embeddings of the words: what the gradient is taken with respect to."""
        places = torch.arange(embedded.shape[1], device=embedded.device)
        x = self.norm(embedded + self.segments(token_type_ids) + self.places(places))
        mask = (1.0 - attention_mask[:, None, None, :].to(embedded.dtype)) * -10000.0
        for layer in self.layers:
            x = layer(x, mask)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


def small_mobilenet_v3():
    blocks = [
        InvertedResidualConfig(8, 3, 8, 8, True, "RE", 2, 1, 1.0),
        InvertedResidualConfig(8, 3, 24, 16, False, "RE", 2, 1, 1.0),
        InvertedResidualConfig(16, 5, 32, 16, True, "HS", 1, 1, 1.0),
    ]
    return models.MobileNetV3(blocks, 32, num_classes=CLASSES)


def small_efficientnet():
    blocks = [MBConvConfig(1, 3, 1, 8, 8, 1, 1, 1), MBConvConfig(4, 5, 2, 8, 16, 2, 1, 1)]
    return EfficientNet(blocks, dropout=0.0, stochastic_depth_prob=0.0, num_classes=CLASSES)


def small_convnext():
    blocks = [CNBlockConfig(16, 32, 1), CNBlockConfig(32, None, 1)]
    return models.ConvNeXt(blocks, 0.0, num_classes=CLASSES)


def small_swin():
    return models.SwinTransformer(
        [2, 2], 16, [2, 0], [2, 4], [4, 4], stochastic_depth_prob=0.0, num_classes=CLASSES
    )


# name: (small, side of its images, opset; full, side of its images)
VISION = {
    "resnet18": (lambda: SmallResNet(BasicBlock), 32, 9, models.resnet18, 224),
    "resnet50": (lambda: SmallResNet(Bottleneck), 32, 13, models.resnet50, 224),
    "mobilenet_v2": (
        lambda: models.MobileNetV2(
            CLASSES, 0.25, [[1, 16, 1, 1], [4, 24, 2, 2], [4, 48, 1, 2]], dropout=0.0
        ),
        32,
        11,
        models.mobilenet_v2,
        224,
    ),
    "mobilenet_v3": (small_mobilenet_v3, 32, 14, models.mobilenet_v3_large, 224),
    "efficientnet_b0": (small_efficientnet, 32, 12, models.efficientnet_b0, 224),
    "convnext_tiny": (small_convnext, 32, 16, models.convnext_tiny, 224),
    "vit_b_16": (
        lambda: models.VisionTransformer(16, 4, 2, 4, 32, 64, num_classes=CLASSES),
        16,
        15,
        models.vit_b_16,
        224,
    ),
    "swin_t": (small_swin, 32, 16, models.swin_t, 224),
    # the full one is DINOv2's ViT-S/14
    "dinov2": (
        lambda: DinoV2(16, 2, 2, 4, 8, CLASSES),
        24,
        16,
        lambda: DinoV2(384, 6, 12, 14, 37, 1000),
        224,
    ),
}
NAMES = [*VISION, "bert"]


def build(name, full, batch=2, smooth=False, seed=0):
    """Model in eval mode, its inputs by name, and opset; `smooth`: without kinks."""
    torch.manual_seed(seed)
    if name == "bert":
        words, length, opset = (30522, 128, 16) if full else (200, 9, 14)
        model = Bert(words, 768, 12, 12, 512) if full else Bert()
        lengths = torch.randint(length // 2, length + 1, (batch, 1))
        inputs = {
            "input_ids": torch.randint(0, words, (batch, length)),
            "attention_mask": (torch.arange(length)[None] < lengths).long(),
            "token_type_ids": (torch.arange(length)[None] >= length // 2).long().repeat(batch, 1),
        }
        return model.eval(), inputs, opset
    small, small_side, opset, make, full_side = VISION[name]
    model, side = (make(), full_side) if full else (small(), small_side)
    if smooth:
        make_smooth(model)
    calibrate(model, side)
    return model.eval(), {"x": torch.randn(batch, 3, side, side)}, opset if not full else 16


def calibrate(model, side):
    """Batch norms get the statistics of noise; layer scales, which start at 1e-6, one that shows."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
        if isinstance(getattr(module, "layer_scale", None), nn.Parameter):
            nn.init.constant_(module.layer_scale, 0.3)
    if getattr(model, "heads", None) is not None and isinstance(model, models.VisionTransformer):
        nn.init.normal_(model.heads.head.weight, std=0.1)
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(4, 3, side, side))


def make_smooth(model):
    """Softplus, SiLU, the logistic function and means for what has kinks."""
    replaced = {
        nn.ReLU: nn.Softplus,
        nn.ReLU6: nn.Softplus,
        nn.Hardswish: nn.SiLU,
        nn.Hardsigmoid: nn.Sigmoid,
    }
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(parent, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
            elif type(child) in replaced:
                setattr(parent, name, replaced[type(child)]())


def parameters_off(model):
    """The gradient is taken with respect to the input alone, as ours is."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def run(model, inputs):
    """Output, and the tensor that the gradient is with respect to."""
    if "input_ids" in inputs:
        x = model.words(inputs["input_ids"]).detach().requires_grad_(True)
        return model.classify(x, inputs["attention_mask"], inputs["token_type_ids"]), x
    x = inputs["x"].detach().requires_grad_(True)
    return model(x), x
