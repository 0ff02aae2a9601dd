// The page's theme, as Plotly wants it: colours and type of everything that the figure itself left open.

function theme(element) {
    const style = getComputedStyle(element);
    const of = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
    const text = of("text-color", style.color);
    const line = of("border-color", "rgba(128, 128, 128, 0.3)");
    const axis = {
        gridcolor: line,
        zerolinecolor: line,
        linecolor: line,
        color: text,
        spikecolor: text,
        title: { standoff: 8 },
    };
    const colours = of("chart-categorical-colors", "").split(",").map((each) => each.trim());
    const bar = { outlinewidth: 0, ypad: 0, tickfont: { color: text }, title: { font: { color: text } } };
    return {
        layout: {
            font: { color: text, family: of("font", style.fontFamily), size: 12 },
            paper_bgcolor: "rgba(0,0,0,0)",
            plot_bgcolor: "rgba(0,0,0,0)",
            ...(colours.length > 1 ? { colorway: colours } : {}),
            xaxis: axis,
            yaxis: axis,
            coloraxis: { colorbar: bar },
            hoverlabel: {
                bgcolor: of("background-color", "white"),
                bordercolor: line,
                font: { color: text, family: of("font", style.fontFamily), size: 13 },
                align: "left",
            },
            legend: { font: { color: text }, bgcolor: "rgba(0,0,0,0)" },
        },
        data: { heatmap: [{ colorbar: bar }], bar: [{ marker: { line: { width: 0 } } }] },
    };
}
