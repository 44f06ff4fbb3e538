/* Layered layout: the same steps as layout.py, for what a person opens or follows */
const NODE_HEIGHT = 40, NODE_GAP = 14, WAYPOINT_GAP = 5, LAYER_GAP = 52, CLOSE_GAP = 28, COMPONENT_GAP = 36, SHELF = 1100, SWEEPS = 8, ASPECT = 2.2;
const LARGE = 4000, SWEEPS_OF_LARGE = 3; // nodes and waypoints of a component

/* The mean of what some nodes have, over one or both sides */
function mean(sides, node, values, otherwise) {
  let sum = 0, number = 0;
  for (const side of sides) for (const other of side[node]) (sum += values[other]), number++;
  return number ? sum / number : otherwise;
}

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
  const sweeps = layer.length > LARGE ? SWEEPS_OF_LARGE : SWEEPS;
  let best = rows.map((row) => [...row]), fewest = crossings(rows, near[1]);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const position = [];
    const note = (row) => row.forEach((node, index) => (position[node] = index / row.length));
    rows.forEach(note);
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      const weight = new Map(row.map((node) => [node, mean([near[sweep % 2]], node, position, position[node])]));
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
  const sweeps = layer.length > LARGE ? SWEEPS_OF_LARGE : SWEEPS;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const sides = sweep >= sweeps - 2 ? near : [near[sweep % 2]];
    for (const row of sweep % 2 ? [...rows].reverse() : rows)
      settle(row, (node) => mean(sides, node, middles, middles[node]));
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
  const area = parts.reduce((sum, part) => sum + (part.width + COMPONENT_GAP) * (part.height + COMPONENT_GAP), 0);
  const limit = Math.max(SHELF, Math.sqrt(area * ASPECT), ...parts.map((part) => part.width));
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
  return { corners, routes, width: right, height: y + shelf, first: parts[0]?.height ?? 0 };
}
