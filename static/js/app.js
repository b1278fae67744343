/* Everything works without this file; it adds keys, toasts and fragments that keep their place. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (el) => el.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

  // htmx: the token travels as a header; both spellings of the event, htmx 2 and 4.
  const token = () => $('meta[name="csrf-token"]')?.content ?? "";
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = token();
  });

  // A line at the top while a request takes its time.
  let waiting = 0;
  const wait = (by) => { waiting = Math.max(0, waiting + by); root.classList.toggle("loading", waiting > 0); };
  for (const name of ["htmx:beforeRequest", "htmx:before:request"]) document.addEventListener(name, () => wait(1));
  for (const name of ["htmx:afterRequest", "htmx:finally:request"]) document.addEventListener(name, () => wait(-1));

  // Focus stays where it was, or goes to what the fragment marks with data-focus.
  let focused = "";
  const remember = () => { focused = document.activeElement?.id || ""; };
  const restore = (event) => {
    const fresh = event.detail?.elt?.isConnected ? event.detail.elt : document;
    const wanted = $("[data-focus]", fresh);
    if (wanted) { wanted.focus(); return; }
    if (document.activeElement !== document.body || !focused) return;
    document.getElementById(focused)?.focus({ preventScroll: true });
  };
  for (const name of ["htmx:beforeSwap", "htmx:before:swap"]) document.addEventListener(name, remember);
  for (const name of ["htmx:afterSettle", "htmx:after:swap"]) document.addEventListener(name, (event) => { restore(event); settle(); });

  // Toasts: from the server's messages, from `HX-Trigger: {"toast": {"level": "success", "text": "…"}}`, from failures.
  const icons = { error: "warning", warning: "warning", success: "check" };
  const tones = { error: "bad", warning: "warn", success: "good" };
  function toast(text, level = "info") {
    const region = $("#toasts");
    if (!region) return;
    const box = document.createElement("div");
    box.className = `alert tone-${tones[level] ?? "accent"}`;
    box.dataset.level = level;
    if (level === "error") box.setAttribute("role", "alert");
    box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${icons[level] ?? "info"}"/></svg><div></div>`;
    box.children[1].textContent = text;
    region.append(box);
    dress(box);
  }
  function dress(box) {
    if (box.dataset.dressed) return;
    box.dataset.dressed = "1";
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.setAttribute("aria-label", $("#toasts").dataset.close);
    close.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-close"/></svg>';
    close.addEventListener("click", () => box.remove());
    box.append(close);
    if (box.dataset.level === "error" || box.dataset.level === "warning" || $("form", box)) return;
    let timer = setTimeout(() => box.remove(), 7000);
    for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, () => clearTimeout(timer));
    box.addEventListener("pointerleave", () => { timer = setTimeout(() => box.remove(), 3000); });
  }
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));
  const failed = () => toast(document.body.dataset.failed || "", "error");
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout", "htmx:error"]) document.addEventListener(name, failed);

  // Popovers: hover and focus open a definition; a browser without anchors gets it placed.
  const anchored = CSS.supports("position-area: block-end");
  function place(button, tip) {
    if (anchored) return;
    const at = button.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 12))}px`;
    const below = at.bottom + tip.offsetHeight + 12 < innerHeight;
    tip.style.top = `${below ? at.bottom : at.top - tip.offsetHeight - 12}px`;
  }
  const tipOf = (el) => {
    const button = el.closest?.("button.term");
    const tip = button && document.getElementById(button.getAttribute("popovertarget"));
    return tip ? [button, tip] : null;
  };
  let leaving;
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    if (event.target.closest?.(".tip")) { clearTimeout(leaving); return; }
    const found = tipOf(event.target);
    if (!found) return;
    clearTimeout(leaving);
    if (!found[1].matches(":popover-open")) { found[1].showPopover({ source: found[0] }); place(...found); }
  });
  document.addEventListener("pointerout", (event) => {
    const tip = tipOf(event.target)?.[1] ?? event.target.closest?.(".tip");
    if (event.pointerType === "mouse" && tip?.matches(":popover-open")) leaving = setTimeout(() => tip.hidePopover(), 220);
  });
  document.addEventListener("focusin", (event) => {
    const found = event.target.matches?.(":focus-visible") && tipOf(event.target);
    if (found && !found[1].matches(":popover-open")) { found[1].showPopover({ source: found[0] }); place(...found); }
  });
  document.addEventListener("focusout", (event) => { const found = tipOf(event.target); if (found?.[1].matches(":popover-open")) found[1].hidePopover(); });
  document.addEventListener("toggle", (event) => {
    if (event.newState !== "open" || !event.target.classList.contains("tip")) return;
    const button = $(`[popovertarget="${event.target.id}"]`);
    if (button) place(button, event.target);
  }, true);

  // A mouse that opened a definition by hovering must not close it by clicking.
  document.addEventListener("click", (event) => {
    const found = event.pointerType === "mouse" && tipOf(event.target);
    if (found && found[1].matches(":popover-open")) event.preventDefault();
  });

  // Menus close on Escape and on a click elsewhere.
  const openMenus = () => $$("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
    const copy = event.target.closest?.("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(copy.dataset.copied || copy.dataset.copy, "success"));
  });

  // The browser's dialog prints, or saves as PDF; without JavaScript its own menu does.
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-print]")) window.print(); });

  // What refreshes itself rests while somebody reads in it, or nobody looks.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const el = event.detail.elt;
    if (!el.hasAttribute("data-rests")) return;
    if (document.hidden || el.contains(document.activeElement) || $("details[open]", el)) event.preventDefault();
  });

  // Two points of the trend: with Shift a week is compared with the open one, or with the day of the page.
  document.addEventListener("click", (event) => {
    const week = event.shiftKey && event.target.closest?.("a.week[data-day]");
    const trend = week && week.closest("[data-roving]");
    if (!trend) return;
    event.preventDefault();
    event.stopPropagation();
    const open = $("a.week[aria-current]", trend) ?? $$("a.week[data-day]", trend).at(-1);
    const address = new URL(week.getAttribute("href"), location);
    for (const name of ["week", "from", "to"]) address.searchParams.delete(name);
    const [from, to] = [open.dataset.day, week.dataset.day].sort();
    address.searchParams.set("from", from);
    address.searchParams.set("to", to);
    address.hash = "reasons";
    location.assign(address);
  }, true);

  // The week whose reasons are shown below is marked in the trend, which is not drawn again.
  document.addEventListener("click", (event) => {
    const week = event.target.closest?.("a.week[hx-get]");
    if (!week || event.ctrlKey || event.metaKey || event.shiftKey) return;
    for (const other of $$("a.week[aria-current]", week.closest("[data-roving]"))) other.removeAttribute("aria-current");
    week.setAttribute("aria-current", "date");
  });

  // Forms that act on a choice; the button without JavaScript is marked data-plain.
  document.addEventListener("change", (event) => event.target.closest?.("form[data-submit-on-change]")?.requestSubmit());

  // Rows of a list: the one that has the focus, and those that are selected.
  const rowOf = (el) => el.closest("tr, li, article");
  function step(by) {
    const rows = $$("[data-list] .row-link, [data-list] [data-row]").filter((el) => el.offsetParent);
    if (!rows.length) return;
    const active = document.activeElement;
    const at = rows.findIndex((el) => el === active || (active !== document.body && rowOf(el)?.contains(active)));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    next.focus({ focusVisible: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const picks = () => $$("[data-pick]");
  let lastPick = null;
  function tally() {
    const form = $("[data-bulk]");
    if (!form) return;
    const boxes = picks();
    const n = boxes.filter((box) => box.checked).length;
    if (n < boxes.length) form.elements.all.checked = false;
    const told = $("[data-picked]", form);
    told.textContent = told.dataset.picked.replace("{n}", n);
    const whole = $("[data-pick-all]");
    whole.checked = n > 0 && n === boxes.length;
    whole.indeterminate = n > 0 && n < boxes.length;
  }
  function pick(box, checked, range) {
    const boxes = picks();
    const from = range && lastPick?.isConnected ? boxes.indexOf(lastPick) : -1;
    const to = boxes.indexOf(box);
    const chosen = from < 0 ? [box] : boxes.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const each of chosen) each.checked = checked;
    lastPick = box;
    tally();
  }
  function pickRow(range) {
    const box = rowOf(document.activeElement) && $("[data-pick]", rowOf(document.activeElement));
    if (box) pick(box, range || !box.checked, range);
  }
  function clearPicks() {
    if (!picks().some((box) => box.checked)) return;
    const row = lastPick?.isConnected && rowOf(lastPick);
    for (const box of picks()) box.checked = false;
    tally();
    if (row && !row.contains(document.activeElement)) $(".row-link", row)?.focus();
  }
  document.addEventListener("click", (event) => {
    const cell = event.target.closest?.("td.pick");
    const box = cell && $("[data-pick]", cell);
    if (box) pick(box, event.target === box ? box.checked : !box.checked, event.shiftKey);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all], [data-bulk] [name=all]")) {
      if (event.target.checked || event.target.matches("[data-pick-all]")) for (const box of picks()) box.checked = event.target.checked;
      tally();
    }
  });
  document.addEventListener("reset", (event) => { if (event.target.matches("[data-bulk]")) { event.preventDefault(); clearPicks(); } });
  document.addEventListener("toggle", (event) => { if (event.target.matches?.("[data-bulk] details[open], details[open]:has(> .tagging)")) $("input:not([type=hidden])", event.target)?.focus(); }, true);
  addEventListener("pageshow", tally);

  function rove(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const group = event.target.closest?.("[data-roving]");
    if (!by || !group) return false;
    const links = $$("a.week", group);
    const next = links[links.indexOf(event.target) + by];
    if (!next) return true;
    event.target.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
    return true;
  }
  function search() {
    const field = $("[data-search]");
    if (field) { field.focus(); field.select(); return; }
    const accounts = $(".side nav a");
    if (!accounts) return;
    sessionStorage.setItem("search", "1");
    accounts.click();
  }
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    x: () => pickRow(false),
    X: () => pickRow(true),
    "/": search,
    "?": () => $("#keys")?.togglePopover(),
  };
  // What a page offers besides is named by data-key; only what can be seen is meant.
  const offered = (key) => /^[a-z]$/.test(key) && $$(`[data-key="${key}"]`).find((el) => el.offsetParent);
  function escape() {
    const open = openMenus();
    for (const menu of open) { const inside = menu.contains(document.activeElement); menu.open = false; if (inside) $("summary", menu).focus(); }
    if (document.activeElement?.matches("[data-search]")) document.activeElement.blur();
    else if (!open.length && !$(":popover-open")) clearPicks();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { escape(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Enter") {
      const button = event.target.dataset?.enter && $(event.target.dataset.enter);
      const link = event.target.matches?.("[data-pick]") && $(".row-link", rowOf(event.target));
      if (button || link) { event.preventDefault(); (button || link).click(); }
      return;
    }
    if (typing(event.target)) return;
    if (rove(event)) { event.preventDefault(); return; }
    const act = keys[event.key] ?? (offered(event.key) && (() => { const el = offered(event.key); const menu = el.closest("details"); el.focus(); el.click(); if (menu?.open) $("input:not([type=hidden])", menu)?.focus(); }));
    if (act) { event.preventDefault(); act(); }
  });
  // The help names only the keys that do something on this page.
  $("#keys")?.addEventListener("beforetoggle", (event) => {
    for (const line of $$("[data-if]", event.target)) line.hidden = !$(line.dataset.if);
  });

  function settle() {
    for (const box of $$("#toasts > .alert")) dress(box);
    for (const plain of $$("form[data-submit-on-change] [data-plain]")) plain.hidden = true;
    for (const button of $$("[data-print][hidden]")) button.hidden = false;
  }
  settle();
  tally();
  $("[data-focus]")?.focus();
  if (sessionStorage.getItem("search")) { sessionStorage.removeItem("search"); $("[data-search]")?.focus(); }
})();
