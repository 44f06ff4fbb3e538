/* Through the drawing with the keyboard: one box can be tabbed to, arrows go from box to box */
function moveFocus(scene, box) {
  if (!box) return false;
  for (const { element } of scene.boxes.values()) element.setAttribute("tabindex", -1);
  const { element } = scene.boxes.get(box.key);
  element.setAttribute("tabindex", 0);
  if (!element.isConnected) one("#boxes").append(element);
  element.focus({ preventScroll: true });
  return true;
}

/* Sideways the nearest box, one that a line leads to before all others; up and down the nearest of about the same column */
function nextBox(scene, current, key) {
  const here = scene.boxes.get(current.key).place, isAcross = key === "ArrowLeft" || key === "ArrowRight", sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  const linked = new Set(scene.lines.flatMap(({ source, target }) => (source === current.key ? [target] : target === current.key ? [source] : [])));
  let best = null, nearest = Infinity;
  for (const { box, place } of scene.boxes.values()) {
    const across = place.left - here.left, along = place.top - here.top, ahead = (isAcross ? across : along) * sign;
    const far = isAcross ? ahead + Math.abs(along) * 2 + (linked.has(box.key) ? 0 : 4000) : ahead + Math.abs(across) * 4;
    if (ahead > 0 && far < nearest) (best = box), (nearest = far);
  }
  return best;
}
