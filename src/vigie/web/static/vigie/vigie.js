// Keys, menus, undo, charts. Every page works without this file; it makes it quicker.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ── Keys: j and k move, Enter opens, / searches, ? tells, and the letters of data-key press their control ───────
  const rows = () => $$("[data-row]");
  const link = (row) => (row.matches("a") ? row : $("a[href]", row));
  let last = -1;

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const focused = all.findIndex((row) => row.contains(document.activeElement));
    const from = focused >= 0 ? focused : last >= 0 ? last : all.findIndex((row) => row.hasAttribute("aria-current"));
    last = Math.min(Math.max(from + step, 0), all.length - 1);
    link(all[last])?.focus();
    all[last].scrollIntoView({ block: "nearest" });
  }

  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => $("[data-search]")?.focus(),
    "?": () => $("#keys")?.showModal(),
  };

  // A digit says the tone of the row that has the focus, in a list: its form goes to that row's address.
  const TONES = { 1: "negative", 2: "neutral", 3: "positive", 0: "" };
  function correction(key) {
    const row = document.activeElement?.closest("[data-correct]");
    const form = $("#correct");
    if (!row || !form || !(key in TONES)) return null;
    return () => {
      form.action = row.dataset.correct;
      form.elements.value.value = TONES[key];
      sessionStorage.setItem("row", JSON.stringify([location.pathname, row.id, rows().indexOf(row)]));
      form.submit();
    };
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return closeMenus();
    if (isTyping(event.target) || $("dialog[open]")) return;
    const control = $(`[data-key="${CSS.escape(event.key.toLowerCase())}"]:not([disabled])`);
    const act = keys[event.key] ?? correction(event.key) ?? (control && (() => control.click()));
    if (!act) return;
    event.preventDefault();
    act();
  }

  // ── Menus close when one looks elsewhere ──────────────────────────────────────────────────────────────────────────
  function closeMenus(but = null) {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(but)) menu.open = false;
  }

  // ── Toasts go after ten seconds, but not under the pointer or the focus ──────────────────────────────────────────
  const TEN_SECONDS = 10_000;
  function watchToasts(root) {
    for (const toast of $$(".toast:not([data-watched])", root)) {
      toast.dataset.watched = "";
      const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : toast.remove());
      if (!toast.matches(".error")) setTimeout(leave, TEN_SECONDS);
    }
  }

  // ── Charts: specifications stand in the page as JSON; colours come from the style sheet ──────────────────────────
  let probe;
  function colour(name) {
    if (!probe) {
      probe = document.body.appendChild(document.createElement("i"));
      probe.hidden = true;
    }
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  }

  // A string "token:ink-2" anywhere in a specification is that token's colour.
  function coloured(value) {
    if (typeof value === "string") return value.startsWith("token:") ? colour(value.slice(6)) : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v)]));
    return value;
  }

  function chartConfig() {
    const font = getComputedStyle(document.body).fontFamily;
    const words = { labelFont: font, titleFont: font, labelColor: colour("ink-3"), titleColor: colour("ink-2"), labelFontSize: 11, titleFontSize: 12, titleFontWeight: 400 };
    return {
      background: "transparent",
      font,
      view: { stroke: null },
      axis: { ...words, gridColor: colour("line"), domain: false, tickColor: colour("line"), ticks: false, labelPadding: 6 },
      legend: { ...words, symbolType: "square" },
      header: words,
      text: { font, color: colour("ink-2"), fontSize: 11 },
      range: { category: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => colour(`series-${n}`)) },
    };
  }

  async function draw(box) {
    const source = document.getElementById(box.dataset.chart);
    if (!source || !window.vegaEmbed) return;
    const locale = JSON.parse($("#vega-locale")?.textContent ?? "{}");
    const result = await window.vegaEmbed(box, coloured(JSON.parse(source.textContent)), {
      actions: false, ast: true, renderer: "svg", defaultStyle: false, config: chartConfig(),
      logLevel: 1, tooltip: { disableDefaultStyle: true }, formatLocale: locale.number, timeFormatLocale: locale.time,
    });
    box.view?.finalize();
    box.view = result.view;
    hatch(box);
  }

  // Days that were not wholly heard: Vega has no patterns, so the marks called "gaps" get one here.
  function hatch(box) {
    const marks = $$(".gaps_marks path", box);
    const svg = $("svg", box);
    if (!marks.length || !svg) return;
    const id = `hatch-${box.dataset.chart}`;
    const make = (name, attributes, parent) => {
      const node = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      return node;
    };
    const pattern = make("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, make("defs", {}, svg));
    make("rect", { width: 6, height: 6, fill: colour("sunken") }, pattern);
    make("rect", { width: 1.2, height: 6, fill: colour("line-strong") }, pattern);
    for (const mark of marks) mark.setAttribute("fill", `url(#${id})`);
  }

  const drawAll = (root = document) => $$("[data-chart]", root).forEach((box) => draw(box));

  function fold(root) {
    for (const details of $$("details[data-fold]", root)) {
      details.open = false;
      delete details.dataset.fold;
    }
  }

  // ── The query's colours lie under its text area. Until the server has answered, what was just typed stands plain:
  //    only the stretch that changed is put in, so that nothing flickers. ────────────────────────────────────────────
  function keepColours(area) {
    const layer = $(".colours", area.parentElement);
    if (!layer) return;
    const old = layer.textContent;
    const now = area.value;
    if (old !== now) replaceStretch(layer, ...stretch(old, now), now);
    layer.scrollTop = area.scrollTop;
  }

  function stretch(old, now) {
    const least = Math.min(old.length, now.length);
    let before = 0;
    while (before < least && old[before] === now[before]) before++;
    let after = 0;
    while (after < least - before && old[old.length - 1 - after] === now[now.length - 1 - after]) after++;
    return [before, old.length - after, now.length - after];
  }

  function replaceStretch(layer, from, to, until, now) {
    const range = document.createRange();
    range.selectNodeContents(layer);
    const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
    let place = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (place <= from && from <= place + node.length) range.setStart(node, from - place);
      if (place <= to && to <= place + node.length) {
        range.setEnd(node, to - place);
        break;
      }
      place += node.length;
    }
    range.deleteContents();
    range.insertNode(document.createTextNode(now.slice(from, until)));
  }

  function prepareEditor(editor) {
    const area = $("textarea", editor);
    editor.classList.add("on");
    area.addEventListener("input", () => keepColours(area));
    area.addEventListener("scroll", () => keepColours(area));
    new ResizeObserver(() => keepColours(area)).observe(area);
    keepColours(area);
  }

  // What came from the server replaced the colours or the fault: both follow what stands in the text area now.
  function followAnswer() {
    const area = $(".editor.on textarea");
    if (!area) return;
    keepColours(area);
    area.toggleAttribute("aria-invalid", false);
    if ($("#fault[data-fault]")) area.setAttribute("aria-invalid", "true");
  }

  // ── Start ────────────────────────────────────────────────────────────────────────────────────────────────────────
  function prepare(root) {
    fold(root);
    watchToasts(root);
    drawAll(root);
    $$(".editor:not(.on)", root).forEach(prepareEditor);
    for (const field of $$("[data-submits]", root)) field.addEventListener("change", () => field.form?.requestSubmit());
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    if (event.target.closest("[data-opens]")) $(event.target.closest("[data-opens]").dataset.opens)?.showModal();
    if (event.target.closest("[data-prints]")) window.print();
  });
  document.addEventListener("htmx:afterSettle", followAnswer);
  document.addEventListener("htmx:oobAfterSwap", followAnswer);
  document.addEventListener("htmx:load", (event) => event.target !== document.body && prepare(event.target));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
  matchMedia("print").addEventListener("change", () => drawAll());
  prepare(document);
  followAnswer();
  // Back in a list after a correction: the row keeps the focus, or, when it left the list, the one in its place.
  const [path, id, index] = JSON.parse(sessionStorage.getItem("row") ?? "[]");
  sessionStorage.removeItem("row");
  const kept = path === location.pathname && (document.getElementById(id) ?? rows()[Math.min(index, rows().length - 1)]);
  if (kept) link(kept)?.focus();
})();
