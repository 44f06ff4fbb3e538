/* What the graph is: nodes, ways to group them, edges, and questions about them */
function readModel(text) {
  const data = JSON.parse(text);
  const box = (prefix) => ([kind, label, caption, title, width, number, severity, ...rest], index) => ({ key: `${prefix}${index}`, index, kind, label, caption, title, width, number, severity, rest });
  const nodes = data.nodes.map(box("n")).map(({ rest: [place, note, name, id, group, stage, about, mentioned], ...node }) => ({ ...node, place, note, name, id, group, stage, about, mentioned, words: `${name} ${node.kind.replace("_", " ")} ${group} ${stage} ${place}`.toLowerCase() }));
  const ways = data.ways.map(([by, of, boxes]) => ({ by, of, boxes: boxes.map(box("g")) }));
  const [before, after] = neighbours(nodes.length, data.edges);
  const kinds = new Map(data.edges.map(([source, target, kind]) => [`${source} ${target}`, kind]));
  const byId = new Map(nodes.map((node) => [node.id, node.index]));

  function spread(start, steps, limit) {
    const seen = new Set([start]);
    let edge = [start];
    for (let depth = 0; edge.length && depth < limit; depth++) edge = edge.flatMap((node) => steps[node]).filter((node) => !seen.has(node) && seen.add(node));
    return seen;
  }
  /* Everything that a node comes from (up), leads to (down), or both, within so many steps */
  function reach(node, way = "both", depth = Infinity) {
    return new Set([...(way === "down" ? [] : spread(node, before, depth)), ...(way === "up" ? [] : spread(node, after, depth))]);
  }
  const between = (from, to) => {
    const behind = reach(to, "up");
    return new Set([...reach(from, "down")].filter((node) => behind.has(node)));
  };
  /* A shortest chain of nodes, [] where there is none */
  function route(from, to) {
    const came = new Map([[from, -1]]);
    for (const node of came.keys()) {
      if (node === to) break;
      for (const next of after[node]) if (!came.has(next)) came.set(next, node);
    }
    const chain = [];
    for (let node = came.has(to) ? to : -1; node !== -1; node = came.get(node)) chain.unshift(node);
    return chain;
  }
  /* Edges among shown nodes; what is hidden by its kind is stepped over, and such an edge only "leads" on */
  function edgesAmong(shown, isHidden) {
    const found = [];
    for (const start of shown) {
      const seen = new Set();
      const walk = (node, isDirect) => {
        for (const next of after[node]) {
          if (shown.has(next)) next !== start && found.push([start, next, isDirect ? kinds.get(`${start} ${next}`) : "leads"]);
          else if (isHidden(next) && !seen.has(next)) seen.add(next), walk(next, false);
        }
      };
      walk(start, true);
    }
    return found;
  }
  return { ...data, nodes, ways, before, after, byId, reach, between, route, edgesAmong, kind: (a, b) => kinds.get(`${a} ${b}`) };
}
