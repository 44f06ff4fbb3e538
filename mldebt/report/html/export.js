/* What is drawn as an SVG file of its own: every style is written into it, and it says what it shows */
const EXPORTED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity", "font-family", "font-size", "font-weight", "text-anchor"];

function exportedSvg(drawing, extent, kinds, title) {
  const MARGIN = 28, HEAD = 34, copied = drawing.cloneNode(true), originals = all("*", drawing);
  all("*", copied).forEach((element, index) => {
    const style = getComputedStyle(originals[index]);
    for (const name of EXPORTED) if (style.getPropertyValue(name)) element.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role", "aria-label", "data-key", "data-s", "data-t"]) element.removeAttribute(name);
  });
  const left = extent.left - MARGIN, top = extent.top - MARGIN - HEAD, width = Math.max(extent.right - extent.left + 2 * MARGIN, 480);
  const entries = all("#legend .kind").filter((entry) => kinds.has(entry.dataset.kind));
  const page = getComputedStyle(drawing), font = { "font-family": page.fontFamily, "font-size": 12, fill: page.color };
  let x = left + MARGIN;
  const key = entries.map((entry) => {
    const name = entry.dataset.kind.replace("_", " "), part = svg("g", {}, svg("rect", { x, y: extent.bottom + 24, width: 4, height: 13, rx: 2, fill: getComputedStyle(one(".swatch", entry)).backgroundColor }), svg("text", { ...font, x: x + 10, y: extent.bottom + 35 }, name));
    x += 28 + name.length * 7;
    return part;
  });
  const wide = Math.max(width, x - left), height = extent.bottom - top + MARGIN + 34;
  for (const name of ["class", "id", "role", "aria-label", "tabindex"]) copied.removeAttribute(name);
  for (const [name, value] of Object.entries({ viewBox: `${left} ${top} ${wide} ${height}`, width: wide, height })) copied.setAttribute(name, value);
  copied.prepend(svg("title", {}, title), svg("rect", { x: left, y: top, width: wide, height, fill: page.backgroundColor }), svg("text", { ...font, "font-size": 14, "font-weight": 600, x: left + MARGIN, y: top + MARGIN }, title));
  copied.append(...key);
  return new XMLSerializer().serializeToString(copied);
}

function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
