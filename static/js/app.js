/* Everything works without this file; it adds keys, toasts and fragments that keep their place. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (el) => el.closest?.("input, select, textarea, [contenteditable]");

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
    if (box.dataset.level === "error" || box.dataset.level === "warning") return;
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

  // The week whose reasons are shown below is marked in the trend, which is not drawn again.
  document.addEventListener("click", (event) => {
    const week = event.target.closest?.("a.week[hx-get]");
    if (!week || event.ctrlKey || event.metaKey || event.shiftKey) return;
    for (const other of $$("a.week[aria-current]", week.closest("[data-roving]"))) other.removeAttribute("aria-current");
    week.setAttribute("aria-current", "date");
  });

  // Forms that act on a choice; the button without JavaScript is marked data-plain.
  document.addEventListener("change", (event) => event.target.closest?.("form[data-submit-on-change]")?.requestSubmit());

  function step(by) {
    const rows = $$("[data-list] .row-link, [data-list] [data-row]").filter((el) => el.offsetParent);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    next.focus({ focusVisible: true });
    next.scrollIntoView({ block: "nearest" });
  }
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
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => { const search = $("[data-search]"); search?.focus(); search?.select(); },
    "?": () => $("#keys")?.togglePopover(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of openMenus()) { const inside = menu.contains(document.activeElement); menu.open = false; if (inside) $("summary", menu).focus(); }
      if (document.activeElement?.matches("[data-search]")) document.activeElement.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (rove(event)) { event.preventDefault(); return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  function settle() {
    for (const box of $$("#toasts > .alert")) dress(box);
    for (const plain of $$("form[data-submit-on-change] [data-plain]")) plain.hidden = true;
    for (const button of $$("[data-print][hidden]")) button.hidden = false;
  }
  settle();
  $("[data-focus]")?.focus();
})();
