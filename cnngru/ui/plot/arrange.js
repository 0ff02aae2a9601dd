// Where things stand in a figure at the width that there is: pictures square; on a narrow screen one panel at a time.
//
// A figure comes with the shares of the width that its columns have at about 1,000 pixels. A column is a group of x axes
// over each other: of pictures, of panels, or of both. Columns of pictures alone get the width that makes them square;
// the others share what is left as before. A picture over panels is made square within its column.

const NARROW = 560; // pixels: below, there is one panel at a time
const OF_PICTURE = { narrow: 0.44, wide: 0.34 }; // of the width, at most, for one picture alone
const OF_PICTURES = { narrow: 0.54, wide: 0.46 }; // for several
const TWO_LINES = 46; // pixels over the axes, for a heading of two lines
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
    if (!ofPictures.size || !columns.length) return { data, layout, frames: figure.frames, panels: [] };
    const panels = columns.filter((column) => column.panel && !column.slim);
    const narrow = width < NARROW && panels.length > 0;
    const shown = narrow ? (panels[chosen] ?? panels[0]) : null;
    const hidden = new Set(narrow ? panels.filter((column) => column !== shown).flatMap((column) => column.axes) : []);
    const room = margins(layout, width, narrow);
    const alone = columns.filter((column) => column.picture && !column.panel);
    place(layout, columns, shown, alone, height(layout, ofPictures, alone, narrow, room, highest), room);
    moveAxes(layout, columns, ofPictures, shown, hidden, room);
    const move = (marked) => moveMarks(marked, columns, shown, hidden);
    move(layout);
    const frames = figure.frames?.map((frame) => {
        const moved = { ...frame, layout: move(structuredClone(frame.layout ?? {})) };
        return hide(moved, data, hidden);
    });
    thin(layout, room);
    const traces = data.map((trace) => (hidden.has(trace.xaxis ?? "x") ? { ...trace, visible: false } : trace));
    moveBars(layout, traces, columns, narrow);
    for (const menu of layout.updatemenus ?? []) menu.x = where(columns, menu.x);
    const legend = narrow ? { x: 0, xanchor: "left" } : { x: where(columns, layout.legend?.x ?? 1) };
    if (layout.legend) Object.assign(layout.legend, legend);
    return { data: traces, layout, frames, panels: narrow && panels.length > 1 ? panels.map(({ name }) => name) : [] };
}

// Fixes the margins, which Plotly would else widen, and gives the width that the axes have.
function margins(layout, width, narrow) {
    const margin = { l: 48, r: 12, t: 30, b: 40, ...layout.margin, autoexpand: false };
    if (narrow) margin.r = Math.max(margin.r, 18); // the last label of an axis
    if (narrow && (layout.annotations ?? []).some(isLongHead)) {
        layout.height += Math.max(0, TWO_LINES - margin.t);
        margin.t = Math.max(margin.t, TWO_LINES);
    }
    layout.margin = margin;
    return width - margin.l - margin.r;
}

const high = ({ height, margin }) => height - margin.t - margin.b; // pixels of the axes

// How wide a picture on these axes has to be, as a share of the axes' height.
function square(layout, x, y) {
    const { range, domain = [0, 1] } = layout[key(y)];
    const across = layout[key(x)].range;
    return ((domain[1] - domain[0]) * Math.abs(across[1] - across[0])) / Math.abs(range[1] - range[0]);
}

// Makes the axes lower where pictures that stand alone would be too wide, or the figure too high; gives their width.
function height(layout, ofPictures, alone, narrow, room, highest) {
    const now = high(layout);
    if (layout.height > highest) stretch(layout, Math.max(now / 2, now - (layout.height - highest)));
    if (!alone.length) return 0;
    const share = (alone.length > 1 ? OF_PICTURES : OF_PICTURE)[narrow ? "narrow" : "wide"];
    const most = (share * room) / alone.length;
    const side = Math.max(...alone.map(({ axes: [x] }) => square(layout, x, ofPictures.get(x)))) * high(layout);
    if (side > most) stretch(layout, (high(layout) * most) / side);
    return Math.min(side, most);
}

// Axes move with their columns; those that are hidden lie under the one that is shown, as y axes stand beside them.
function moveAxes(layout, columns, ofPictures, shown, hidden, room) {
    for (const column of columns)
        for (const x of column.axes) {
            const axis = layout[key(x)];
            axis.domain = hidden.has(x) ? [...shown.to] : axis.domain.map((end) => inColumn(column, end));
            if (hidden.has(x)) axis.visible = false;
        }
    for (const [x, y] of ofPictures) {
        const axis = layout[key(x)];
        const [start, end] = axis.domain;
        const wanted = (square(layout, x, y) * high(layout)) / room;
        if (wanted < end - start) axis.domain = [(start + end - wanted) / 2, (start + end + wanted) / 2];
    }
}

// Shapes and annotations, of the layout or of a frame that Play goes through, move with the columns.
function moveMarks(marked, columns, shown, hidden) {
    const isHidden = ({ xref }) => hidden.has(String(xref ?? "").replace(" domain", ""));
    if (marked.shapes) marked.shapes = marked.shapes.filter((shape) => !isHidden(shape)); // a frame may leave them alone
    for (const shape of marked.shapes ?? [])
        if (shape.xref === "paper") [shape.x0, shape.x1] = [where(columns, shape.x0), where(columns, shape.x1)];
    const keep = (note) => {
        if (shown && note.name === "aside") return false;
        if (note.xref !== "paper") return !isHidden(note);
        const column = columns.find(({ from }) => note.x > from[0] && note.x < from[1]);
        if (shown && column?.panel && !column.slim && column !== shown && note.y >= 1) return false; // its heading
        if (shown && isLongHead(note)) note.text = note.text.replace(": ", ":<br>");
        note.x = where(columns, note.x);
        return true;
    };
    if (marked.annotations) marked.annotations = marked.annotations.filter(keep);
    return marked;
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
        const beside = Object.keys(layout).some((name) => /^yaxis\d+$/.test(name) && shown.axes.includes(layout[name].anchor));
        const labels = beside && !shown.picture ? 52 : 22; // pixels, for those of its own rows
        const gap = (column) => (column === shown ? labels : 8) / room;
        const own = (column) => (alone.includes(column) ? side / room : slim);
        const taken = rest.reduce((sum, c, i) => sum + (i ? gap(c) : 0) + (c === shown ? 0 : own(c)), 0);
        for (const [place, column] of rest.entries()) {
            at += place ? gap(column) : 0;
            const wide = column === shown ? 1 - taken : own(column);
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
    return frame;
}

// The axes become `then` pixels high; what stands over and under them keeps its distance in pixels.
function stretch(layout, then) {
    const now = high(layout);
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
