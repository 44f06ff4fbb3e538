/* Layered layout: the same steps as layout.py, for what a person opens or follows */
const NODE_HEIGHT = 40, NODE_GAP = 14, WAYPOINT_GAP = 5, LAYER_GAP = 52, CLOSE_GAP = 26, COMPONENT_GAP = 36, SHELF = 1100, SWEEPS = 8, LARGEST_UNIT = 12.5 / 11;
const mean = (values, otherwise) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : otherwise);

function neighbours(number, edges) {
  const before = Array.from({ length: number }, () => []), after = Array.from({ length: number }, () => []);
  for (const [source, target] of edges) after[source].push(target), before[target].push(source);
  return [before, after];
}

function components(number, edges) {
  const [before, after] = neighbours(number, edges);
  const seen = new Set(), parts = [];
  for (let start = 0; start < number; start++) {
    if (seen.has(start)) continue;
    const part = [start];
    seen.add(start);
    for (const node of part) for (const near of [...before[node], ...after[node]]) if (!seen.has(near)) seen.add(near), part.push(near);
    parts.push(part.sort((a, b) => a - b));
  }
  return parts.sort((a, b) => b.length - a.length || a[0] - b[0]);
}

function acyclic(number, edges) {
  const [before, after] = neighbours(number, edges);
  const state = new Array(number).fill(0), turned = new Set();
  const roots = [...Array(number).keys()].sort((a, b) => !!before[a].length - !!before[b].length || a - b);
  for (const root of roots) {
    if (state[root]) continue;
    state[root] = 1;
    const path = [[root, 0]];
    while (path.length) {
      const top = path[path.length - 1], target = after[top[0]][top[1]++];
      if (target === undefined) (state[top[0]] = 2), path.pop();
      else if (state[target] === 1) turned.add(`${top[0]} ${target}`);
      else if (!state[target]) (state[target] = 1), path.push([target, 0]);
    }
  }
  return edges.map(([source, target]) => (turned.has(`${source} ${target}`) ? [target, source] : [source, target]));
}

function layersOf(number, edges) {
  const [before, after] = neighbours(number, edges);
  const waiting = before.map((sources) => sources.length), layer = new Array(number).fill(0);
  const ready = [...layer.keys()].filter((node) => !waiting[node]);
  for (const node of ready)
    for (const target of after[node]) {
      layer[target] = Math.max(layer[target], layer[node] + 1);
      if (!--waiting[target]) ready.push(target);
    }
  for (const node of layer.keys())
    if (!before[node].length && after[node].length) layer[node] = Math.min(...after[node].map((target) => layer[target])) - 1;
  return layer;
}

function crossings(rows, after) {
  let total = 0;
  for (let index = 0; index + 1 < rows.length; index++) {
    const position = new Map(rows[index + 1].map((node, place) => [node, place]));
    const counts = new Array(rows[index + 1].length + 1).fill(0);
    let seen = 0;
    for (const node of rows[index]) {
      const ends = after[node].map((target) => position.get(target) + 1);
      for (const end of ends) {
        total += seen;
        for (let i = end; i; i &= i - 1) total -= counts[i];
      }
      for (const end of ends) for (let i = end; i < counts.length; i += i & -i) counts[i]++;
      seen += ends.length;
    }
  }
  return total;
}

function ordered(layer, near) {
  const rows = Array.from({ length: Math.max(...layer) + 1 }, () => []);
  layer.forEach((number, node) => rows[number].push(node));
  let best = rows.map((row) => [...row]), fewest = crossings(rows, near[1]);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const position = [];
    const note = (row) => row.forEach((node, index) => (position[node] = index / row.length));
    rows.forEach(note);
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      const weight = new Map(row.map((node) => [node, mean(near[sweep % 2][node].map((other) => position[other]), position[node])]));
      row.sort((a, b) => weight.get(a) - weight.get(b));
      note(row);
    }
    const count = crossings(rows, near[1]);
    if (count < fewest) (best = rows.map((row) => [...row])), (fewest = count);
  }
  return best;
}

function isotonic(values) {
  const pools = [];
  for (const value of values) {
    let pool = [value, 1];
    while (pools.length && pools.at(-1)[0] / pools.at(-1)[1] > pool[0] / pool[1]) {
      const [total, size] = pools.pop();
      pool = [pool[0] + total, pool[1] + size];
    }
    pools.push(pool);
  }
  return pools.flatMap(([total, size]) => new Array(size).fill(total / size));
}

