"""What the gates of a network do, asked from Python: `python -m examples.gates [FOLDER]`.

Reads one generated picture with the shipped RowCue network, so it needs no data and no browser, and asks what the gates
page asks: what was kept, when the answer was known, which row mattered, and what an intervention changes. Prints the
answers and writes the figures to FOLDER (default: gates-example/) as pages of their own. In a notebook, leave out the
writing: a figure on a cell's last line shows itself.
"""

# %% The network, and a picture whose deciding rows are known
import sys
from pathlib import Path

import cnngru
from cnngru import figures
from cnngru.data import rowcue
from cnngru.explain import attribution, decision, effects, intervene, memory

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "gates-example")
model = cnngru.load("checkpoints/rowcue-quick")
made = rowcue.generate(1, seed=5)
cue = tuple(made.cue_rows[0, 0].tolist())  # pixel rows [start, end) of the topmost cue: it alone decides
images = made.images / 255  # (1, 3, 32, 32) float in 0..1
picture = made.images[0].permute(1, 2, 0).numpy()  # (32, 32, 3) uint8

# %% Read it, and keep every gate of every unit at every row
logits, trace = cnngru.trace(model, images)
bands = trace.bands.numpy()  # (T, 2): the pixel rows that each step has seen
a, b = attribution.answer_and_runner_up(logits)  # (1,) each
answer, runner_up = model.classes[int(a)], model.classes[int(b)]
margin = float(logits[0, a] - logits[0, b])
print(f"The network says {answer!r}, before {runner_up!r}; in truth {model.classes[int(made.labels[0])]!r}.")
print(f"The cue that decides lies in pixel rows {cue[0]}–{cue[1] - 1}.")
shares = {name: gate[-1, 0, 0].numpy() for name, gate in trace.shares.items()}  # keep and reset, (T, H) each
drawn = {"gates": figures.gate_map(picture, shares, bands, cue=cue)}

# %% What it kept: the state at the bottom, by the rows that wrote it; and the margin, split exactly
kept = memory.composition(trace)[0].mean(-1).numpy()  # (T + 1, T)
split = memory.contributions(model, trace)
written = (split.rows[0, :, :, a] - split.rows[0, :, :, b])[..., 0]  # (D, T)
bias = float(split.bias[a] - split.bias[b])
print(f"The rows' bars and the bias add up to the margin: {float(written.sum()) + bias:.4f} = {margin:.4f}.")
drawn["composition"] = figures.composition(picture, kept, bands, cue=cue)
drawn["waterfall"] = figures.waterfall(picture, written.numpy(), bias, bands, names=(answer, runner_up), cue=cue)

# %% When it knew: the head asked after every row
by_row = decision.by_row(model, trace)  # (1, T, C)
locked = int(decision.lock_in(by_row)[0])
print(f"After {locked} of {len(bands)} rows the answer does not change any more.")
drawn["knew"] = figures.decision_by_row(picture, by_row[0].numpy(), model.classes, bands, locked=locked, cue=cue)

# %% Which row mattered: four answers, which differ
mattered = {
    "written": attribution.written(model, trace, a, b)[0].numpy(),
    "sensitivity": attribution.sensitivity(model, images, a, b)[0].numpy(),
    "occlusion": attribution.occlusion(model, images, a, b, height=2)[0].numpy(),
    "integrated gradients": attribution.integrated_gradients(model, images, a, b)[0][0].numpy(),
}
for name, values in mattered.items():
    first, end = bands[values.argmax()]
    print(f"{name}: most at step {values.argmax() + 1}, pixel rows {first}–{end - 1}")
drawn["mattered"] = figures.attributions(picture, mattered, bands, cue=cue)

# %% Intervene: nothing may be kept at the step below the cue; and what each unit's gate is worth at each row
step = int((bands[:, 1] <= cue[1]).sum())  # the first step that has not seen the cue
changed, _ = intervene.run(model, images, [intervene.Clamp("update", 0.0, rows=(min(step, len(bands) - 1),))])
before, after = (each.softmax(1)[0, a].item() for each in (logits, changed))
print(f"With keep at 0 in step {step + 1}, the probability of {answer!r} goes from {before:.3f} to {after:.3f}.")
change = effects.cell_effects(model, images, "update", 0.0, (int(a), int(b)))
t, unit = divmod(int(change.margin.abs().argmax()), change.margin.shape[1])
print(f"The single gate that matters most: unit {unit} at step {t + 1}, margin {change.margin[t, unit]:+.3f}.")

# %% Take the figures away
folder.mkdir(parents=True, exist_ok=True)
for name, figure in drawn.items():
    figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")
print(f"{len(drawn)} figures: {folder}/")
