/* Boxes and lines as SVG */
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(one("#drawing").namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function pathOf(points) {
  const show = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return points.slice(1).reduce((text, point, index) => {
    const before = points[index], bend = (point[0] - before[0]) / 2;
    return text + (index % 2 ? `L${show(point)}` : `C${show([before[0] + bend, before[1]])} ${show([point[0] - bend, point[1]])} ${show(point)}`);
  }, `M${show(points[0])}`);
}

function boxElement(box, [left, top]) {
  const parts = [svg("title", {}, box.title), svg("rect", { class: "face", width: box.width, height: NODE_HEIGHT, rx: 8 }),
    svg("rect", { class: "edge", x: 7, y: 9, width: 4, height: NODE_HEIGHT - 18, rx: 2 }),
    svg("text", { class: "name", x: 19, y: 17 }, box.label), svg("text", { class: "caption", x: 19, y: 31 }, box.caption)];
  if (box.kind === "group") parts.push(svg("path", { class: "sign", d: `M${box.width - 20} 20h10m-5 -5v10` }));
  if (box.number) {
    const wide = box.number > 9 ? 24 : 18;
    parts.push(svg("g", { class: `badge ${box.severity}`, transform: `translate(${box.width - wide + 6} -8)` }, svg("rect", { width: wide, height: 18, rx: 9 }), svg("text", { x: wide / 2, y: 13 }, box.number)));
  }
  return svg("g", { class: `box ${box.kind}${box.number ? " found" : ""}`, "data-key": box.key, tabindex: -1, role: "button", "aria-label": box.title, transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})` }, ...parts);
}

/* Boxes and the edges between them, laid out: elements with their extents, and the extent of all */
function makeScene(boxes, edges, layerGap) {
  const pairs = new Map();
  for (const [source, target, kind] of edges) {
    const key = `${source} ${target}`;
    if (source !== target) pairs.set(key, (pairs.get(key) ?? new Map()).set(kind, (pairs.get(key)?.get(kind) ?? 0) + 1));
  }
  const drawn = [...pairs.keys()].map((key) => key.split(" ").map(Number)).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const { corners, routes, width, height, first } = layered(boxes.map((box) => box.width), drawn, layerGap);
  const lines = routes.map(([[a, b], points]) => {
    const kinds = [...pairs.get(`${a} ${b}`)], total = kinds.reduce((sum, [, number]) => sum + number, 0);
    const title = total > 1 ? kinds.map(([kind, number]) => `${kind} ×${number}`).join(", ") : kinds[0][0];
    const element = svg("path", { class: `line ${kinds.length > 1 ? "mixed" : kinds[0][0]}`, d: pathOf(points), "marker-end": "url(#arrow)" }, svg("title", {}, title));
    const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
    return { element, source: boxes[a].key, target: boxes[b].key, place: { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) } };
  });
  const placed = new Map(boxes.map((box, index) => {
    const [left, top] = corners[index];
    return [box.key, { box, element: boxElement(box, corners[index]), place: { left, top, right: left + box.width, bottom: top + NODE_HEIGHT } }];
  }));
  return { boxes: placed, lines, first, extent: { left: 0, top: -8, right: width, bottom: height } };
}

/* Puts into the page what lies in sight; all of a small scene, and nothing twice */
const CULLED_ABOVE = 300, FAR = 0.35;
function showScene(scene, view = null) {
  const isLarge = scene.boxes.size > CULLED_ABOVE && view;
  one("#drawing").classList.toggle("far", Boolean(isLarge && view.scale < FAR));
  if (!isLarge && scene.isWhole) return;
  scene.isWhole = !isLarge;
  const isSeen = ({ place }) => !isLarge || (place.right >= view.left && place.left <= view.right && place.bottom >= view.top - 10 && place.top <= view.bottom);
  for (const [parent, parts] of [["#lines", scene.lines], ["#boxes", [...scene.boxes.values()]]]) one(parent).replaceChildren(...parts.filter((part) => isSeen(part) || part.element.contains(document.activeElement)).map((part) => part.element));
}