function component(members, widths, edges, layerGap) {
  const local = new Map(members.map((node, index) => [node, index]));
  const own = edges.filter(([source]) => local.has(source));
  const forward = acyclic(members.length, own.map(([source, target]) => [local.get(source), local.get(target)]));
  const layer = layersOf(members.length, forward);
  const chains = forward.map(([low, high]) => {
    const chain = [low];
    for (let number = layer[low] + 1, end = layer[high]; number < end; number++) chain.push(layer.push(number) - 1);
    return [...chain, high];
  });
  const near = neighbours(layer.length, chains.flatMap((chain) => chain.slice(1).map((node, index) => [chain[index], node])));
  const rows = ordered(layer, near);
  const half = (node) => (node < members.length ? NODE_HEIGHT / 2 : 0);
  const gap = (above, below) => (Math.max(above, below) < members.length ? NODE_GAP : Math.min(above, below) < members.length ? NODE_GAP * 0.75 : WAYPOINT_GAP);
  const middles = new Array(layer.length).fill(0);
  const settle = (row, aim) => {
    const offsets = [0];
    for (let i = 1; i < row.length; i++) offsets.push(offsets[i - 1] + half(row[i - 1]) + half(row[i]) + gap(row[i - 1], row[i]));
    isotonic(row.map((node, i) => aim(node) - offsets[i])).forEach((level, i) => (middles[row[i]] = level + offsets[i]));
  };
  rows.forEach((row) => settle(row, () => 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const sides = sweep >= SWEEPS - 2 ? near : [near[sweep % 2]];
    for (const row of sweep % 2 ? [...rows].reverse() : rows)
      settle(row, (node) => mean(sides.flatMap((side) => side[node].map((other) => middles[other])), middles[node]));
  }
  const top = Math.min(...middles.map((middle, node) => middle - half(node)));
  middles.forEach((middle, node) => (middles[node] = middle - top));
  const widest = new Array(Math.max(...layer) + 1).fill(0);
  members.forEach((node, index) => (widest[layer[index]] = Math.max(widest[layer[index]], widths[node])));
  const lefts = [0];
  for (const width of widest) lefts.push(lefts.at(-1) + width + layerGap);
  const routes = own.map((edge, index) => {
    const chain = chains[index], first = chain[0], last = chain.at(-1);
    const points = [[lefts[layer[first]] + widths[members[first]], middles[first]]];
    for (const way of chain.slice(1, -1)) points.push([lefts[layer[way]], middles[way]], [lefts[layer[way] + 1] - layerGap, middles[way]]);
    points.push([lefts[layer[last]], middles[last]]);
    return [edge, first === local.get(edge[0]) ? points : points.reverse()];
  });
  return {
    corners: members.map((node, index) => [node, lefts[layer[index]], middles[index] - NODE_HEIGHT / 2]),
    routes,
    width: lefts.at(-1) - layerGap,
    height: Math.max(...middles.map((middle, node) => middle + half(node))),
  };
}

function layered(widths, edges, layerGap = LAYER_GAP) {
  const parts = components(widths.length, edges).map((members) => component(members, widths, edges, layerGap));
  const limit = Math.max(SHELF, ...parts.map((part) => part.width));
  const corners = [], routes = [];
  let x = 0, y = 0, shelf = 0, right = 0;
  for (const part of parts) {
    if (x && x + part.width > limit) (x = 0), (y += shelf + COMPONENT_GAP), (shelf = 0);
    for (const [node, left, top] of part.corners) corners[node] = [left + x, top + y];
    for (const [edge, points] of part.routes) routes.push([edge, points.map(([left, top]) => [left + x, top + y])]);
    right = Math.max(right, x + part.width);
    x += part.width + COMPONENT_GAP;
    shelf = Math.max(shelf, part.height);
  }
  return { corners, routes, width: right, height: y + shelf };
}

/* The graph */
function graph() {
  const data = JSON.parse(one("#graph-data").textContent);
  const nodes = data.nodes.map(([kind, label, caption, title, width, group, place, note, name], index) => ({
    key: `n${index}`, kind, label, caption, title, width, group, place, note, name,
  }));
  const boxesOfGroups = data.groups.map(([kind, label, caption, title, width], index) => ({ key: `g${index}`, kind, label, caption, title, width }));
  const [before, after] = neighbours(nodes.length, data.edges);
  const drawing = one("#drawing"), linesAt = one("#lines"), boxesAt = one("#boxes"), panel = one("#panel"), canvas = one("#canvas");
  const opened = new Set(data.collapsed ? [] : boxesOfGroups.keys());
  const islands = new Set(data.islands);
  let only = null, chosen = null, withIslands = false, fitted = false, high = 0, whole = drawing.getAttribute("viewBox");

  const svg = (tag, attributes, ...children) => {
    const element = document.createElementNS(drawing.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const boxOf = (node) => (only || opened.has(nodes[node].group) ? nodes[node] : boxesOfGroups[nodes[node].group]);

  function reach(start, steps, limit = Infinity) {
    const seen = new Set(start);
    let edge = [...seen];
    for (let depth = 0; edge.length && depth < limit; depth++) {
      edge = edge.flatMap((node) => steps[node]).filter((node) => !seen.has(node) && seen.add(node));
    }
    return seen;
  }

  function path(points) {
    let text = `M${points[0][0].toFixed(1)} ${points[0][1].toFixed(1)}`;
    for (let index = 1; index < points.length; index++) {
      const [x0, y0] = points[index - 1], [x1, y1] = points[index], bend = (x1 - x0) / 2;
      text += index % 2 ? `C${(x0 + bend).toFixed(1)} ${y0.toFixed(1)} ${(x1 - bend).toFixed(1)} ${y1.toFixed(1)} ${x1.toFixed(1)} ${y1.toFixed(1)}` : `L${x1.toFixed(1)} ${y1.toFixed(1)}`;
    }
    return text;
  }

  function draw() {
    const shown = [...nodes.keys()].filter((node) => (only ? only.has(node) : withIslands || !islands.has(node)));
    const drawn = new Set(shown);
    const boxes = [...new Set(shown.map(boxOf))];
    const number = new Map(boxes.map((box, index) => [box.key, index]));
    const kinds = new Map();
    for (const [source, target, kind] of data.edges) {
      if (!drawn.has(source) || !drawn.has(target)) continue;
      const a = number.get(boxOf(source).key), b = number.get(boxOf(target).key);
      if (a !== b && !kinds.has(`${a} ${b}`)) kinds.set(`${a} ${b}`, kind);
    }
    const edges = [...kinds.keys()].map((pair) => pair.split(" ").map(Number)).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
    const { corners, routes, width, height } = layered(boxes.map((box) => box.width), edges, only ? CLOSE_GAP : LAYER_GAP);
    linesAt.replaceChildren(...routes.map(([[a, b], points]) => {
      const kind = kinds.get(`${a} ${b}`), title = svg("title", {});
      title.textContent = kind;
      return svg("path", { class: `line ${kind}`, "data-s": boxes[a].key, "data-t": boxes[b].key, d: path(points), "marker-end": "url(#arrow)" }, title);
    }));
    boxesAt.replaceChildren(...boxes.map((box, index) => {
      const texts = { title: svg("title", {}), name: svg("text", { class: "name", x: 19, y: 17 }), caption: svg("text", { class: "caption", x: 19, y: 31 }) };
      texts.title.textContent = box.title;
      texts.name.textContent = box.label;
      texts.caption.textContent = box.caption;
      return svg("g", { class: `box ${box.kind}`, "data-key": box.key, tabindex: 0, role: "button", "aria-label": box.title, transform: `translate(${corners[index].map((v) => v.toFixed(1)).join(" ")})` },
        texts.title, svg("rect", { class: "face", width: box.width, height: NODE_HEIGHT, rx: 8 }),
        svg("rect", { class: "edge", x: 7, y: 9, width: 4, height: NODE_HEIGHT - 18, rx: 2 }), texts.name, texts.caption);
    }));
    const wide = Math.max(width + 48, 960), tall = Math.max(height + 48, 380);
    whole = `${(width - wide) / 2} ${(height - tall) / 2} ${wide} ${tall}`;
    one("#back").hidden = !only && (!data.collapsed || !opened.size);
    follow();
    frame();
  }

  function follow() {
    drawing.classList.toggle("following", chosen !== null);
    const near = chosen === null ? new Set() : new Set([...reach([chosen], before), ...reach([chosen], after)]);
    const keys = new Set([...near].filter((node) => !only || only.has(node)).map((node) => boxOf(node).key));
    const up = chosen === null ? new Set() : new Set([...reach([chosen], before)].map((node) => boxOf(node).key));
    const down = chosen === null ? new Set() : new Set([...reach([chosen], after)].map((node) => boxOf(node).key));
    for (const box of boxesAt.children) {
      box.classList.toggle("near", keys.has(box.dataset.key));
      box.classList.toggle("chosen", chosen !== null && box.dataset.key === boxOf(chosen).key);
    }
    for (const line of linesAt.children) {
      const { s, t } = line.dataset;
      line.classList.toggle("near", (up.has(s) && up.has(t)) || (down.has(s) && down.has(t)));
    }
  }

  function show(node) {
    chosen = node;
    panel.hidden = node === null;
    follow();
    if (node === null) return;
    const { kind, name, place, note, group } = nodes[node];
    const button = (label, act, extra = "") => make("button", { type: "button", className: `button ${extra}`, textContent: label, onclick: act });
    const upstream = reach([node], before), downstream = reach([node], after);
    const focus = (members) => () => { only = new Set(members); draw(); show(node); frame(node); };
    panel.replaceChildren(
      button("×", () => show(null), "close"),
      make("h3", { textContent: name }),
      make("div", { className: `kind ${kind}` }, make("span", { className: "swatch" }), kind.replace("_", " ")),
      ...(place ? [make("p", { className: "where", textContent: place })] : []),
      ...(note ? [make("p", { textContent: note })] : []),
      make("p", { textContent: `${upstream.size - 1} upstream, ${downstream.size - 1} downstream` }),
      make("div", { className: "row" },
        button("Follow only", focus([...upstream, ...downstream])),
        button("Neighbours", focus([...reach([node], before, 1), ...reach([node], after, 1)])),
        ...(data.collapsed && !only ? [button("Close group", () => { opened.delete(group); show(null); draw(); })] : [])),
    );
  }

  const cornerOf = (box) => box.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  const clamp = (value, least, most) => Math.max(least, Math.min(value, most));

  /* One unit is one pixel, so that the smallest text is 11 px (a followed path may shrink until names are 11 px): from the left, or about a node, in what the panel leaves of the window */
  function frame(node = null) {
    const [left, top, width, height] = whole.split(" ").map(Number);
    high = Math.max(high, clamp(height, 340, Math.max(340, Math.min(innerHeight * 0.72, 760))));
    drawing.style.setProperty("--high", `${high}px`);
    const area = drawing.getBoundingClientRect(), corners = [...boxesAt.children].map(cornerOf);
    let [x, y] = corners.length ? corners.reduce((first, corner) => (corner[0] < first[0] || (corner[0] === first[0] && corner[1] < first[1]) ? corner : first)) : [left, top];
    let above = 0, room = area.height, unit = 1;
    const middle = (start, length, space, wanted) => (length <= space ? start - (space - length) / 2 : clamp(wanted, start, start + length - space));
    if (node !== null) {
      const box = [...boxesAt.children].find((element) => element.dataset.key === boxOf(node).key), free = panel.hidden ? innerHeight : panel.getBoundingClientRect().top;
      above = Math.max(0, one(".top").getBoundingClientRect().bottom - area.top);
      room = Math.max(120, Math.min(area.bottom, free) - area.top - above);
      unit = clamp(Math.max(width / area.width, height / room), 1, only ? LARGEST_UNIT : 1);
      [x, y] = cornerOf(box);
      x -= (area.width * unit - boxOf(node).width) / 2;
      y -= (room * unit - NODE_HEIGHT) / 2;
    } else {
      x -= 24;
      y = y + NODE_HEIGHT < top + room ? top : y - 24;
    }
    look(middle(left, width, area.width * unit, x), middle(top, height, room * unit, y) - above * unit, area.width * unit, area.height * unit);
  }

  /* The panel comes up from below: what was pressed stays above it */
  function uncover(key) {
    const box = [...boxesAt.children].find((element) => element.dataset.key === key);
    const hidden = box.getBoundingClientRect().bottom + 12 - panel.getBoundingClientRect().top, [left, top, width, height] = view();
    if (!panel.hidden && hidden > 0) look(left, top + hidden / scale, width, height);
  }

  function press(key) {
    const number = Number(key.slice(1));
    if (key[0] === "n") {
      show(chosen === number ? null : number);
      return uncover(key);
    }
    opened.add(number);
    show(null);
    draw();
  }

  /* Looking around */
  const view = () => drawing.getAttribute("viewBox").split(" ").map(Number);
  let scale = 1;
  function look(left, top, width, height) {
    drawing.setAttribute("viewBox", [left, top, width, height].join(" "));
    fitted = false;
    scale = drawing.getScreenCTM()?.a || 1;
  }
  function fit() {
    drawing.setAttribute("viewBox", whole);
    fitted = true;
  }
  new ResizeObserver(() => {
    const { width, height } = drawing.getBoundingClientRect(), [left, top] = view();
    if (width && !fitted) look(left, top, width / scale, height / scale);
  }).observe(drawing);
  function zoom(factor, x, y) {
    const [left, top, width, height] = view();
    x ??= left + width / 2;
    y ??= top + height / 2;
    if (width * factor > 60 && width * factor < 60000) look(x - (x - left) * factor, y - (y - top) * factor, width * factor, height * factor);
  }
  const toDrawing = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
  drawing.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !canvas.classList.contains("wide")) return;
    event.preventDefault();
    const { x, y } = toDrawing(event);
    zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 240), x, y);
  }, { passive: false });
  let grip = null, moved = false;
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    moved = false;
    grip = { x: event.clientX, y: event.clientY, view: view(), scale: drawing.getScreenCTM().a };
  });
  addEventListener("pointermove", (event) => {
    if (!grip) return;
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
    if (!moved && Math.hypot(dx, dy) < 4) return;
    moved = true;
    drawing.classList.add("moving");
    const [left, top, width, height] = grip.view;
    look(left - dx / grip.scale, top - dy / grip.scale, width, height);
  });
  addEventListener("pointerup", () => {
    grip = null;
    drawing.classList.remove("moving");
  });
  drawing.addEventListener("click", (event) => {
    if (moved) return;
    const box = event.target.closest(".box");
    if (box) press(box.dataset.key);
    else show(null);
  });
  drawing.addEventListener("keydown", (event) => {
    const box = event.target.closest(".box");
    if (box && (event.key === "Enter" || event.key === " ")) event.preventDefault(), press(box.dataset.key);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (chosen !== null) show(null);
    else if (canvas.classList.contains("wide")) widen();
  });

  /* Tools */
  function widen() {
    const wide = canvas.classList.toggle("wide");
    one("#wide").textContent = wide ? "Leave full screen" : "Full screen";
  }
  one("#wide").addEventListener("click", widen);
  one("#in").addEventListener("click", () => zoom(0.8));
  one("#out").addEventListener("click", () => zoom(1.25));
  one("#fit").addEventListener("click", fit);
  one("#expand")?.addEventListener("click", () => {
    only = null;
    boxesOfGroups.forEach((_, group) => opened.add(group));
    draw();
  });
  one("#islands")?.addEventListener("click", () => fold(withIslands));
  function fold(away) {
    const button = one("#islands"), changed = withIslands === away;
    withIslands = !away;
    button.setAttribute("aria-pressed", withIslands);
    button.textContent = button.textContent.replace(/^\w+/, away ? "Show" : "Hide");
    if (changed) show(null), (only = null), draw();
  }
  one("#back").addEventListener("click", () => {
    only = null;
    if (data.collapsed) opened.clear();
    show(null);
    draw();
  });
  const find = one("#find"), found = one("#found");
  function search() {
    const text = find.value.trim().toLowerCase();
    const hits = text ? nodes.filter((node) => node.name.toLowerCase().includes(text)) : [];
    const keys = new Set(hits.map((node) => boxOf(nodes.indexOf(node)).key));
    for (const box of boxesAt.children) box.classList.toggle("hit", keys.has(box.dataset.key));
    found.hidden = !text;
    found.replaceChildren(...hits.slice(0, 12).map((node) => make("li", {}, make("button", { type: "button", onclick: () => go(nodes.indexOf(node)) }, node.name, make("small", { textContent: node.caption })))));
    if (text && !hits.length) found.append(make("li", { className: "note", textContent: "Nothing of that name" }));
    return hits;
  }
  function go(node) {
    found.hidden = true;
    if (islands.has(node)) fold(false);
    if (only && !only.has(node)) only = null;
    if (!only && !opened.has(nodes[node].group)) opened.add(nodes[node].group);
    chosen = node;
    draw();
    show(node);
    frame(node);
  }
  find.addEventListener("input", search);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape") (found.hidden = true), event.stopPropagation();
    if (event.key !== "Enter") return;
    const [first] = search();
    if (first) go(nodes.indexOf(first));
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) found.hidden = true;
  });

  one("#export").addEventListener("click", () => {
    const copied = drawing.cloneNode(true);
    const names = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight"];
    const originals = all("*", drawing);
    all("*", copied).forEach((element, index) => {
      const style = getComputedStyle(originals[index]);
      for (const name of names) element.setAttribute(name, style.getPropertyValue(name));
      for (const name of ["class", "tabindex", "role"]) element.removeAttribute(name);
    });
    const [left, top, width, height] = whole.split(" ");
    copied.setAttribute("viewBox", whole);
    copied.setAttribute("width", width);
    copied.setAttribute("height", height);
    copied.prepend(svg("rect", { x: left, y: top, width, height, fill: getComputedStyle(drawing).backgroundColor }));
    const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copied)], { type: "image/svg+xml" }));
    make("a", { href: address, download: "dependencies.svg" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  addEventListener("beforeprint", fit);
  addEventListener("afterprint", () => frame());
  frame();
}
if (one("#drawing")) graph();
