/* Kinds of nodes, switched on and off; kinds that only configure start in between: shown where they have findings */
function makeLegend({ hidden, quiet }, onChange) {
  const place = one("#legend .kinds");
  place.replaceChildren(...all(".kind", place).map((entry) => {
    const { kind } = entry.dataset, button = make("button", { type: "button", className: `kind ${kind}` }, ...entry.childNodes);
    const show = () => {
      button.setAttribute("aria-pressed", hidden.has(kind) ? "false" : quiet.has(kind) ? "mixed" : "true");
      button.title = hidden.has(kind) ? "Hidden" : quiet.has(kind) ? "Shown where they have findings, or within two steps of a node in focus; press to show all" : "Shown";
    };
    button.dataset.kind = kind;
    button.addEventListener("click", () => {
      if (!quiet.delete(kind) && !hidden.delete(kind)) hidden.add(kind);
      show();
      onChange();
    });
    show();
    return button;
  }));
}
