"""A vision transformer as DINOv2 with registers is: places interpolated to the image's grid, register tokens put
between CLS and the patches behind the places, layer scales, and a head that reads CLS and the mean of the patches.
"""

import torch
from torch import nn

REGISTERS = 4


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, length, width = x.shape
        split = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = split.unbind(0)
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.attention = Attention(width, heads)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale1, self.scale2 = (nn.Parameter(torch.full((width,), 0.3)) for _ in range(2))

    def forward(self, x):
        x = x + self.scale1 * self.attention(self.norm1(x))
        return x + self.scale2 * self.narrow(nn.functional.gelu(self.wide(self.norm2(x))))


class DinoV2(nn.Module):
    """Of square images; `side` is that of the grid that the places were trained for, in patches."""

    def __init__(self, width, heads, layers, patch, side, classes):
        super().__init__()
        self.patch, self.side = patch, side
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.cls = nn.Parameter(torch.randn(1, 1, width))
        self.registers = nn.Parameter(torch.randn(1, REGISTERS, width))
        self.places = nn.Parameter(0.1 * torch.randn(1, 1 + side * side, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width, 1e-6)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, x):
        n, _, height, width = x.shape
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls.expand(n, -1, -1), tokens], 1)
        tokens = tokens + self.placed(height // self.patch, width // self.patch)
        registers = self.registers.expand(n, -1, -1)
        tokens = torch.cat([tokens[:, :1], registers, tokens[:, 1:]], 1)
        for block in self.blocks:
            tokens = block(tokens)
        tokens = self.norm(tokens)
        return self.head(torch.cat([tokens[:, 0], tokens[:, 1 + REGISTERS :].mean(1)], -1))

    def placed(self, height, width):
        grid = self.places[:, 1:].reshape(1, self.side, self.side, -1).permute(0, 3, 1, 2)
        grid = nn.functional.interpolate(grid, size=(height, width), mode="bicubic")
        return torch.cat([self.places[:, :1], grid.flatten(2).transpose(1, 2)], 1)
