"use strict";
document.documentElement.classList.add("js");

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/* Light or dark */
one("#theme").addEventListener("click", () => {
  const root = document.documentElement.classList;
  const dark = root.contains("dark") || (!root.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
  root.remove("light", "dark");
  root.add(dark ? "light" : "dark");
});

/* Copy */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = label), 1400);
});

/* Findings: the filters and the address' hash say the same */
const form = one("#filters");
const findings = all(".finding").map((element) => ({
  element,
  text: (one("summary", element).textContent + " " + one(".facts", element).textContent).toLowerCase(),
  group: element.parentElement,
  ...element.dataset,
}));
const groups = new Map();
for (const finding of findings) groups.set(finding.group, [...(groups.get(finding.group) ?? []), finding]);
for (const [group, members] of groups) {
  const name = one("summary", group).textContent.toLowerCase();
  for (const finding of members) finding.text += " " + name;
}
const openAtFirst = new Map([...groups.keys()].map((group) => [group, group.open]));

function wanted() {
  const data = new FormData(form);
  const state = {};
  for (const key of ["q", "path", "family", "confidence"]) if (data.get(key)) state[key] = data.get(key);
  if (data.getAll("severity").length) state.severity = data.getAll("severity").join(",");
  return state;
}

function filter() {
  const { q = "", path = "", family, confidence, severity } = wanted();
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const severities = severity?.split(",");
  const active = words.length || path || family || confidence || severities;
  let shown = 0;
  for (const [group, members] of groups) {
    let inGroup = 0;
    for (const finding of members) {
      const matches =
        (!family || finding.family === family) &&
        (!confidence || finding.confidence === confidence) &&
        (!severities || severities.includes(finding.severity)) &&
        finding.path.toLowerCase().includes(path.toLowerCase()) &&
        words.every((word) => finding.text.includes(word));
      finding.element.classList.toggle("unmatched", !matches);
      inGroup += matches;
    }
    group.classList.toggle("unmatched", !inGroup);
    group.open = active ? inGroup > 0 && shown < 200 : openAtFirst.get(group);
    const tally = one(".tally", group);
    tally.dataset.all ??= tally.textContent;
    tally.textContent = inGroup === members.length ? tally.dataset.all : `${inGroup} of ${tally.dataset.all}`;
    shown += inGroup;
  }
  one("#nothing").hidden = shown > 0;
  one("#shown").textContent = active ? `${shown.toLocaleString("en")} of ${findings.length.toLocaleString("en")}` : "";
}

function readHash() {
  const hash = location.hash.slice(1);
  if (form && (hash.includes("=") || !hash)) {
    const state = new URLSearchParams(hash);
    for (const key of ["q", "path", "family", "confidence"]) form.elements[key].value = state.get(key) ?? "";
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
    for (const finding of findings.filter(({ element }) => !element.matches(".unmatched"))) {
      finding.element.open = open;
      if (open) finding.group.open = true;
    }
    event.target.textContent = open ? "Close all" : "Open all";
  });
}
addEventListener("hashchange", readHash);
if (location.hash) readHash();

let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open]):not(.rule)");
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
