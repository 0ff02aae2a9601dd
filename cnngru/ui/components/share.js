// A link to be copied, and its QR code. Copying works without a secure context too: a class opens the app as http://192…

export default function ({ data, parentElement }) {
    const root = parentElement.querySelector(".root");
    const line = Object.assign(document.createElement("input"), { readOnly: true, value: data.link });
    line.setAttribute("aria-label", "Link to what is shown");
    line.onfocus = () => line.select();
    const copy = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    copy.onclick = async () => {
        try {
            await navigator.clipboard.writeText(data.link);
        } catch {
            line.select();
            document.execCommand("copy");
        }
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 2000);
    };
    const code = Object.assign(new Image(), { src: data.code, alt: "QR code of the link" });
    root.replaceChildren(line, copy, ...(data.code ? [code] : []));
}
