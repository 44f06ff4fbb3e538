/* Details of the chosen node or group */
const SHOWN_AT_FIRST = 10;
const AT = { source: "Read at", column: "Read at", asset: "Written at", consumer: "Reads at", entry_point: "Stands at", setting: "Set at", option: "Declared", stage: "Declared" };

function makePanel(model, panel, act) {
  const words = (kind) => kind.replace("_", " ");
  const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const button = (label, onclick, properties = {}) => make("button", { type: "button", className: "button", onclick, ...properties }, ...[label].flat());
  const heading = (text) => make("h4", { textContent: text });
  const kindOf = (kind) => make("span", { className: `kind ${kind}` }, make("span", { className: "swatch" }), words(kind));
  const nodeButton = (number, said = "") => {
    const node = model.nodes[number];
    return make("li", {}, make("button", { type: "button", className: `item ${node.kind}`, title: node.title, onclick: () => act.choose(number) }, make("span", { className: "swatch" }), make("span", { className: "what", textContent: node.name }), make("small", { textContent: said || words(node.kind) })));
  };
  function list(items, title) {
    if (!items.length) return [];
    const element = make("ul", { className: "items" }, ...items.slice(0, SHOWN_AT_FIRST));
    const rest = items.slice(SHOWN_AT_FIRST);
    if (rest.length) {
      const more = make("li", {}, button(`${rest.length.toLocaleString("en")} more`, () => more.replaceWith(...rest), { className: "item more" }));
      element.append(more);
    }
    return [heading(`${title} (${items.length.toLocaleString("en")})`), element];
  }
  const findingItem = (number) => {
    const [fingerprint, severity, message] = model.findings[number];
    return make("li", {}, make("a", { href: `#f-${fingerprint}`, className: `item ${severity}` }, make("span", { className: "dot", title: severity }), make("span", { className: "what", textContent: message })));
  };
  const findings = (about, mentioned) => [...list(about.map(findingItem), "Findings"), ...list(mentioned.map(findingItem), "In the evidence of")];

  function focusTools(number, focus) {
    const { way, depth, to } = focus && focus.to === null ? focus : { way: "both", depth: Infinity, to: null };
    const choice = (label, value, isPressed, title) => button(label, () => act.focus(number, { way, depth, ...value }), { ariaPressed: String(isPressed), title });
    const isOn = focus !== null && to === null && focus.to === null;
    return make("div", { className: "focus" },
      make("div", { className: "segments", role: "group", ariaLabel: "Direction" }, choice("Upstream", { way: "up" }, isOn && way === "up", "What it comes from"), choice("Both", { way: "both" }, isOn && way === "both", "Both directions"), choice("Downstream", { way: "down" }, isOn && way === "down", "What it leads to")),
      make("div", { className: "segments", role: "group", ariaLabel: "Steps" }, ...[[1, "1 step"], [2, "2 steps"], [Infinity, "All"]].map(([steps, label]) => choice(label, { depth: steps }, isOn && depth === steps, `Only nodes within ${steps === Infinity ? "any number of steps" : label}`))));
  }
  function follow(number, focus) {
    const ends = (kinds, way) => [...model.reach(number, way)].filter((node) => node !== number && kinds.includes(model.nodes[node].kind)).sort((a, b) => a - b);
    const item = (node) => {
      const element = nodeButton(node);
      element.firstChild.onclick = () => act.focus(number, { to: node });
      element.firstChild.ariaPressed = String(focus?.to === node);
      return element;
    };
    return [...list(ends(["source"], "up").map(item), "Follow from"), ...list(ends(["model", "decision"], "down").map(item), "Follow to")];
  }
  function chain(number, focus) {
    if (!focus || focus.to === null) return [];
    const isDown = model.reach(number, "down").has(focus.to);
    const first = isDown ? [...model.reach(number, "up")].find((node) => model.nodes[node].kind === "source") ?? number : focus.to;
    const nodes = isDown ? [...model.route(first, number), ...model.route(number, focus.to).slice(1)] : model.route(first, number);
    return [heading("A shortest way"), make("ol", { className: "route" }, ...nodes.map((node) => {
      const element = nodeButton(node, model.nodes[node].place);
      element.firstChild.classList.toggle("here", node === number);
      return element;
    }))];
  }
  const top = (title, ...more) => [button("×", act.close, { className: "button close", ariaLabel: "Close" }), make("h3", { textContent: title, tabIndex: -1 }), ...more];

  function showNode(number, focus, group) {
    const node = model.nodes[number];
    const neighbours = (near, isUp) => near.map((other) => nodeButton(other, model.kind(...(isUp ? [other, number] : [number, other]))));
    panel.replaceChildren(...top(node.name, kindOf(node.kind)),
      make("dl", {}, ...[[AT[node.kind] ?? "Made at", node.place], ["Module", node.group], ["Stage", node.stage], ["", node.note]].filter(([, value]) => value).map(([term, value]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: value })))),
      ...findings(node.about, node.mentioned),
      heading("Show only"), focusTools(number, focus), ...chain(number, focus), ...follow(number, focus),
      ...list(neighbours(model.before[number], true), "Comes from"), ...list(neighbours(model.after[number], false), "Leads to"),
      make("div", { className: "row" }, ...(group ? [button(`Collapse ${group.label}`, () => act.fold(group.index))] : []), make("button", { type: "button", className: "button", textContent: "Copy link" })));
    const link = panel.lastChild.lastChild;
    link.dataset.copy = location.href;
  }
  function showGroup(group, members, by, isOpen) {
    const kinds = new Map();
    for (const member of members) kinds.set(model.nodes[member].kind, (kinds.get(model.nodes[member].kind) ?? 0) + 1);
    const union = (name) => [...new Set(members.flatMap((member) => model.nodes[member][name]))];
    const about = union("about");
    panel.replaceChildren(...top(group.title.split(": ")[0], make("p", { className: "kind", textContent: `${by}, ${counted(members.length, "node")}` })),
      make("div", { className: "row" }, button(isOpen ? "Collapse" : "Expand", () => act.fold(group.index))),
      ...findings(about, union("mentioned").filter((finding) => !about.includes(finding))),
      ...[...kinds].map(([kind, number]) => list(members.filter((member) => model.nodes[member].kind === kind).map((member) => nodeButton(member, " ")), `${words(kind)[0].toUpperCase()}${words(kind).slice(1)}`)).flat());
  }
  return { showNode, showGroup };
}
