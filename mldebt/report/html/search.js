/* Finding a node by its name: a box with a list that arrow keys move through */
function makeSearch(model, go) {
  const input = one("#find"), list = one("#found"), MOST = 14;
  let hits = [], at = -1;
  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", open);
  }
  function mark(index) {
    at = index;
    all("[role=option]", list).forEach((option, number) => option.setAttribute("aria-selected", number === at));
    const option = list.children[at];
    if (option) input.setAttribute("aria-activedescendant", option.id), option.scrollIntoView({ block: "nearest" });
    else input.removeAttribute("aria-activedescendant");
  }
  /* Names that begin with the text come first, then those that hold it, then other words of a node */
  function rank(node, words) {
    const name = node.name.toLowerCase();
    if (!words.every((word) => node.words.includes(word))) return 9;
    return name === words[0] ? 0 : name.startsWith(words[0]) ? 1 : words.every((word) => name.includes(word)) ? 2 : 3;
  }
  function search() {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    hits = words.length ? model.nodes.map((node) => [rank(node, words), node]).filter(([order]) => order < 9).sort((a, b) => a[0] - b[0] || a[1].index - b[1].index).map(([, node]) => node) : [];
    list.replaceChildren(...hits.slice(0, MOST).map((node, index) => make("li", { id: `found-${index}`, role: "option", className: node.kind, onclick: () => choose(index) },
      make("span", { className: "swatch" }), make("span", { className: "what", textContent: node.name }), make("small", { textContent: node.caption }))));
    const said = words.length && !hits.length ? "Nothing of that name" : hits.length > MOST ? `${(hits.length - MOST).toLocaleString("en")} more` : "";
    if (said) list.append(make("li", { className: "note", textContent: said }));
    show(words.length > 0);
    mark(hits.length ? 0 : -1);
  }
  function choose(index) {
    if (!hits[index]) return;
    show(false);
    go(hits[index].index);
  }
  input.addEventListener("input", search);
  input.addEventListener("focus", () => input.value && search());
  input.addEventListener("keydown", (event) => {
    const many = Math.min(hits.length, MOST);
    if (event.key === "Escape") list.hidden ? (input.value = "") : show(false), event.stopPropagation();
    else if (event.key === "Enter") choose(Math.max(at, 0));
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && many) mark((at + (event.key === "ArrowDown" ? 1 : many - 1)) % many);
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => event.target.closest(".search") || show(false));
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    input.focus();
  });
}
