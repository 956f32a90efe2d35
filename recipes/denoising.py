"""What helps a tiny DETR to be trained at all, around a model that stays DETR: nothing of this is in its file.

Plain training takes a DETR hundreds of epochs: which query stands for which object changes from step to step, and
cross-attention has to find out that a query may look at one place. So in this recipe

- more queries are given the true classes and boxes with noise, and have to say the true ones: no matching, a clear task
  (denoising, Li et al. 2022, https://arxiv.org/abs/2203.01305); the model's own queries do not see them;
- the cross-attention of a query that stands for an object is supervised to look at that object's mask, as in guided.py;
- queries begin as places on a grid, and cross-attention as one that compares places;
- one matching, that of the last layer, counts for all layers;
- the ResNet is trained before, as a classifier, and frozen: its maps are computed once.

Shapes: B pictures, Q queries of the model, N the most objects of a picture (padded), S positions of the feature map, D
d_model, G groups of denoising queries.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hfquick.models.detr.loss_detr import box_losses
from hfquick.models.detr.matching import match

GROUPS = 2  # of denoising queries
FLIPPED = 0.2  # share of their classes that are wrong
MOVED = 0.4  # how far their boxes are moved and stretched, in parts of their sides
GUIDED = 1.0  # weight of the loss of cross-attention
EMPTY = -100  # class of a padded object, as cross_entropy leaves it out


class Denoised(nn.Module):
    """A detector (DetrForObjectDetection) in training, on maps of its frozen ResNet."""

    def __init__(self, detector: Any) -> None:
        super().__init__()
        config = detector.config
        self.detector = detector
        self.class_embeddings = nn.Embedding(config.num_labels, config.d_model)
        self.box_positions = nn.Sequential(
            nn.Linear(config.d_model, config.d_model), nn.ReLU(), nn.Linear(config.d_model, config.d_model)
        )
        begin_as_places(detector)

    def forward(self, maps: Tensor, classes: Tensor, boxes: Tensor, cells: Tensor) -> dict[str, Tensor]:
        """Maps (B, C, y, x); classes (B, N), -1 is none; boxes (B, N, 4); cells (B, N, S), where objects are seen."""
        model, config = self.detector.model, self.detector.config
        B, N = classes.shape
        Q = config.num_queries
        position = position_of(model, maps)
        x = model.input_projection(maps).flatten(2).transpose(1, 2)
        encoded = model.encoder(x, position, None).last_hidden_state
        own = model.query_position_embeddings.weight.expand(B, -1, -1)
        content, place = self.noised(classes, boxes)
        outputs = model.decoder(
            torch.cat([torch.zeros_like(own), content], 1),
            torch.cat([own, place], 1),
            encoded,
            position,
            None,
            apart(Q, N, maps),
            output_attentions=True,
        )
        gold = torch.where(classes < 0, EMPTY, classes)
        again = gold.repeat(1, GROUPS), boxes.repeat(1, GROUPS, 1), cells.repeat(1, GROUPS, 1)
        layers = [self.detector.predictions(states) for states in outputs.intermediate_hidden_states]
        last = {name: values[:, :Q].float() for name, values in layers[-1].items()}
        query = matched(last, classes, boxes, config)  # (B, N), the query of each object
        loss = maps.new_zeros(())
        for layer, attention in zip(layers, outputs.cross_attentions, strict=True):
            logits, found = layer["logits"].float(), layer["pred_boxes"].float()
            looks = attention.float().mean(1)  # (B, Q + G * N, S), mean of the heads
            every = torch.full((B, Q), config.num_labels, dtype=torch.long)
            every = every.scatter(1, query.clamp(min=0), torch.where(classes < 0, config.num_labels, classes))
            weight = torch.ones(config.num_labels + 1)
            weight[-1] = config.eos_coefficient
            loss = loss + F.cross_entropy(logits[:, :Q].transpose(1, 2), every, weight)
            loss = loss + places(at(found[:, :Q], query), at(looks[:, :Q], query), gold, boxes, cells, config)
            loss = loss + F.cross_entropy(logits[:, Q:].transpose(1, 2), again[0], ignore_index=EMPTY)
            loss = loss + places(found[:, Q:], looks[:, Q:], *again, config)
        return {"loss": loss / len(layers)}

    def noised(self, classes: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
        """Denoising queries: content and positions (B, G * N, D), from classes and boxes that are not quite right."""
        labels, wrong = classes.clamp(min=0).repeat(1, GROUPS), boxes.repeat(1, GROUPS, 1)
        other = torch.randint_like(labels, self.detector.config.num_labels)
        labels = torch.where(torch.rand(labels.shape) < FLIPPED, other, labels)
        centre, size = wrong[..., :2], wrong[..., 2:]
        centre = centre + size / 2 * MOVED * (2 * torch.rand_like(size) - 1)
        size = size * (1 + MOVED * (2 * torch.rand_like(size) - 1))
        wrong = torch.cat([centre, size], -1).clamp(0, 1)
        return self.class_embeddings(labels), self.box_positions(waves(wrong, self.detector.config.d_model))


def places(found: Tensor, looks: Tensor, gold: Tensor, boxes: Tensor, cells: Tensor, config: Any) -> Tensor:
    """The losses of boxes and of cross-attention for queries (B, M) that each stand for one object."""
    there = gold != EMPTY
    count = max(1, int(there.sum()))
    losses = box_losses(found[there], boxes[there], count)
    seen = (looks[there] * cells[there]).sum(-1)
    guided = -(seen + 1e-4).log().mean() if count else looks.sum() * 0
    return (
        config.bbox_loss_coefficient * losses["loss_bbox"]
        + config.giou_loss_coefficient * losses["loss_giou"]
        + GUIDED * guided
    )


def at(values: Tensor, query: Tensor) -> Tensor:
    """Values (B, Q, K) of the queries (B, N); those of -1 are not used."""
    return values.gather(1, query.clamp(min=0)[..., None].expand(-1, -1, values.shape[-1]))


def matched(last: dict[str, Tensor], classes: Tensor, boxes: Tensor, config: Any) -> Tensor:
    """The query (B, N) that stands for each object. Padded objects get queries that stand for none."""
    counts = (classes >= 0).sum(1).tolist()
    objects = [
        (classes[row, :count].numpy(), boxes[row, :count].numpy().astype("float64")) for row, count in enumerate(counts)
    ]
    pairs = match(last["logits"].detach().numpy(), last["pred_boxes"].detach().numpy(), objects, config)
    found = torch.zeros_like(classes)
    for row, (queries, order) in enumerate(pairs):
        rest = [number for number in range(config.num_queries) if number not in set(queries.tolist())]
        found[row, torch.from_numpy(order)] = torch.from_numpy(queries)
        found[row, counts[row] :] = torch.tensor(rest[: classes.shape[1] - counts[row]])
    return found


def apart(Q: int, N: int, like: Tensor) -> Tensor:
    """Additive mask (T, T): the model's own queries and each group of denoising queries see only their like."""
    group = torch.cat([torch.zeros(Q), 1 + torch.arange(GROUPS * N) // N])
    return like.new_zeros(len(group), len(group)).masked_fill(group[:, None] != group[None], -1e4)


def waves(boxes: Tensor, width: int) -> Tensor:
    """Boxes (..., 4) -> sines and cosines (..., width) of their four numbers."""
    frequencies = 20.0 ** (torch.arange(width // 8) / (width // 8 - 1)) * torch.pi / 2
    angles = boxes[..., None] * frequencies  # (..., 4, width / 8)
    return torch.cat([angles.sin(), angles.cos()], -1).flatten(-2)


def position_of(model: Any, maps: Tensor) -> Tensor:
    """Positions (1, S, D) of feature maps (B, C, y, x)."""
    return model.backbone.position_embedding(torch.ones(1, *maps.shape[2:], dtype=torch.bool))


@torch.no_grad()
def begin_as_places(detector: Any, rows: int = 3, side: int = 8) -> None:
    """Let queries begin as the positions of a grid, and cross-attention compare the same things of both sides."""
    model, config = detector.model, detector.config
    every = position_of(model, torch.zeros(1, 1, side, side))[0].unflatten(0, (side, side))
    columns = -(-config.num_queries // rows)
    y, x = (((torch.arange(count) + 0.5) / count * side).long() for count in (rows, columns))
    grid = every[y][:, x].flatten(0, 1)[: config.num_queries]
    model.query_position_embeddings.weight.copy_(grid)
    for layer in model.decoder.layers:
        nn.init.orthogonal_(layer.encoder_attn.q_proj.weight)
        layer.encoder_attn.k_proj.weight.copy_(layer.encoder_attn.q_proj.weight)
