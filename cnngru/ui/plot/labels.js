// What is written along the axes, and the bars that say what colours mean.

const LETTER = 7; // pixels: of a tick's label, about

// Leaves out labels that would run into each other: the first stays, then each that has room.
function thin(layout, room) {
    for (const [name, axis] of Object.entries(layout)) {
        if (!/^xaxis\d*$/.test(name) || !axis.tickvals || !axis.range || typeof axis.tickvals[0] !== "number") continue;
        const [from, to] = axis.range;
        const scale = ((axis.domain[1] - axis.domain[0]) * room) / Math.abs(to - from);
        const said = axis.ticktext ?? axis.tickvals.map(String);
        let end = -Infinity;
        const kept = axis.tickvals.map((_, i) => i).filter((i) => {
            const half = (String(said[i]).length * LETTER) / 2;
            const at = Math.abs(axis.tickvals[i] - from) * scale;
            if (at - half < end) return false;
            end = at + half + 3;
            return true;
        });
        if (kept.length === axis.tickvals.length) continue;
        if (axis.ticktext) axis.ticktext = kept.map((i) => axis.ticktext[i]);
        axis.tickvals = kept.map((i) => axis.tickvals[i]);
    }
    // Numbers written along an axis, at one height: likewise.
    const ends = {};
    layout.annotations = layout.annotations?.filter((note) => {
        const axis = layout[key(note.xref ?? "x")];
        if (note.xref === "paper" || !axis?.domain || !/^(\d+|never)$/.test(note.text)) return true;
        const at = ((axis.domain[1] - axis.domain[0]) * room * (note.x - axis.range[0])) / (axis.range[1] - axis.range[0]);
        const half = (note.text.length * LETTER) / 2;
        const line = `${note.xref} ${note.y}`;
        if (at - half < (ends[line] ?? -Infinity)) return false;
        ends[line] = at + half + 2;
        return true;
    });
}

// Bars of colours: moved with their columns, or on a narrow screen beside each other over the whole width.
function moveBars(layout, traces, columns, narrow) {
    const used = new Set(traces.filter(({ visible }) => visible !== false).map(({ coloraxis }) => coloraxis));
    const all = Object.keys(layout).filter((name) => /^coloraxis\d*$/.test(name) && layout[name].colorbar);
    const shown = all.filter((name) => used.has(name));
    for (const name of all) {
        const { colorbar } = layout[name];
        if (narrow) {
            const at = shown.indexOf(name);
            layout[name].showscale = at >= 0;
            Object.assign(colorbar, { x: (at + 0.5) / shown.length, len: 0.9 / shown.length });
        } else if (colorbar.orientation === "h" && colorbar.xanchor === "center") {
            const half = colorbar.len / 2;
            const [left, right] = [where(columns, colorbar.x - half), where(columns, colorbar.x + half)];
            Object.assign(colorbar, { x: (left + right) / 2, len: right - left });
        }
    }
}
