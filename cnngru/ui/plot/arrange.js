// Where things stand in a figure at the width that there is: pictures square; on a narrow screen one panel at a time.
//
// A figure comes with the shares of the width that its columns have at about 1,000 pixels. A column is a group of x axes
// over each other: of pictures, of panels, or of both. Columns of pictures alone get the width that makes them square;
// the others share what is left as before. A picture over panels is made square within its column.

const NARROW = 560; // pixels: below, there is one panel at a time
const OF_PICTURE = { narrow: 0.44, wide: 0.34 }; // of the width, at most, for one picture alone
const OF_PICTURES = { narrow: 0.54, wide: 0.46 }; // for several
const TWO_LINES = 46; // pixels over the axes, for a heading of two lines
const LETTER = 7; // pixels: of a tick's label, about
const SLIM = 0.08; // of the width: a column that stays beside the picture (the rows seen)

// figure: {data, layout, frames}; width: pixels; chosen: the panel on a narrow screen;
// highest: pixels that it may be high, where its panels can be lower.
// Gives {data, layout, frames, panels: names to choose from, none where all are shown}.
function arrange(figure, width, chosen, highest = Infinity) {
    const { data } = figure;
    const layout = structuredClone(figure.layout);
    delete layout.template;
    const ofPictures = new Map(data.filter(isPicture).map((trace) => [trace.xaxis ?? "x", trace.yaxis ?? "y"]));
    const columns = columnsOf(layout, ofPictures);
    const margin = { l: 48, r: 12, t: 30, b: 40, ...layout.margin };
    if (!ofPictures.size || !columns.length) return { data, layout, frames: figure.frames, panels: [] };
    const narrow = width < NARROW && columns.some((column) => column.panel && !column.slim);
    if (narrow) margin.r = Math.max(margin.r, 18);
    if (narrow && (layout.annotations ?? []).some(isLongHead)) {
        layout.height += Math.max(0, TWO_LINES - margin.t);
        margin.t = Math.max(margin.t, TWO_LINES);
    }
    layout.margin = { ...margin, autoexpand: false };
    const room = width - margin.l - margin.r;
    const panels = columns.filter((column) => column.panel && !column.slim);
    const shown = narrow ? (panels[chosen] ?? panels[0]) : null;
    const alone = columns.filter((column) => column.picture && !column.panel);
    let tall = layout.height - margin.t - margin.b;
    if (layout.height > highest) {
        const then = Math.max(tall / 2, tall - (layout.height - highest));
        stretch(layout, tall, then);
        tall = then;
    }
    const square = ([x, y]) => {
        const axis = layout[key(y)];
        const [from, to] = axis.range;
        const [start, end] = axis.domain ?? [0, 1];
        const columnsOfPixels = Math.abs(layout[key(x)].range[1] - layout[key(x)].range[0]);
        return ((end - start) * columnsOfPixels) / Math.abs(to - from); // of the axes' height
    };
    let side = alone.length ? Math.max(...alone.map((column) => square([column.axes[0], ofPictures.get(column.axes[0])]))) * tall : 0;
    const share = (alone.length > 1 ? OF_PICTURES : OF_PICTURE)[narrow ? "narrow" : "wide"];
    const most = (share * room) / (alone.length || 1);
    if (side > most) {
        stretch(layout, tall, (tall * most) / side);
        side = most;
    }
    place(layout, columns, shown, alone, side, room);
    const map = (x) => where(columns, x);
    const hidden = new Set(narrow ? panels.filter((column) => column !== shown).flatMap((column) => column.axes) : []);
    const axisOf = (ref) => String(ref ?? "").replace(" domain", "");
    for (const column of columns)
        for (const x of column.axes) {
            const axis = layout[key(x)];
            axis.domain = hidden.has(x) ? [...shown.to] : axis.domain.map((end) => inColumn(column, end));
            if (hidden.has(x)) axis.visible = false;
        }
    const height = layout.height - margin.t - margin.b;
    for (const [x, y] of ofPictures) {
        const axis = layout[key(x)];
        const [start, end] = axis.domain;
        const wanted = (square([x, y]) * height) / room;
        if (wanted < end - start) axis.domain = [(start + end - wanted) / 2, (start + end + wanted) / 2];
    }
    // Of the layout, and of each frame that Play goes through: its marks move with the columns.
    const move = (marked) => {
        if (marked.shapes) marked.shapes = marked.shapes.filter((shape) => !hidden.has(axisOf(shape.xref)));
        for (const shape of marked.shapes ?? [])
            if (shape.xref === "paper") [shape.x0, shape.x1] = [map(shape.x0), map(shape.x1)];
        marked.annotations = marked.annotations?.filter((note) => {
            if (narrow && note.name === "aside") return false;
            if (note.xref !== "paper") return !hidden.has(axisOf(note.xref));
            const column = columns.find(({ from }) => note.x > from[0] && note.x < from[1]);
            if (narrow && column?.panel && !column.slim && column !== shown && note.y >= 1) return false;
            if (narrow && isLongHead(note)) note.text = note.text.replace(": ", ":<br>");
            note.x = map(note.x);
            return true;
        });
        return marked;
    };
    move(layout);
    const frames = figure.frames?.map((frame) => ({ ...frame, layout: move(structuredClone(frame.layout ?? {})) }));
    if (narrow && frames) for (const frame of frames) hide(frame, data, hidden);
    thin(layout, room);
    const traces = data.map((trace) => (hidden.has(trace.xaxis ?? "x") ? { ...trace, visible: false } : trace));
    bars(layout, traces, map, narrow);
    for (const menu of layout.updatemenus ?? []) menu.x = map(menu.x);
    if (layout.legend && !narrow) layout.legend.x = map(layout.legend.x ?? 1);
    if (layout.legend && narrow) Object.assign(layout.legend, { x: 0, xanchor: "left" });
    return { data: traces, layout, frames, panels: narrow && panels.length > 1 ? panels.map(({ name }) => name) : [] };
}

