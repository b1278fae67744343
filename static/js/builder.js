/* The builder works without this file; it puts messages beside their fields and lets rows be dragged. */
(() => {
  "use strict";
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // What the server says of the draft, beside the field that it is about.
  function tell() {
    const told = document.getElementById("told");
    const form = document.getElementById("editor-form");
    if (!told || !form) return;
    const by = new Map($$("[data-for]", told).map((el) => [el.dataset.for, el]));
    for (const slot of $$("[data-found]", form)) {
      const found = by.get(slot.dataset.found);
      const text = found ? found.innerHTML : "";
      if (slot.innerHTML !== text) slot.innerHTML = text;
      const field = document.getElementById(slot.dataset.found);
      if (!field) continue;
      if (found && "wrong" in found.dataset) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.target.id === "told" || event.detail.target?.id === "told") tell(); });

  // On a narrow screen the editor lies far below the tree: what a click in the tree opened comes into view.
  document.addEventListener("htmx:afterSettle", () => {
    const editor = document.getElementById("editor");
    if (!opening || !editor) return;
    opening = false;
    if (editor.getBoundingClientRect().top > innerHeight / 2) editor.scrollIntoView();
  });
  let opening = false;
  document.addEventListener("click", (event) => { opening = Boolean(event.target.closest?.('#tree a[hx-target="#editor"]')); });

  // Who types in the tree keeps it: its own answer brings the shares.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const typing = document.activeElement?.matches("#tree input");
    if (typing && event.detail.target?.id === "tree") event.detail.shouldSwap = false;
  });

  // Drag a row onto another: it takes that place; a metric on a group goes into it.
  let dragged = null;
  const rowOf = (event) => event.target.closest?.("#tree tr[data-node]");
  function clear() { for (const row of $$("#tree .over")) row.classList.remove("over", "under"); }
  const depth = (row) => Number(/depth-(\d)/.exec(row.className)?.[1] || 0);
  // Among its own, a row that is dragged down comes to stand below the other.
  function standsBelow(row) {
    const rows = $$("#tree tr[data-node]");
    const from = rows.findIndex((each) => each.dataset.node === dragged);
    const to = rows.indexOf(row);
    if (from < 0 || to < from || depth(rows[from]) !== depth(row)) return false;
    if (rows[from].classList.contains("group") !== row.classList.contains("group")) return false;
    return rows.slice(from, to).every((each) => depth(each) >= depth(row));
  }
  document.addEventListener("pointerdown", (event) => {
    const row = rowOf(event);
    if (row) row.draggable = event.pointerType === "mouse" && !event.target.closest("input, button");
  });
  document.addEventListener("dragstart", (event) => {
    const row = rowOf(event);
    if (!row) return;
    dragged = row.dataset.node;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.querySelector("a").textContent);
  });
  document.addEventListener("dragover", (event) => {
    const row = rowOf(event);
    if (!dragged || !row || row.dataset.node === dragged) return;
    if (dragged.startsWith("groups-") && !row.dataset.node.startsWith("groups-")) return;
    event.preventDefault();
    clear();
    row.classList.add("over");
    if (standsBelow(row)) row.classList.add("under");
  });
  document.addEventListener("drop", (event) => {
    const row = rowOf(event);
    clear();
    if (!dragged || !row) return;
    event.preventDefault();
    const tree = document.getElementById("tree");
    const at = tree.querySelector('input[name="at"]').value;
    htmx.ajax("POST", tree.dataset.move, { target: "#tree", swap: "outerHTML", values: { node: dragged, before: row.dataset.node, at } });
    dragged = null;
  });
  document.addEventListener("dragend", () => { dragged = null; clear(); });
})();
