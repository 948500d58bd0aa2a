"use strict";
// The rows stand in the page as JSON; they are shown as text, a part at a time.
const rows = JSON.parse(document.getElementById("rows").textContent);
const PART = 100; // rows that are added at once: a screen shows about ten
const byId = (id) => document.getElementById(id);
const controls = ["search", "camera", "state", "fault", "from", "to", "sort"].map(byId);
const [search, camera, state, fault, from, to, sort] = controls;
const collator = new Intl.Collator("en", { numeric: true });
let listed = [];
let shown = 0;

for (const row of rows) {
  row.text = [row.recording, row.set, row.recorded, row.said, row.error, ...row.faults].join("\n").toLowerCase();
}

function addOptions(select, values) {
  for (const value of [...new Set(values)].filter(Boolean).sort(collator.compare)) {
    select.append(new Option(value, value));
  }
}

const STATES = {
  scored: (row) => row.score !== null,
  unscored: (row) => row.state === "done" && row.score === null,
  faults: (row) => row.faults.length > 0,
  problems: (row) => row.state !== "done",
};

function isWanted(row) {
  const day = row.recorded.slice(0, 10);
  return (
    search.value.toLowerCase().split(/\s+/).every((word) => row.text.includes(word)) &&
    (!camera.value || row.camera === camera.value) &&
    (!state.value || STATES[state.value](row)) &&
    (!fault.value || row.faults.includes(fault.value)) &&
    (!from.value || (day && day >= from.value)) &&
    (!to.value || (day && day <= to.value))
  );
}

// 0 for what comes first in any order, 1 and 2 for what comes after it in any order.
function groupOf(row, field) {
  if (field === "score") return row.score === null ? 2 : Number(row.verdict === "unclear");
  return row[field] === null || row[field] === "" ? 2 : 0;
}

function compare(a, b, field, sign) {
  const group = groupOf(a, field) - groupOf(b, field);
  if (group) return group;
  const [left, right] = [a[field], b[field]];
  const order = typeof left === "number" ? left - right : collator.compare(left ?? "", right ?? "");
  return sign * order || collator.compare(a.recording + a.set, b.recording + b.set);
}

function cell(tr, className, text, label) {
  const td = tr.insertCell();
  td.className = className;
  td.textContent = text;
  if (label) td.dataset.label = label;
  return td;
}

function note(td, text, className) {
  const small = document.createElement("small");
  small.textContent = text;
  if (className) small.className = className;
  td.append(small);
}

function addRow(row) {
  const tr = document.createElement("tr");
  const picture = tr.insertCell();
  if (row.thumbnail) {
    const image = new Image();
    image.src = row.thumbnail;
    image.alt = "";
    picture.append(image);
  }
  const name = cell(tr, "name", "");
  const slash = row.recording.lastIndexOf("/");
  const title = row.recording.slice(slash + 1) + (row.set ? " · " + row.set.replace("-", " ") : "");
  const link = document.createElement(row.href ? "a" : "span");
  if (row.href) link.href = row.href;
  link.textContent = title;
  name.append(link);
  if (row.lifter) note(name, `lifter ${row.lifter}`);
  if (slash > 0) note(name, row.recording.slice(0, slash));
  cell(tr, "camera", row.camera);
  cell(tr, "when", row.recorded);
  cell(tr, "figure", row.reps ?? "", "reps");
  const score = cell(tr, "figure", row.score === null ? "" : row.score.toFixed(2), "score");
  if (row.score !== null) {
    if (row.verdict) score.classList.add({ good: "good", poor: "poor" }[row.verdict] ?? "faint");
    if (row.score_low !== null) note(score, `${row.score_low.toFixed(2)}–${row.score_high.toFixed(2)}`);
    if (row.verdict === "unclear") note(score, "unclear");
  }
  const seen = cell(tr, "seen", row.state === "done" ? row.said : "");
  if (row.state !== "done") {
    seen.append(Object.assign(document.createElement("b"), { textContent: row.state, className: "poor" }));
    note(seen, row.error);
  }
  return tr;
}

function showMore() {
  const part = document.createDocumentFragment();
  for (const row of listed.slice(shown, shown + PART)) part.append(addRow(row));
  byId("table").append(part);
  shown = Math.min(shown + PART, listed.length);
  byId("more").hidden = shown >= listed.length;
}

function update() {
  const [field, direction] = sort.value.split("-");
  const sign = direction === "up" ? 1 : -1;
  listed = rows.filter(isWanted).sort((a, b) => compare(a, b, field, sign));
  for (const th of document.querySelectorAll("th[data-sort]")) {
    if (th.dataset.sort !== field) th.removeAttribute("aria-sort");
    else th.setAttribute("aria-sort", direction === "up" ? "ascending" : "descending");
  }
  const reps = listed.reduce((sum, row) => sum + (row.reps ?? 0), 0);
  const all = rows.length.toLocaleString("en");
  const count = listed.length === rows.length ? all : `${listed.length.toLocaleString("en")} of ${all}`;
  const counted = reps === 1 ? "1 rep" : `${reps.toLocaleString("en")} reps`;
  byId("count").textContent = `${count} ${rows.length === 1 ? "result" : "results"}, ${counted}`;
  byId("table").replaceChildren();
  shown = 0;
  showMore();
}

addOptions(camera, rows.map((row) => row.camera));
addOptions(fault, rows.flatMap((row) => row.faults));
for (const control of controls) control.addEventListener("input", update);
for (const th of document.querySelectorAll("th[data-sort]")) {
  th.addEventListener("click", () => {
    const field = th.dataset.sort;
    const text = field === "recording" || field === "camera";
    const first = text ? "up" : "down";
    sort.value = `${field}-${sort.value === `${field}-${first}` ? (text ? "down" : "up") : first}`;
    update();
  });
}
byId("more").addEventListener("click", showMore);
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting)) showMore();
}, { rootMargin: "600px" }).observe(byId("more"));
update();
