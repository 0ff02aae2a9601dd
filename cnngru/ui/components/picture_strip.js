// A row of small pictures that are buttons: a radio group. A click or an arrow key chooses at once, before the server has
// answered; until it has (or for a while) its older answer is not listened to.
const PATIENCE = 4000; // milliseconds

export default function ({ data, parentElement, setTriggerValue }) {
    const root = parentElement.querySelector(".root");
    root.pick = (id) => {
        root.pending = { id, until: Date.now() + PATIENCE };
        mark(root, id);
        setTriggerValue("chosen", id);
    };
    const ids = data.pictures.map((picture) => picture.id).join(" ");
    if (root.dataset.ids !== ids) build(root, data, ids);
    const { pending } = root;
    const waits = pending && pending.id !== data.chosen && Date.now() < pending.until;
    if (!waits) root.pending = null;
    mark(root, waits && ids.split(" ").includes(pending.id) ? pending.id : data.chosen);
}

function build(root, data, ids) {
    root.dataset.ids = ids;
    root.setAttribute("role", "radiogroup");
    root.setAttribute("aria-label", "Pictures");
    root.replaceChildren(
        ...data.pictures.map(({ id, label, source }) => {
            const button = document.createElement("button");
            button.type = "button";
            button.setAttribute("role", "radio");
            button.setAttribute("aria-label", label);
            button.title = label;
            button.dataset.id = id;
            const image = new Image(44, 44);
            image.src = source;
            image.alt = "";
            image.draggable = false;
            button.append(image);
            button.onclick = () => root.pick(id);
            return button;
        }),
    );
    root.onkeydown = (event) => {
        const all = [...root.children];
        const at = all.findIndex((button) => button.tabIndex === 0);
        const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
        if (!(event.key in to) || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        const next = all[(to[event.key] + all.length) % all.length];
        next.focus();
        root.pick(next.dataset.id);
    };
}

function mark(root, id) {
    for (const button of root.children) {
        const chosen = button.dataset.id === id;
        if (chosen && button.getAttribute("aria-checked") !== "true") {
            const left = button.offsetLeft - (root.clientWidth - button.offsetWidth) / 2;
            root.scrollTo({ left });
        }
        button.setAttribute("aria-checked", String(chosen));
        button.tabIndex = chosen ? 0 : -1;
    }
}
