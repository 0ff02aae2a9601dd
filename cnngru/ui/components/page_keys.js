// Keys that hold on every page, and the way back: P shows the page for a projector, Escape ends that, the arrow keys go
// to the next view then; Back comes to the place where a page was left.

const PATIENCE = 8000; // milliseconds, for a page to be as long again as it was
const [QUIET, FOR_A_WHILE] = [500, 3000]; // milliseconds after a key

export default function ({ data, setTriggerValue, setStateValue }) {
    if (data.cookie && !window.cnngruVisitor) {
        window.cnngruVisitor = word(data.cookie);
        setStateValue("visitor", window.cnngruVisitor);
    }
    const press = (event) => {
        const busy = event.target.closest?.("input, textarea, select, [contenteditable], [role=slider], [role=radiogroup]");
        if (busy || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
        const present = new URLSearchParams(location.search).get("present") === "1"; // what was sent may be older
        if (event.key.toLowerCase() === "p") setTriggerValue("present", !present);
        if (!present) return;
        if (event.key === "Escape") setTriggerValue("present", false);
        const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
        const tabs = [...document.querySelectorAll("[role=tab]")];
        const at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
        if (!by || at < 0) return;
        event.preventDefault();
        const next = tabs[(at + by + tabs.length) % tabs.length];
        next.click();
        insist(next);
    };
    // By keyboard the tab that has the focus is the one that is open.
    const moved = ({ target, key }) => {
        if (target.closest?.("[role=tab]") && /^(Arrow|Home|End)/.test(key)) insist(document.activeElement, true);
    };
    addEventListener("keydown", press);
    addEventListener("keyup", moved);
    const elsewhere = () => clearInterval(window.cnngruTab); // whoever points at something wants that
    addEventListener("pointerdown", elsewhere, true);
    const forget = keepPlaces();
    const shown = new MutationObserver(showTab); // the tabs come, and another one is opened
    const main = document.querySelector("[data-testid=stMain]");
    shown.observe(main, { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
    return () => {
        shown.disconnect();
        removeEventListener("keydown", press);
        removeEventListener("keyup", moved);
        removeEventListener("pointerdown", elsewhere, true);
        forget();
    };
}

// On a phone the row of tabs is longer than the screen: the one that is open is moved into sight, once.
function showTab() {
    const tab = document.querySelector("[role=tab][aria-selected=true]");
    if (!tab || tab === window.cnngruShown) return;
    window.cnngruShown = tab;
    const list = tab.closest("[role=tablist]");
    const [of, at] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
    list.scrollLeft += at.left + at.width / 2 - (of.left + of.width / 2);
}

// Streamlit forgets which tab was chosen where another one was a moment before, and takes the focus from it when what
// stands before it on the page changes: for a while it is chosen and focused again.
function insist(tab, focused = false) {
    clearInterval(window.cnngruTab);
    if (tab?.getAttribute("role") !== "tab") return;
    const name = tab.textContent;
    const began = performance.now();
    window.cnngruTab = setInterval(() => {
        const passed = performance.now() - began;
        if (passed > FOR_A_WHILE) clearInterval(window.cnngruTab);
        const here = tab.isConnected ? tab : [...document.querySelectorAll("[role=tab]")].find((each) => each.textContent === name);
        if (focused && document.activeElement === document.body) here?.focus();
        if (passed > QUIET && here?.getAttribute("aria-selected") === "false") here.click();
    }, 50);
}

// This browser's secret word, by which the server knows whose run is whose: from its cookie, or made up, of 128 bits.
function word(cookie) {
    const known = document.cookie.split("; ").find((each) => each.startsWith(`${cookie}=`));
    const kept = known?.slice(cookie.length + 1);
    if (/^[0-9a-f]{32,64}$/.test(kept)) return kept;
    const made = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    document.cookie = `${cookie}=${made}; path=/; max-age=31536000; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
    return made;
}

// Where each address was left. Streamlit begins a page at its top, after Back too.
function keepPlaces() {
    const main = document.querySelector("[data-testid=stMain]");
    const places = (window.cnngruPlaces ??= new Map());
    let goal = null;
    const note = () => places.set(location.href, main.scrollTop); // where a person was, who clicks on what may lead away
    const scrolled = () => {
        if (goal === null && main.scrollTop > 0) note(); // Streamlit goes to the top before the address changes
    };
    const back = () => {
        const place = places.get(location.href) ?? 0;
        const until = performance.now() + PATIENCE;
        goal = place;
        const step = () => {
            if (goal !== place) return;
            if (main.scrollHeight - main.clientHeight >= place) main.scrollTop = place;
            const there = Math.abs(main.scrollTop - place) < 2 && !document.querySelector("[data-testid=stStatusWidget]");
            if (performance.now() > until || (there && performance.now() > until - PATIENCE + 1500)) goal = null;
            else requestAnimationFrame(step);
        };
        step();
    };
    const own = () => (goal = null); // who scrolls is not pulled back
    main.addEventListener("scroll", scrolled, { passive: true });
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, note, true);
    addEventListener("popstate", back);
    for (const name of ["wheel", "touchmove"]) main.addEventListener(name, own, { passive: true });
    return () => {
        main.removeEventListener("scroll", scrolled);
        for (const name of ["pointerdown", "keydown"]) removeEventListener(name, note, true);
        removeEventListener("popstate", back);
        for (const name of ["wheel", "touchmove"]) main.removeEventListener(name, own);
    };
}
