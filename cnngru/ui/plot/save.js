// Buttons that save a figure of the page as a file: a download as any other, on the page's own background.

export default function ({ data, parentElement }) {
    const root = parentElement.querySelector(".root");
    root.replaceChildren(
        ...["png", "svg"].map((format) => {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = format.toUpperCase();
            button.title = `The figure as it is on the screen, as ${format.toUpperCase()}.`;
            button.onclick = async () => {
                const node = document.querySelector(`.st-key-${CSS.escape(data.figure)} .js-plotly-plot`);
                const { width, height } = node._fullLayout;
                const paper_bgcolor = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
                const figure = { data: node.data, layout: { ...node.layout, paper_bgcolor } };
                const image = await window.Plotly.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 });
                const file = URL.createObjectURL(await (await fetch(image)).blob()); // an address has room for little
                const link = Object.assign(document.createElement("a"), { href: file, download: `${data.name}.${format}` });
                link.click();
                setTimeout(() => URL.revokeObjectURL(file), 60_000);
            };
            return button;
        }),
    );
}
