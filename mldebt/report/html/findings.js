/* Findings: filtered and grouped; the form and the address' hash say the same */
const form = one("#filters"), FIELDS = ["q", "path", "family", "check", "confidence", "by"], TITLES = { file: "path", owner: "owner" }, MOST_OPEN = 200;
const findings = all(".finding").map((element) => ({
  element,
  text: [one("summary", element), one(".facts", element), one("summary", element.parentElement)].map((part) => part.textContent).join(" ").toLowerCase(),
  byCheck: element.parentElement,
  ...element.dataset,
}));
const openAtFirst = new Map(all(".group").map((group) => [group, group.open]));
const duration = (minutes) => (minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60).toLocaleString("en")} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`);
let groupedBy = "";

function wanted() {
  const data = new FormData(form), state = {};
  for (const key of FIELDS) if (data.get(key)) state[key] = data.get(key);
  if (data.getAll("severity").length) state.severity = data.getAll("severity").join(",");
  return state;
}

/* The same findings under their checks, their files or their owners */
function regroup(by) {
  if (by === groupedBy) return;
  groupedBy = by;
  const place = one("#groups"), titles = new Map();
  place.classList.toggle("by-place", Boolean(by));
  if (by) for (const finding of findings) titles.set(finding[TITLES[by]], [...(titles.get(finding[TITLES[by]]) ?? []), finding]);
  const groups = [...titles].sort(([, a], [, b]) => b.length - a.length).map(([title, members]) => {
    const tally = `${members.length} finding${members.length === 1 ? "" : "s"}`, minutes = members.reduce((sum, { minutes }) => sum + Number(minutes), 0);
    const group = make("details", { className: "group card", open: true }, make("summary", {}, make("span", { className: "name", textContent: title }), make("span", { className: "sum" }, make("span", { className: "tally", textContent: tally }), ` · ${duration(minutes)}`)));
    group.append(...members.map(({ element }) => element));
    return group;
  });
  if (!by) for (const { byCheck, element } of findings) byCheck.append(element);
  place.replaceChildren(...(by ? groups : openAtFirst.keys()));
}

function filter() {
  const { q = "", path = "", family, check, confidence, severity, by = "" } = wanted();
  const words = q.toLowerCase().split(/\s+/).filter(Boolean), severities = severity?.split(",");
  const active = words.length || path || family || check || confidence || severities;
  const matches = (finding) => (!family || finding.family === family) && (!check || finding.check === check) && (!confidence || finding.confidence === confidence) &&
    (!severities || severities.includes(finding.severity)) && finding.path.toLowerCase().includes(path.toLowerCase()) && words.every((word) => finding.text.includes(word));
  regroup(by);
  const left = findings.filter(matches), kept = new Set(left.map(({ element }) => element));
  for (const { element } of findings) element.classList.toggle("unmatched", !kept.has(element));
  let shown = 0;
  for (const group of all("#groups > .group")) {
    const members = all(".finding", group), number = members.filter((element) => kept.has(element)).length, tally = one(".tally", group);
    group.classList.toggle("unmatched", !number);
    group.open = active || by ? number > 0 && shown < MOST_OPEN : openAtFirst.get(group);
    tally.dataset.all ??= tally.textContent;
    tally.textContent = number === members.length ? tally.dataset.all : `${number} of ${tally.dataset.all}`;
    shown += number;
  }
  one("#nothing").hidden = shown > 0;
  const minutes = left.reduce((sum, finding) => sum + Number(finding.minutes), 0);
  one("#shown").textContent = active ? `${shown.toLocaleString("en")} of ${findings.length.toLocaleString("en")}, ${duration(minutes)}` : "";
}

function readHash() {
  const hash = location.hash.slice(1), state = new URLSearchParams(hash);
  if (state.has("node")) return;
  if (form && (hash.includes("=") || !hash)) {
    for (const key of FIELDS) form.elements[key].value = state.get(key) ?? "";
    const severities = (state.get("severity") ?? "").split(",");
    for (const box of all("[name=severity]", form)) box.checked = severities.includes(box.value);
    filter();
    if (hash) one("#findings").scrollIntoView();
    return;
  }
  const target = document.getElementById(decodeURIComponent(hash));
  for (let element = target; element; element = element.parentElement) if (element.tagName === "DETAILS") element.open = true;
  target?.scrollIntoView();
}

if (form) {
  let waiting;
  const changed = () => {
    filter();
    const state = new URLSearchParams(wanted()).toString();
    history.replaceState(null, "", state ? `#${state}` : location.pathname + location.search);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, 120);
  });
  form.addEventListener("reset", () => setTimeout(changed));
  form.addEventListener("submit", (event) => event.preventDefault());
  one("#unfold").addEventListener("click", (event) => {
    const open = event.target.textContent === "Open all";
    for (const { element } of findings.filter(({ element }) => !element.matches(".unmatched"))) {
      element.open = open;
      if (open) element.parentElement.open = true;
    }
    event.target.textContent = open ? "Close all" : "Open all";
  });
}
addEventListener("hashchange", readHash);
if (location.hash) readHash();

let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open]):not(.rule):not(.listing)");
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
