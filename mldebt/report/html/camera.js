/* Looking around: zoom, pan, fit, and a small map of the whole */
function makeCamera(drawing, map, canvas, onView) {
  const MARGIN = 28, clamp = (value, least, most) => Math.max(least, Math.min(value, most));
  let extent = { left: 0, top: 0, right: 960, bottom: 380 }, beginning = 0, isOnPaper = false, view = { left: 0, top: 0, scale: 1 };
  let waiting;
  const area = () => drawing.getBoundingClientRect();
  const size = (part) => [part.right - part.left, part.bottom - part.top];

  function look(left, top, scale) {
    const { width, height } = area();
    view = { left, top, scale };
    if (!width || isOnPaper) return;
    drawing.setAttribute("viewBox", `${left} ${top} ${width / scale} ${height / scale}`);
    const [wide, high] = size(extent), isWhole = left <= extent.left && top <= extent.top && left + width / scale >= extent.right && top + height / scale >= extent.bottom;
    map.toggleAttribute("hidden", isWhole);
    clearTimeout(waiting);
    waiting = setTimeout(() => onView({ left, top, right: left + width / scale, bottom: top + height / scale, scale }));
    const frame = one(".frame-of-view", map);
    if (frame) for (const [name, value] of Object.entries({ x: left, y: top, width: width / scale, height: height / scale, "stroke-width": Math.max(wide / 160, high / 110) * 1.5 })) frame.setAttribute(name, value);
  }
  const scaleFor = (part) => {
    const { width, height } = area(), [wide, high] = size(part);
    return Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high);
  };
  const centre = (part, scale) => {
    const { width, height } = area();
    look((part.left + part.right - width / scale) / 2, (part.top + part.bottom - height / scale) / 2, scale);
  };
  const fit = (part = extent) => centre(part, clamp(scaleFor(part), 0.02, 1.15));
  /* As large as can be read, where it begins at the left; all of it where that is possible */
  function start(least = 0.6) {
    if (scaleFor(extent) > least) return fit();
    const scale = 0.8, { width, height } = area(), [wide, high] = size(extent);
    const left = wide * scale + 2 * MARGIN <= width ? (extent.left + extent.right - width / scale) / 2 : extent.left - MARGIN / scale;
    const top = high * scale + 2 * MARGIN <= height ? (extent.top + extent.bottom - height / scale) / 2 : clamp(beginning - height / scale / 2, extent.top - MARGIN / scale, extent.bottom + MARGIN / scale - height / scale);
    look(left, top, scale);
  }
  /* Brings a part into sight whole: nothing moves where it can be read already, and the scale stays where it may */
  function reveal(part) {
    const { width, height } = area(), right = view.left + width / view.scale, bottom = view.top + height / view.scale;
    const isSeen = part.left >= view.left && part.top >= view.top && part.right <= right && part.bottom <= bottom;
    const isSmall = view.scale < 0.6 && scaleFor(part) > view.scale * 1.2;
    if (!isSeen || isSmall) centre(part, clamp(Math.min(scaleFor(part), Math.max(view.scale, 0.8)), 0.02, 1.15));
  }
  /* On paper there is no window: the picture takes the shape of what it shows */
  function onPaper(isSo) {
    isOnPaper = isSo;
    if (!isSo) return look(view.left, view.top, view.scale);
    const [wide, high] = size(extent);
    drawing.setAttribute("viewBox", `${extent.left - 4} ${extent.top - 4} ${wide + 8} ${high + 8}`);
  }
  function zoom(factor, x = view.left + area().width / view.scale / 2, y = view.top + area().height / view.scale / 2) {
    const scale = clamp(view.scale * factor, 0.02, 4), ratio = view.scale / scale;
    look(x - (x - view.left) * ratio, y - (y - view.top) * ratio, scale);
  }
  function show(scene) {
    extent = scene.extent;
    const first = [...scene.boxes.values()].filter(({ place }) => place.left < 1 && place.top < scene.first).map(({ place }) => place.top).sort((a, b) => a - b);
    beginning = first[first.length >> 1] ?? 0;
    const [wide, high] = size(extent), scale = Math.min(160 / wide, 110 / high);
    map.setAttribute("viewBox", `${extent.left} ${extent.top} ${wide} ${high}`);
    map.style.setProperty("width", `${Math.max(wide * scale, 24)}px`);
    map.style.setProperty("height", `${Math.max(high * scale, 24)}px`);
    map.replaceChildren(...[...scene.boxes.values()].map(({ box, place }) => svg("rect", { class: box.kind, x: place.left, y: place.top, width: box.width, height: NODE_HEIGHT })), svg("rect", { class: "frame-of-view" }));
    const high2 = clamp(high + 2 * MARGIN, 420, Math.max(420, Math.min(innerHeight * 0.74, 900)));
    canvas.style.setProperty("--high", `${high2}px`);
  }

  const toDrawing = (event, element = drawing) => new DOMPoint(event.clientX, event.clientY).matrixTransform(element.getScreenCTM().inverse());
  drawing.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !canvas.classList.contains("wide")) return;
    event.preventDefault();
    const { x, y } = toDrawing(event);
    zoom(Math.exp(-clamp(event.deltaY, -60, 60) / 240), x, y);
  }, { passive: false });
  let grip = null, moved = false;
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    moved = false;
    grip = { x: event.clientX, y: event.clientY, ...view };
  });
  addEventListener("pointermove", (event) => {
    if (!grip) return;
    const dx = event.clientX - grip.x, dy = event.clientY - grip.y;
    if (!moved && Math.hypot(dx, dy) < 4) return;
    moved = true;
    drawing.classList.add("moving");
    look(grip.left - dx / grip.scale, grip.top - dy / grip.scale, grip.scale);
  });
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => {
    grip = null;
    drawing.classList.remove("moving");
  });
  const jump = (event) => {
    if (!(event.buttons & 1)) return;
    const { x, y } = toDrawing(event, map), { width, height } = area();
    look(x - width / view.scale / 2, y - height / view.scale / 2, view.scale);
  };
  map.addEventListener("pointerdown", jump);
  map.addEventListener("pointermove", jump);
  new ResizeObserver(() => look(view.left, view.top, view.scale)).observe(drawing);
  return { fit, start, onPaper, reveal, zoom, show, get extent() { return extent; }, wasMoved: () => moved };
}
