// Draws a figure, and tells of clicks and boxes. The node stays; Plotly changes what is new.

const finger = matchMedia("(pointer: coarse)").matches;

export default function ({ data, parentElement, setTriggerValue }) {
    const root = parentElement.querySelector(".cnngru-figure");
    const state = (root.state ??= { chosen: 0, selecting: !finger, drawn: 0 });
    const changed = state.text !== data.figure;
    Object.assign(state, { data, tell: setTriggerValue, text: data.figure });
    if (changed) state.figure = JSON.parse(data.figure);
    if (!state.node) build(root, state);
    state.node.setAttribute("aria-label", data.alt);
    state.draw = () => draw(root, state);
    script(data.plotly).then(state.draw, () => (root.textContent = "The figure's script could not be loaded. Reload the page."));
    state.watch ??= new ResizeObserver(() => state.width !== root.clientWidth && state.draw());
    state.watch.observe(root);
    return () => root.isConnected || state.watch.disconnect(); // the next call may have come before this one
}

// Loaded once a page; every figure waits for the same script.
function script(address) {
    return (window.cnngruPlotly ??= new Promise((done, failed) => {
        const element = document.createElement("script");
        element.src = address;
        element.onload = () => done(window.Plotly);
        element.onerror = failed;
        document.head.append(element);
    }));
}

function build(root, state) {
    state.bar = Object.assign(document.createElement("div"), { className: "cnngru-switches" });
    state.frame = Object.assign(document.createElement("div"), { className: "cnngru-frame" });
    state.node = document.createElement("div");
    state.node.setAttribute("role", "figure");
    state.frame.append(state.node);
    root.replaceChildren(state.bar, state.frame);
}

function draw(root, state) {
    const { Plotly } = window;
    if (!Plotly || !root.isConnected || !root.clientWidth) return;
    state.again = state.busy; // one after the other: two at once would both draw into the node
    if (state.busy) return;
    const { data, figure, node } = state;
    state.width = root.clientWidth;
    const { scale, highest } = fitted(figure, state.width, data.scale);
    const width = state.width / scale;
    const { data: traces, layout, frames, panels } = arrange(figure, width, state.chosen, highest);
    if (scale > 1) for (const note of layout.annotations ?? []) if (note.font?.size < 12) note.font.size = 12;
    layout.template = theme(root);
    layout.width = width;
    layout.dragmode = data.boxes && state.selecting ? "select" : finger ? false : (layout.dragmode ?? false);
    layout.clickmode = data.clicks ? "event" : "none";
    if (finger || data.boxes)
        for (const name of Object.keys(layout)) if (/^[xy]axis\d*$/.test(name)) layout[name].fixedrange = true;
    if (!layout.xaxis && finger) Object.assign(layout, { xaxis: { fixedrange: true }, yaxis: { fixedrange: true } });
    const config = {
        displayModeBar: finger || !data.modebar || data.boxes ? false : "hover",
        modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]],
        displaylogo: false,
        scrollZoom: false,
        doubleClick: finger ? false : "reset",
    };
    const moving = (frames ?? []).length > 0;
    if (moving && state.drawn) Plotly.purge(node); // frames are only ever added to
    const drawn = Plotly.react(node, { data: traces, layout, config, frames });
    if (!state.drawn || moving) listen(state);
    state.drawn += 1;
    state.frame.style.height = `${layout.height * scale}px`;
    node.style.width = `${width}px`;
    node.style.transform = scale === 1 ? "" : `scale(${scale})`;
    switches(state, panels);
    state.busy = true;
    drawn.finally(() => {
        state.busy = false;
        if (state.again) return state.draw();
        buttons(node);
        root.dataset.drawn = state.drawn;
    });
}

// Present mode: at least so much larger, and as large as the screen has room for; a figure that is higher gets lower.
const AROUND = 190; // pixels of the screen: the title, the caption
function fitted(figure, width, least) {
    if (least === 1) return { scale: 1, highest: Infinity };
    const room = window.innerHeight - AROUND;
    const scale = Math.max(least, Math.min(width / 860, room / figure.layout.height));
    return { scale, highest: room / scale };
}

function listen(state) {
    state.node.on("plotly_click", ({ points: [point] }) => {
        if (!state.data.clicks) return;
        const { curveNumber, pointNumber, x, y } = point;
        state.tell("click", { curve: curveNumber, point: pointNumber, x, y });
    });
    state.node.on("plotly_selected", (found) => {
        const box = found?.selections?.at(-1);
        if (!state.data.boxes || !box) return;
        const points = found.points.map(({ pointNumber }) => pointNumber);
        state.tell("box", { xref: box.xref, yref: box.yref, x: [box.x0, box.x1], y: [box.y0, box.y1], points });
    });
}

// Over the figure: which panel is shown where there is room for one, and, for a finger, whether it draws boxes.
function switches(state, panels) {
    const { bar, data } = state;
    const make = (label, pressed, act) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: label, onclick: act });
        button.setAttribute("aria-pressed", String(pressed));
        return button;
    };
    const chosen = state.chosen < panels.length ? state.chosen : 0;
    const all = panels.map((name, place) =>
        make(name, place === chosen, () => {
            state.chosen = place;
            state.draw();
        }),
    );
    if (data.boxes && finger)
        all.push(
            make("Select", state.selecting, () => {
                state.selecting = !state.selecting;
                state.draw();
            }),
        );
    const focused = [...bar.children].indexOf(document.activeElement);
    bar.replaceChildren(...all);
    bar.children[focused]?.focus();
}

// Play and Pause by keyboard: as Plotly draws them, only a mouse gets there.
function buttons(node) {
    for (const button of node.querySelectorAll(".updatemenu-button:not([tabindex])")) {
        button.setAttribute("tabindex", "0");
        button.setAttribute("role", "button");
        button.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
        });
    }
}
