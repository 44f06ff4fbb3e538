/* What of the graph is shown, chosen and focused, and what people do to change it */
const ISLAND = 2, LEAST_FOLDED = 0.3; // an overview may be that small before only a part of it is shown

function explorer() {
  const model = readModel(one("#graph-data").textContent);
  const drawing = one("#drawing"), canvas = one("#canvas"), aside = one("#panel"), status = one("#graph-status");
  const camera = makeCamera(drawing, one("#map"), canvas, (view) => showScene(scene, view));
  const state = { way: 0, opened: new Set(), hidden: new Set(), quiet: new Set(model.quiet), focus: null, chosen: null, group: null, islands: false, marked: false };
  let scene = null, boxes = [], links = [], shown = new Set(), folded = 0, current = null;
  const way = () => model.ways[state.way];
  const boxOf = (node) => (state.focus || state.opened.has(way().of[node]) ? model.nodes[node] : way().boxes[way().of[node]]);
  const isHidden = (node) => {
    const { kind, number } = model.nodes[node];
    return node !== state.chosen && (state.hidden.has(kind) || (state.quiet.has(kind) && !number && !(state.focus && state.focus.depth < 3)));
  };

  function focused() {
    const { node, way: direction, depth, to } = state.focus;
    if (to === null) return model.reach(node, direction, depth);
    const isDown = model.reach(node, "down").has(to);
    return isDown ? new Set([...model.reach(node, "up"), ...model.between(node, to)]) : model.between(to, node);
  }
  /* Tiny parts without a finding are folded away, unless there is nothing else */
  function withoutIslands(nodes) {
    const numbers = [...nodes], local = new Map(numbers.map((node, index) => [node, index]));
    const pairs = model.edges.filter(([a, b]) => local.has(a) && local.has(b)).map(([a, b]) => [local.get(a), local.get(b)]);
    const small = components(numbers.length, pairs).map((part) => part.map((index) => numbers[index])).filter((part) => part.length <= ISLAND && !part.some((node) => model.nodes[node].number || node === state.chosen)).flat();
    folded = small.length < numbers.length ? small.length : 0;
    if (folded && !state.islands) for (const node of small) nodes.delete(node);
    return nodes;
  }

  function draw() {
    const all = state.focus ? focused() : new Set(model.nodes.keys());
    for (const node of all) if (isHidden(node)) all.delete(node);
    shown = state.focus ? all : withoutIslands(all);
    boxes = [...new Set([...shown].sort((a, b) => a - b).map(boxOf))];
    const number = new Map(boxes.map((box, index) => [box, index]));
    links = model.edgesAmong(shown, isHidden);
    scene = makeScene(boxes, links.map(([a, b, kind]) => [number.get(boxOf(a)), number.get(boxOf(b)), kind]), state.focus ? CLOSE_GAP : LAYER_GAP);
    if (boxes.length <= CULLED_ABOVE) showScene(scene);
    camera.show(scene);
    for (const [id, hidden] of [["#back", !state.focus], ["#islands", !folded || state.focus], ["#collapse", state.focus || !state.opened.size || way().boxes.length < 2], ["#expand", state.focus || way().boxes.every((_, group) => state.opened.has(group))]]) {
      const element = one(id);
      if (element) element.hidden = !!hidden;
    }
    one("#islands").textContent = `${state.islands ? "Hide" : "Show"} ${folded.toLocaleString("en")} unconnected`;
    current = boxes.find((box) => box === (state.chosen === null ? null : boxOf(state.chosen))) ?? boxes[0];
    if (current) scene.boxes.get(current.key).element.setAttribute("tabindex", 0);
    mark();
    report();
  }
  function report() {
    const { focus } = state, name = focus && model.nodes[focus.node].name;
    const directions = { up: "upstream", down: "downstream", both: "up- and downstream" };
    const what = !focus ? "" : focus.to !== null ? `the way between ${name} and ${model.nodes[focus.to].name}` : `${name}, ${directions[focus.way]}${focus.depth === Infinity ? "" : `, ${focus.depth === 1 ? "1 step" : `${focus.depth} steps`}`}`;
    const groups = boxes.filter((box) => box.kind === "group").length;
    status.textContent = `${what ? `${what}: ` : ""}${shown.size.toLocaleString("en")} of ${model.nodes.length.toLocaleString("en")} nodes${groups ? `, ${groups.toLocaleString("en")} ${way().by}${groups === 1 ? "" : "s"} folded` : ""}`;
  }

  /* What belongs to the chosen node stands out, and so do nodes with findings when they are asked for */
  function mark() {
    const { chosen } = state, up = chosen === null ? new Set() : model.reach(chosen, "up"), down = chosen === null ? new Set() : model.reach(chosen, "down");
    const near = new Set([...up, ...down].filter((node) => shown.has(node)).map((node) => boxOf(node).key));
    const lines = new Set(links.filter(([a, b]) => (up.has(a) && up.has(b)) || (down.has(a) && down.has(b))).map(([a, b]) => `${boxOf(a).key} ${boxOf(b).key}`));
    drawing.classList.toggle("following", chosen !== null && !state.focus);
    drawing.classList.toggle("marking", state.marked);
    const own = chosen !== null ? boxOf(chosen).key : state.group !== null ? way().boxes[state.group].key : "";
    for (const [key, { element }] of scene.boxes) {
      element.classList.toggle("near", near.has(key));
      element.classList.toggle("chosen", key === own);
      element.setAttribute("aria-pressed", key === own);
    }
    for (const { element, source, target } of scene.lines) element.classList.toggle("near", lines.has(`${source} ${target}`));
  }
  function extentOf(keys) {
    const places = keys.map((key) => scene.boxes.get(key)?.place).filter(Boolean), of = (name, most) => Math[most](...places.map((place) => place[name]));
    return places.length ? { left: of("left", "min"), top: of("top", "min") - 8, right: of("right", "max"), bottom: of("bottom", "max") } : camera.extent;
  }
  const nearKeys = () => [...scene.boxes].filter(([, { element }]) => element.classList.contains("near")).map(([key]) => key);

  const panel = makePanel(model, aside, { choose: (node) => choose(node), close: () => choose(null), focus, fold });
  function details() {
    aside.hidden = state.chosen === null && state.group === null;
    canvas.classList.toggle("open", !aside.hidden);
    if (state.chosen !== null) {
      const group = way().of[state.chosen];
      panel.showNode(state.chosen, state.focus, !state.focus && state.opened.has(group) && way().boxes.length > 1 ? way().boxes[group] : null);
    } else if (state.group !== null) panel.showGroup(way().boxes[state.group], [...model.nodes.keys()].filter((node) => way().of[node] === state.group), way().by, state.opened.has(state.group));
    aside.scrollTop = 0;
  }
  function address() {
    const { chosen, focus } = state, parts = [];
    if (chosen !== null) parts.push(`node=${encodeURIComponent(model.nodes[chosen].id)}`);
    if (focus && focus.to !== null) parts.push(`to=${encodeURIComponent(model.nodes[focus.to].id)}`);
    else if (focus) parts.push(`way=${focus.way}`, `depth=${focus.depth === Infinity ? "all" : focus.depth}`);
    if (parts.length || location.hash.startsWith("#node=")) history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname + location.search);
  }
  function choose(node, isQuiet = false) {
    const isOut = node !== null && (!shown.has(node) || (!state.focus && !state.opened.has(way().of[node])));
    state.chosen = node;
    state.group = null;
    if (node !== null && state.focus && !shown.has(node)) state.focus = null;
    if (node !== null) state.opened.add(way().of[node]);
    if (isOut) draw();
    else mark();
    if (!isQuiet) settle();
  }
  /* After the panel has taken its room */
  function settle() {
    address();
    details();
    report();
    if (state.focus) camera.fit();
    else if (state.chosen !== null) camera.reveal(extentOf(nearKeys()));
    else if (state.group !== null) camera.reveal(extentOf(state.opened.has(state.group) ? boxes.filter((box) => box.kind !== "group" && way().of[box.index] === state.group).map((box) => box.key) : [way().boxes[state.group].key]));
    if (state.chosen !== null && scene.boxes.has(boxOf(state.chosen).key) && canvas.contains(document.activeElement) && document.activeElement !== one("#find")) roam(boxOf(state.chosen), false);
  }
  function focus(node, { way: direction = "both", depth = Infinity, to = null } = {}) {
    state.focus = { node, way: direction, depth, to };
    state.chosen = node;
    state.opened.add(way().of[node]);
    state.group = null;
    draw();
    settle();
  }
  function unfocus() {
    state.focus = null;
    draw();
    settle();
    if (state.chosen === null) camera.start();
  }
  function fold(group) {
    const isOpen = state.opened.delete(group);
    if (!isOpen) state.opened.add(group);
    state.chosen = null;
    state.group = group;
    draw();
    settle();
  }
  function openAll(isOpen) {
    state.opened = new Set(isOpen ? way().boxes.keys() : []);
    Object.assign(state, { chosen: null, group: null, focus: null });
    draw();
    settle();
    camera.start(isOpen ? undefined : LEAST_FOLDED);
  }
  function press(key) {
    const number = Number(key.slice(1));
    if (key[0] === "g") fold(number);
    else choose(state.chosen === number ? null : number);
  }

  function roam(box, isSeen = true) {
    if (!moveFocus(scene, box)) return;
    current = box;
    if (isSeen) camera.reveal(extentOf([box.key]));
  }
  drawing.addEventListener("click", (event) => {
    if (camera.wasMoved()) return;
    const box = event.target.closest(".box");
    if (box) press(box.dataset.key);
    else if (state.chosen !== null || state.group !== null) choose(null);
  });
  drawing.addEventListener("keydown", (event) => {
    const key = event.target.closest(".box")?.dataset.key;
    if (!key) return;
    if (event.key === "Enter" || event.key === " ") {
      press(key);
      roam(scene.boxes.get(key)?.box ?? boxes.find((box) => box.kind !== "group" && way().of[box.index] === Number(key.slice(1))), false);
    }
    else if (event.key === "f" && key[0] === "n") focus(Number(key.slice(1)));
    else if (event.key.startsWith("Arrow")) {
      roam(nextBox(scene, current, event.key));
    } else return;
    event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target.closest?.("input, select, textarea")) return;
    if (!aside.hidden) choose(null);
    else if (state.focus) unfocus();
    else if (canvas.classList.contains("wide")) widen();
  });

  /* Tools */
  function widen() {
    one("#wide").textContent = canvas.classList.toggle("wide") ? "Leave full screen" : "Full screen";
    requestAnimationFrame(() => (state.focus ? camera.fit() : camera.start()));
  }
  function markFindings() {
    state.marked = !state.marked;
    one("#marked").setAttribute("aria-pressed", state.marked);
    mark();
    if (state.marked) camera.reveal(extentOf(boxes.filter((box) => box.number).map((box) => box.key)));
  }
  const tools = { "#wide": widen, "#in": () => camera.zoom(1.25), "#out": () => camera.zoom(0.8), "#fit": () => camera.fit(), "#back": unfocus, "#expand": () => openAll(true), "#collapse": () => openAll(false),
    "#islands": () => ((state.islands = !state.islands), draw()),
    "#marked": markFindings,
    "#export": () => (showScene(scene), save(exportedSvg(drawing, camera.extent, new Set(boxes.map((box) => box.kind)), `${canvas.dataset.project} · ${status.textContent}`), "dependencies.svg")) };
  for (const [id, run] of Object.entries(tools)) one(id)?.addEventListener("click", run);
  one("#group-by")?.addEventListener("change", (event) => {
    state.way = Number(event.target.value);
    openAll(false);
  });
  makeLegend(state, () => {
    if (state.chosen !== null && state.hidden.has(model.nodes[state.chosen].kind)) Object.assign(state, { chosen: null, focus: null });
    draw();
    details();
    if (state.focus) camera.fit();
    else if (state.chosen === null) camera.start();
  });
  makeSearch(model, (node) => choose(node));
  addEventListener("beforeprint", () => (camera.onPaper(true), showScene(scene)));
  addEventListener("afterprint", () => camera.onPaper(false));

  /* #node=…, with way and depth, or to another node */
  function follow() {
    const wanted = new URLSearchParams(location.hash.slice(1)), node = model.byId.get(wanted.get("node")), to = model.byId.get(wanted.get("to"));
    if (node === undefined) return;
    const isFocused = wanted.has("way") || to !== undefined;
    if (isFocused) focus(node, { way: ["up", "down"].includes(wanted.get("way")) ? wanted.get("way") : "both", depth: Number(wanted.get("depth")) || Infinity, to: to ?? null });
    else choose(node);
    one("#graph").scrollIntoView();
  }
  addEventListener("hashchange", follow);
  if (!model.collapsed) state.opened = new Set(way().boxes.keys());
  draw();
  camera.start(model.collapsed ? LEAST_FOLDED : undefined);
  follow();
}
if (one("#graph-data")) explorer();