const isLongHead = ({ xref, y, text }) => xref === "paper" && y >= 1 && text.length > 30 && text.includes(": ");
const key = (id) => `${id[0]}axis${id.slice(1)}`;
const isPicture = (trace) => trace.type === "image" || trace.meta === "picture";

// From left to right: {from: [start, end], axes, picture, panel, slim, name}.
function columnsOf(layout, ofPictures) {
    const axes = Object.keys(layout)
        .filter((name) => /^xaxis\d*$/.test(name) && layout[name].domain)
        .map((name) => ({ id: name.replace("axis", ""), domain: layout[name].domain }))
        .sort((a, b) => a.domain[0] - b.domain[0]);
    const columns = [];
    for (const { id, domain } of axes) {
        const last = columns.at(-1);
        if (last && domain[0] < last.from[1] - 1e-6) {
            last.axes.push(id);
            last.from[1] = Math.max(last.from[1], domain[1]);
        } else columns.push({ from: [...domain], axes: [id] });
    }
    for (const column of columns) {
        column.picture = column.axes.some((id) => ofPictures.has(id));
        column.panel = column.axes.some((id) => !ofPictures.has(id));
        column.slim = !column.picture && column.from[1] - column.from[0] < SLIM;
        const head = (layout.annotations ?? []).find(
            ({ xref, y, x }) => xref === "paper" && y === 1 && x > column.from[0] && x < column.from[1],
        );
        column.name = (head?.text ?? "").replace(/<br>/g, " ").replace(/<[^>]*>/g, "");
    }
    return columns;
}

// Gives each column its new place, `to`, in shares of the width.
function place(layout, columns, shown, alone, side, room) {
    if (shown) {
        let at = 0;
        const rest = columns.filter((column) => column === shown || column.slim || alone.includes(column));
        const slim = 16 / room;
        const own = Object.keys(layout).some((name) => /^yaxis\d+$/.test(name) && shown.axes.includes(layout[name].anchor));
        const gap = (column) => (column === shown ? (own && !shown.picture ? 52 : 22) : 8) / room; // labels of its own rows
        const taken = rest.reduce((sum, c, i) => sum + (i ? gap(c) : 0) + (c === shown ? 0 : alone.includes(c) ? side / room : slim), 0);
        for (const [place, column] of rest.entries()) {
            at += place ? gap(column) : 0;
            const wide = column === shown ? 1 - taken : alone.includes(column) ? side / room : slim;
            column.to = [at, at + wide];
            at += wide;
        }
        for (const column of columns) column.to ??= [...shown.to];
        return;
    }
    const before = alone.reduce((sum, { from }) => sum + from[1] - from[0], 0);
    const part = (1 - (alone.length * side) / room) / (1 - before || 1);
    let at = 0;
    let last = 0;
    for (const column of columns) {
        at += (column.from[0] - last) * part;
        last = column.from[1];
        const wide = alone.includes(column) ? side / room : (column.from[1] - column.from[0]) * part;
        column.to = [at, at + wide];
        at += wide;
    }
}

const inColumn = ({ from, to }, x) => to[0] + ((x - from[0]) / (from[1] - from[0])) * (to[1] - to[0]);

// A place on the paper, moved with the columns that it stands in or between.
function where(columns, x) {
    let left = [0, 0];
    for (const column of columns) {
        if (x < column.from[0]) {
            const [from, to] = left;
            return to + ((x - from) / (column.from[0] - from || 1)) * (column.to[0] - to);
        }
        if (x <= column.from[1]) return inColumn(column, x);
        left = [column.from[1], column.to[1]];
    }
    return left[1] + (x - left[0]);
}

// A frame of Play redraws traces: those of hidden panels stay hidden.
function hide(frame, data, hidden) {
    frame.data = frame.data?.map((trace, place) => {
        const of = data[frame.traces?.[place] ?? place];
        return hidden.has(of?.xaxis ?? "x") ? { ...trace, visible: false } : trace;
    });
}

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

// The axes are `now` pixels high and become `then`; what stands over and under them keeps its distance in pixels.
function stretch(layout, now, then) {
    layout.height += then - now;
    const moved = (y) => (y < 0 ? (y * now) / then : y > 1 ? 1 + ((y - 1) * now) / then : y);
    const things = [
        ...Object.keys(layout).filter((name) => /^coloraxis\d*$/.test(name)).map((name) => layout[name].colorbar),
        ...(layout.annotations ?? []).filter(({ yref }) => yref === "paper"),
        ...(layout.updatemenus ?? []),
        layout.legend,
    ];
    for (const thing of things) if (thing && typeof thing.y === "number") thing.y = moved(thing.y);
}

// Bars of colours: moved with their columns, or on a narrow screen beside each other over the whole width.
function bars(layout, traces, map, narrow) {
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
            const [left, right] = [map(colorbar.x - half), map(colorbar.x + half)];
            Object.assign(colorbar, { x: (left + right) / 2, len: right - left });
        }
    }
}
