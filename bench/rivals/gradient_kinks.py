"""How much of a difference of gradients comes from units at a kink, where rounding decides the side."""

import torch
from gradient_export import AT_A_KINK, gradient, relative
from torch import nn

KINKS = {nn.ReLU: (0.0,), nn.ReLU6: (0.0, 6.0), nn.Hardswish: (-3.0, 3.0), nn.Hardsigmoid: (-3.0, 3.0)}
# a unit is moved to the other side if that takes away this share of the difference
GAIN = 0.1


class Mover:
    """Moves single units before their activation; `moves`: number of the call to {place: step}."""

    def __init__(self, model):
        self.moves, self.close, self.call = {}, None, 0
        for module in model.modules():
            if type(module) in KINKS or type(module) is nn.MaxPool2d:
                module.register_forward_pre_hook(self.before)

    def before(self, module, inputs):
        (x,) = inputs
        call, self.call = self.call, self.call + 1
        if self.close is not None:
            if type(module) is nn.MaxPool2d:
                self.look_at_pool(call, x.detach(), module)
            else:
                self.look(call, x.detach().flatten(), KINKS[type(module)])
        if call not in self.moves:
            return None
        x = x.clone()
        for place, step in self.moves[call].items():
            x.view(-1)[place] += step
        return (x,)

    def look(self, call, x, kinks):
        """Notes the units that are closest to a kink, as a share of the largest."""
        for kink in kinks:
            distance = (x - kink).abs()
            values, places = distance.topk(min(self.most, len(x)), largest=False)
            for value, place in zip(values / x.abs().max(), places):
                self.close.append((value.item(), call, place.item(), -2 * (x[place] - kink).item()))

    def look_at_pool(self, call, x, pool):
        """Notes the units that are closest to being the largest of their window."""
        n, channels, height, width = x.shape
        # places as exact floats: maps have less than 2⁵³ units
        places = torch.arange(x.numel(), dtype=torch.float64).view(n * channels, 1, height, width)
        pads = [pool.padding] * 4
        window = {"kernel_size": pool.kernel_size, "stride": pool.stride}
        values = nn.functional.pad(x.view(n * channels, 1, height, width), pads, value=float("-inf"))
        values = nn.functional.unfold(values, **window)
        at = nn.functional.unfold(nn.functional.pad(places, pads), **window)
        (first, second), order = values.topk(2, dim=1)[0].unbind(1), values.topk(2, dim=1)[1]
        # of windows of zeros, no unit passes a gradient on
        distance = torch.where(first > 0, first - second, torch.full_like(first, float("inf"))).flatten()
        seconds = at.gather(1, order[:, 1:]).flatten()
        nearest, found = distance.topk(min(self.most, len(distance)), largest=False)
        for value, k in zip(nearest / x.max(), found):
            self.close.append((value.item(), call, int(seconds[k]), 2 * distance[k].item()))

    def gradient(self, model, inputs, v):
        self.call = 0
        return gradient(model, inputs, v, torch.float64)[1]


def decided_alike(model, inputs, v, ours, exact, most=48):
    """Difference from float64 after units that sit closest to a kink were moved across it there, and their number."""
    mover = Mover(model)
    mover.most, mover.close = most, []
    mover.gradient(model, inputs, v)
    candidates, mover.close = sorted(mover.close)[:most], None
    best, moved = relative(ours, exact), 0
    for _, call, place, step in candidates:
        if best < AT_A_KINK:
            break
        mover.moves.setdefault(call, {})[place] = step
        off = relative(ours, mover.gradient(model, inputs, v))
        if off < (1 - GAIN) * best:
            best, moved = off, moved + 1
        else:
            del mover.moves[call][place]
    return best, moved
