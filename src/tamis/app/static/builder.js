// A rule built by clicking: a tree that the server reads and writes. What is typed and what is clicked never part ways,
// because only the server turns one into the other; here the tree is drawn and changed, and nothing is parsed.

const vocabularies = new Map();
const words = (address) => {
  if (!vocabularies.has(address)) vocabularies.set(address, fetch(address).then((answer) => answer.json()));
  return vocabularies.get(address);
};

const TYPING = 150; // milliseconds after a key before the server is asked
const TOGETHER = 1000; // keys typed within so many are undone together
const QUICK = 700; // a count that took less is followed by near misses unasked
const KEPT = 200; // steps that can be undone

let made = 0;
const newId = () => `c${++made}`;
const copy = (value) => JSON.parse(JSON.stringify(value));

// A number as people write it, as rules do: an English comma before three figures sets thousands apart.
function plain(typed) {
  const bare = typed.replace(/[\s\u202f\u00a0]/g, "");
  const apart = document.documentElement.lang === "en" && /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(bare);
  return apart ? bare.replaceAll(",", "") : bare.replace(",", ".");
}

function make(tag, given = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

// The tree as it is changed here: a group has `g` and `items`; a condition has its stored form in `node`, and `not`.

const isGroup = (item) => item.g !== undefined;
const newGroup = (g = "all", items = []) => ({ id: newId(), g, items });
const newLeaf = (node = { node: "" }) => ({ id: newId(), node });
const asGroup = (item) => (isGroup(item) ? item : newGroup("all", [item]));

function opened(stored, prefix) {
  const id = stored.id ? prefix + stored.id : newId();
  if (stored.node === "all" || stored.node === "any")
    return { id, g: stored.node, items: stored.conditions.map((each) => opened(each, prefix)) };
  if (stored.node === "not") {
    const inner = opened(stored.condition, prefix);
    if (isGroup(inner) && (inner.g === "any" || inner.g === "all"))
      return { ...inner, g: inner.g === "any" ? "none" : "notall" };
    if (isGroup(inner) || inner.not) return { id, g: "none", items: [inner] };
    return { ...inner, not: true };
  }
  return { id, node: openedPart(stored, prefix) };
}
function openedPart(stored, prefix) {
  const part = {};
  for (const [name, value] of Object.entries(stored)) {
    if (name === "id") part.id = prefix + value;
    else if (name === "where") part.where = asGroup(opened(value, prefix));
    else if (Array.isArray(value)) part[name] = value.map((each) => (each?.node ? openedPart(each, prefix) : each));
    else part[name] = value?.node ? openedPart(value, prefix) : value;
  }
  return part;
}

function closed(item) {
  const off = item.off ? { off: true } : {};
  if (!isGroup(item)) {
    const leaf = { ...closedPart(item.node), id: item.id };
    return item.not ? { node: "not", condition: leaf, ...off } : { ...leaf, ...off };
  }
  const node = item.g === "all" || item.g === "notall" ? "all" : "any";
  const group = { node, conditions: item.items.map(closed), id: item.id };
  return item.g === "none" || item.g === "notall" ? { node: "not", condition: group, ...off } : { ...group, ...off };
}
function closedPart(part) {
  const stored = {};
  for (const [name, value] of Object.entries(part)) {
    if (name === "where") { if (value) stored.where = closed(value); }
    else if (Array.isArray(value)) stored[name] = value.map((each) => (each?.node ? closedPart(each) : each));
    else if (value !== undefined && value !== null) stored[name] = value?.node ? closedPart(value) : value;
  }
  return stored;
}

function* groupsOf(item) {
  if (isGroup(item)) {
    yield item;
    for (const each of item.items) yield* groupsOf(each);
  } else yield* groupsWithin(item.node);
}
function* groupsWithin(part) {
  for (const value of Object.values(part)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one?.g !== undefined) yield* groupsOf(one);
      else if (one?.node) yield* groupsWithin(one);
    }
  }
}

function renamed(item) {
  const twin = copy(item);
  const rename = (value) => {
    if (Array.isArray(value)) return value.forEach(rename);
    if (!value || typeof value !== "object") return undefined;
    if (value.id) value.id = newId();
    return Object.values(value).forEach(rename);
  };
  rename(twin);
  return twin;
}

class Builder {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector("textarea[name=rule]");
    this.tree = root.querySelector("[data-tree]");
    this.sentence = root.querySelector("[data-sentence]");
    this.mistakes = { text: root.querySelector("[data-misread]"), sentence: root.querySelector("[data-missaid]") };
    this.said = root.querySelector("[data-said]");
    this.figures = root.querySelector("[data-figures]");
    this.form = root.closest("form");
    this.subject = root.dataset.subject || "companies";
    this.model = newGroup();
    this.source = "tree";
    this.notes = { faults: new Map(), unfinished: new Set() };
    this.past = [];
    this.future = [];
    this.answers = 0;
    this.changes = 0; // made by clicking, or in the sentence
    this.inText = 0; // so many of them are in the text
  }

  async start() {
    this.words = await words(this.root.dataset.words);
    this.says = this.words.texts;
    this.text.addEventListener("input", () => this.typed("text"));
    this.sentence.addEventListener("input", () => this.typed("sentence"));
    this.sentence.addEventListener("blur", () => this.follow());
    this.sentence.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    document.addEventListener("keydown", (event) => {
      if (this.root.contains(event.target) || event.target === document.body) this.pressed(event);
    });
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.root.classList.add("live");
    this.kept = this.state();
    for (const each of this.root.querySelectorAll("[data-scripted]")) each.hidden = false;
    this.draw();
    this.form?.addEventListener("submit", (event) => this.sent(event, () => this.form.requestSubmit(event.submitter)), true);
    this.form?.addEventListener("htmx:confirm", (event) => { // a preview is sent without submitting
      if (event.target === this.form) this.sent(event, () => event.detail.issueRequest(true));
    });
    this.drawHistory();
    if (this.text.value.trim()) {
      this.hold("text");
      await this.ask("text");
    }
    else this.explainEmpty();
    this.root.dispatchEvent(new CustomEvent("rule:ready", { bubbles: true }));
  }

  // What was clicked last is not in the text yet: the form goes once it is.
  sent(event, send) {
    if (this.inText === this.changes) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.send = send;
    if (this.stuck) this.ask(this.source);
  }
  written(changes = this.changes) {
    this.inText = changes;
    if (changes < this.changes) return;
    const send = this.send;
    this.send = null;
    send?.();
  }

  // Changes, and taking them back

  state() {
    const unfinished = [...this.notes.unfinished]; // of another moment, they would stand beside what is read again
    return JSON.stringify({ model: this.model, subject: this.subject, text: this.text.value, sentence: this.sentence.value, source: this.source, unfinished });
  }
  remember(typing = "") {
    const together = typing && typing === this.typing && Date.now() - this.typedAt < TOGETHER;
    this.typing = typing;
    this.typedAt = Date.now();
    if (together) return;
    this.past.push(this.kept ?? this.state());
    if (this.past.length > KEPT) this.past.shift();
    this.future = [];
    this.drawHistory();
  }
  // While a change is on its way, only where it was made can another one be made: else one of the two would be lost.
  hold(source) {
    this.asking?.abort();
    this.tree.inert = source === "text" || source === "sentence";
    this.text.readOnly = source === "tree" || source === "sentence";
    this.sentence.readOnly = source === "tree" || source === "text";
  }
  change(changed, { typing = "", draw = true, focus = "" } = {}) {
    this.remember(typing);
    changed();
    if (draw) this.draw(focus);
    this.source = "tree";
    this.hold("tree");
    this.unheard = false;
    this.changes += 1;
    this.kept = this.state();
    this.later(() => this.ask("tree"), typing ? TYPING : 0);
  }
  typed(source) {
    this.remember(source);
    this.source = source;
    this.hold(source);
    this.unheard = source === "sentence";
    if (this.unheard) this.changes += 1;
    this.grow();
    this.kept = this.state();
    this.later(() => this.ask(source), TYPING);
  }
  back(from, to) {
    if (!from.length) return;
    to.push(this.state());
    const { model, subject, text, sentence, source, unfinished } = JSON.parse(from.pop());
    Object.assign(this, { model, subject, source, typing: "", notes: { faults: new Map(), unfinished: new Set(unfinished) } });
    this.text.value = text;
    this.sentence.value = this.told = sentence;
    this.unheard = false;
    this.changes += 1; // a text may be older than the tree beside it
    this.kept = this.state();
    this.draw();
    this.hold(source !== "tree" && this.tree.contains(document.activeElement) ? "" : source);
    this.drawHistory();
    this.later(() => this.ask(source), 0);
  }
  undo() { this.back(this.past, this.future); }
  redo() { this.back(this.future, this.past); }
  drawHistory() {
    for (const [name, steps] of [["undo", this.past], ["redo", this.future]]) {
      const button = this.root.querySelector(`[data-do="${name}"]`);
      if (button) button.disabled = !steps.length;
    }
  }
  later(call, milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(call, milliseconds);
  }

  // The server

  async post(address, given, signal) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.form.querySelector("[name=csrfmiddlewaretoken]").value, ...given });
    const answer = await fetch(address, { method: "POST", body, signal, headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected) throw new Error(this.says.signedOut);
    return answer;
  }
  async ask(source) {
    this.asking?.abort();
    this.counting?.abort();
    const asking = (this.asking = new AbortController());
    this.stuck = false;
    const changes = this.changes;
    const tree = JSON.stringify({ node: "rule", subject: this.subject, where: closed(this.model) });
    const given = { tree, text: this.text.value, sentence: this.sentence.value };
    if (!given[source].trim()) return this.emptied();
    this.figures.classList.add("stale");
    try {
      const answer = await this.post(this.root.dataset.build, { [source]: given[source] }, asking.signal);
      const told = await answer.json().catch((error) => { throw error.name === "AbortError" ? error : new TypeError(); }); // a proxy's page
      if (asking === this.asking && !asking.signal.aborted) this.heard(source, told, changes);
    } catch (error) {
      if (error.name !== "AbortError") this.failed(error);
    }
    return undefined;
  }
  failed(error) {
    this.send = null;
    this.stuck = true;
    this.figures.replaceChildren(
      make("p", { class: "fault" }, error instanceof TypeError ? this.says.noServer : error.message),
      make("p", {}, make("button", { type: "button", class: "small", onclick: () => this.ask(this.source) }, this.says.again)),
    );
    this.figures.classList.remove("stale");
  }
  emptied() {
    this.hold("");
    const left = this.unfinishedOf(this.model);
    this.model = newGroup("all", left);
    this.subject = this.root.dataset.subject || this.subject;
    this.notes = { faults: new Map(), unfinished: new Set() };
    this.showMisread(null);
    this.text.value = "";
    this.written();
    this.tell("");
    this.draw();
    this.explainEmpty();
  }
  explainEmpty() {
    this.figures.replaceChildren(make("p", { class: "quiet" }, this.says.empty));
    this.figures.classList.remove("stale");
  }
  heard(source, told, changes) {
    if (told.error) return this.failed(new Error(told.error));
    this.hold("");
    if (source !== "text" && !told.misread && this.text.value !== told.text) this.text.value = told.text;
    if (source === "sentence" && told.misread) this.send = null; // the text is not what was said
    else this.written(changes);
    if (told.misread) {
      this.showMisread(told.misread, source);
      this.figures.replaceChildren(make("p", { class: "quiet" }, source === "sentence" ? this.says.misreadSentence : this.says.misread));
      this.figures.classList.remove("stale");
      return undefined;
    }
    this.showMisread(null);
    const typed = source !== "tree";
    const prefix = typed ? `p${++made}` : "";
    if (typed) this.take(told, prefix);
    this.tell(told.sentence);
    const faults = new Map();
    for (const each of told.faults) faults.set(prefix + each.id, each);
    if (typed) this.notes.faults = faults;
    else this.notes = { faults, unfinished: new Set(told.unfinished) };
    this.kept = this.state();
    if (typed) this.draw();
    else this.drawNotes();
    for (const link of document.querySelectorAll("a[data-with-rule]")) link.href = link.dataset.withRule + encodeURIComponent(told.text);
    if (!told.text) this.explainEmpty();
    else if (told.faults.length) {
      this.figures.replaceChildren(make("p", { class: "quiet" }, this.says.faulty));
      this.figures.classList.remove("stale");
    } else this.count(told.text);
    return undefined;
  }

  // A text became a tree: what was switched off or not finished, and so is in no text, stays where it was.
  take(told, prefix) {
    const before = this.model;
    const sameSubject = this.subject === told.subject;
    this.subject = told.subject;
    this.model = asGroup(opened(told.tree.where, prefix));
    const left = (group) => group.items.some((each) => this.leftOut(each));
    const put = (old, group) => {
      old.items.forEach((each, place) => {
        if (this.leftOut(each)) group.items.splice(Math.min(place, group.items.length), 0, each);
      });
      old.items.forEach((each, place) => {
        if (!isGroup(each) || this.leftOut(each)) return;
        const twin = group.items[place];
        if (twin && isGroup(twin)) put(each, twin);
        else for (const inner of groupsOf(each)) if (left(inner)) group.items.push(...inner.items.filter((one) => this.leftOut(one)));
      });
    };
    if (sameSubject) put(before, this.model);
  }
  leftOut(item) {
    return item.off || this.notes.unfinished.has(item.id);
  }
  unfinishedOf(group) {
    return [...groupsOf(group)].flatMap((each) => each.items.filter((one) => this.leftOut(one)));
  }

  // The sentence follows what is clicked and what is typed as text; while somebody writes it, only when they leave it
  tell(sentence) {
    this.told = sentence;
    this.unheard = false;
    if (document.activeElement === this.sentence) return;
    this.follow();
    this.root.querySelector("[data-told]").textContent = sentence;
  }
  follow() {
    if (this.unheard || !this.mistakes.sentence.hidden) return;
    this.sentence.value = this.told ?? "";
    this.grow();
  }
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.sentence.style.height = "auto";
    this.sentence.style.height = `${this.sentence.scrollHeight + 2}px`;
  }
  showMisread(misread, asked = "text") {
    const source = asked === "sentence" ? asked : "text";
    const box = this[source];
    this.root.classList.toggle("misread", Boolean(misread));
    if (misread && this.tree.contains(document.activeElement)) box.focus();
    this.tree.inert = Boolean(misread);
    for (const [name, place] of Object.entries(this.mistakes)) {
      const wrong = Boolean(misread) && name === source;
      place.hidden = !wrong;
      if (!wrong) place.replaceChildren();
      this[name].setAttribute("aria-invalid", wrong);
    }
    this.sentence.setCustomValidity(misread && source === "sentence" ? misread.reason : "");
    if (!misread) return undefined;
    if (source === "text") this.tell("");
    const where = this.says.lineAndColumn.replace("{line}", misread.line).replace("{column}", misread.column);
    this.mistakes[source].replaceChildren(
      make("p", {}, make("strong", {}, where)),
      make("pre", { tabindex: 0, "aria-label": this.says.thePlace }, make("code", {}, misread.shown)),
      make("p", {}, misread.reason),
      make("p", {}, make("button", { type: "button", class: "small", onclick: () => this.change(() => {}) }, this.says.backToTree)),
    );
    const [pre, lines] = [this.mistakes[source].querySelector("pre"), misread.shown.split("\n")];
    pre.scrollLeft = (pre.scrollWidth * lines[1].indexOf("^")) / Math.max(lines[0].length, 1) - pre.clientWidth / 2;
    return undefined;
  }

  // Figures: how many at once, then what takes away how many, then who nearly passed; newer questions stop older ones

  async count(text) {
    this.counting?.abort();
    const counting = (this.counting = new AbortController());
    this.turn = Math.max(Date.now(), (this.turn || 0) + 1);
    const given = { rule: text, slot: this.root.dataset.slot, turn: this.turn };
    const busy = setTimeout(() => this.figures.setAttribute("aria-busy", "true"), 300);
    try {
      const answer = await this.post(this.root.dataset.count, { ...given, part: "count" }, counting.signal);
      if (answer.status === 204) { // two pages share a slot by chance: it is asked again
        if (counting === this.counting && !counting.signal.aborted) setTimeout(() => counting === this.counting && this.count(text), 500);
        return;
      }
      const shown = await answer.text();
      if (counting !== this.counting) return;
      this.figures.innerHTML = shown; // written by the server's templates
      this.figures.classList.remove("stale");
      this.root.dispatchEvent(new CustomEvent("rule:counted", { bubbles: true, detail: { rule: text } }));
      const took = Number(this.figures.querySelector("[data-took]")?.dataset.took ?? Infinity);
      if (this.figures.querySelector("[data-funnel]")) await this.more("funnel", given, counting.signal);
      const near = this.figures.querySelector("[data-near]");
      if (near && took < QUICK) await this.more("near", given, counting.signal);
      else if (near) near.append(make("button", { type: "button", class: "small", onclick: () => this.more("near", given, counting.signal) }, this.says.nearMisses));
    } catch (error) {
      if (error.name !== "AbortError") this.failed(error);
    } finally {
      clearTimeout(busy);
      if (counting === this.counting) this.figures.removeAttribute("aria-busy");
    }
  }
  async more(part, given, signal) {
    const answer = await this.post(this.root.dataset.count, { ...given, part }, signal);
    const shown = await answer.text();
    const place = this.figures.querySelector(`[data-${part}]`);
    if (place && !signal.aborted) place.innerHTML = shown;
  }

  // Drawing

  draw(focus = "") {
    const active = document.activeElement;
    const key = focus || (this.tree.contains(active) ? active.dataset.key : "");
    const open = key && active?.selectionStart;
    const fixed = this.root.dataset.subject === this.subject;
    const head = fixed ? make("strong", {}, this.words.subjects[this.subject]) : this.select(this.says.who, this.subject, Object.entries(this.words.subjects), "subject", (value) => {
      this.change(() => (this.subject = value));
    });
    const about = { subject: this.subject, stepped: false, kind: "" };
    this.tree.replaceChildren(
      make("p", { class: "rule-head" }, head, make("span", {}, this.says.of)),
      this.group(this.model, about, null),
    );
    this.drawNotes();
    const wanted = key && this.tree.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (wanted) {
      wanted.focus();
      if (typeof open === "number" && wanted.setSelectionRange && wanted.type === "text") wanted.setSelectionRange(open, open);
    }
  }
  drawNotes() {
    for (const element of this.tree.querySelectorAll("[data-note]")) {
      const ids = element.dataset.note.split(" ");
      const fault = ids.map((id) => this.notes.faults.get(id)).find(Boolean);
      const unfinished = ids.some((id) => this.notes.unfinished.has(id));
      element.className = fault ? "fault" : "quiet small";
      const off = element.closest("li").classList.contains("off");
      element.textContent = fault ? fault.reason : unfinished ? this.says.unfinished : off ? this.says.switchedOff : "";
      element.closest("li").classList.toggle("at-fault", Boolean(fault));
      element.closest("li").classList.toggle("unfinished", unfinished && !fault);
    }
    const count = this.notes.unfinished.size;
    this.tree.dataset.unfinished = count;
  }

  // The focus goes on from where it is
  next(by) {
    const all = [...this.root.querySelectorAll("button:not([disabled]), select, input, textarea, summary, a[href]")];
    const shown = all.filter((each) => each.checkVisibility());
    shown[shown.indexOf(document.activeElement) + by]?.focus();
  }
  select(label, value, options, key, chosen) {
    const select = make("select", { "aria-label": label, "data-key": key });
    let known = false;
    const option = ([name, shown]) => {
      known ||= name === value;
      return make("option", { value: name }, shown);
    };
    for (const each of options)
      select.append(Array.isArray(each) ? option(each) : make("optgroup", { label: each.label }, each.options.map(option)));
    if (!known) select.prepend(make("option", { value: value ?? "" }, value ? value.replace(/^(field|property):/, "") : this.says.choose));
    select.value = value ?? "";
    // A word that is typed into a menu chooses with every letter: only where it ends is something drawn anew.
    let letters = false;
    let waits = 0;
    const settle = () => { if (waits) { clearTimeout(waits); waits = 0; chosen(select.value); } };
    select.addEventListener("keydown", (event) => {
      letters = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
      if (letters || !waits) return;
      if (event.key === "Tab") event.preventDefault(); // what is drawn anew does not know where a tab began
      settle();
      if (event.key === "Tab") this.next(event.shiftKey ? -1 : 1);
    });
    select.addEventListener("change", () => {
      clearTimeout(waits);
      waits = letters ? setTimeout(settle, TOGETHER) : 0;
      if (!letters) chosen(select.value);
    });
    select.addEventListener("pointerdown", () => (letters = false));
    select.addEventListener("blur", () => setTimeout(settle, TYPING));
    return select;
  }
  number(label, value, key, chosen, { small = true } = {}) {
    const input = make("input", { type: "text", inputmode: "decimal", "aria-label": label, "data-key": key, class: small ? "few" : "number", value: value ?? "", autocomplete: "off" });
    input.addEventListener("input", () => chosen(plain(input.value)));
    return input;
  }
  whole(label, value, key, changed) {
    return this.number(label, value, key, (text) => this.change(() => changed(/^\d+$/.test(text) ? Number(text) : text), { typing: key, draw: false }));
  }

  group(group, about, parent) {
    const modes = Object.entries(this.says.modes);
    const body = make("ul", { "aria-label": this.says.modes[group.g] }, group.items.map((item) => this.item(item, group, about)));
    const add = [
      make("button", { type: "button", class: "small", "data-key": `${group.id}:add`, onclick: () => this.add(group, newLeaf()) }, "+ ", this.says.condition),
      make("button", { type: "button", class: "small plain", "data-key": `${group.id}:addgroup`, onclick: () => this.add(group, newGroup("any", [newLeaf()])) }, "+ ", this.says.group),
    ];
    const element = make("div", { class: `group g-${group.g}`, "data-group": group.id, role: "group", "aria-label": this.says.modes[group.g] },
      make("p", { class: "group-head" }, this.select(this.says.mode, group.g, modes, `${group.id}:mode`, (value) => this.change(() => (group.g = value)))),
      body, make("p", { class: "buttons" }, add));
    this.droppable(element, body, group, about);
    return element;
  }
  add(group, item) {
    const first = isGroup(item) ? item.items[0] : item;
    this.change(() => group.items.push(item), { focus: `${first.id}:what` });
  }

  item(item, group, about) {
    const marks = isGroup(item) ? this.group(item, about, group) : this.leaf(item, about);
    const ids = isGroup(item) ? [item.id] : [item.id, ...idsWithin(item.node)];
    const element = make("li", { class: `${item.off ? "off" : ""} ${isGroup(item) ? "holds-group" : "holds-leaf"}`, "data-item": item.id },
      make("span", { class: "grip", draggable: "true", title: this.says.drag, "aria-hidden": "true" }, "⠿"),
      make("div", { class: "what" }, marks, make("p", { "data-note": ids.join(" "), role: "status" })),
      this.menu(item, group, about));
    const grip = element.querySelector(":scope > .grip");
    grip.addEventListener("dragstart", (event) => {
      this.dragged = { item, group, about };
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.id);
      event.dataTransfer.setDragImage(element, 10, 10);
      event.stopPropagation();
    });
    grip.addEventListener("dragend", () => { this.dragged = null; this.dropAt(null); });
    return element;
  }
  menu(item, group, about) {
    const place = group.items.indexOf(item);
    const act = (label, does, possible = true) =>
      possible && make("button", { type: "button", class: "plain", onclick: (event) => { event.currentTarget.closest("details").open = false; does(); } }, label);
    const parent = this.parentOf(group);
    const before = group.items[place - 1];
    const after = group.items[place + 1];
    const near = [before, after].find((each) => each && isGroup(each));
    const says = this.says;
    return make("details", { class: "menu item-menu" },
      make("summary", { "aria-label": `${says.actions} ${place + 1}`, "data-key": `${item.id}:menu` }, "⋯"),
      make("div", { class: "sheet" },
        act(says.up, () => this.move(item, group, group, place - 1), place > 0),
        act(says.down, () => this.move(item, group, group, place + 1), place < group.items.length - 1),
        act(says.into, () => this.move(item, group, near, near === before ? near.items.length : 0), Boolean(near)),
        act(says.out, () => this.move(item, group, parent.group, parent.place + 1), Boolean(parent)),
        act(says.wrap, () => this.change(() => group.items.splice(place, 1, newGroup("any", [item])), { focus: `${item.id}:menu` })),
        act(says.unwrap, () => this.change(() => group.items.splice(place, 1, ...item.items)), isGroup(item) && item.items.length > 0),
        act(item.not ? says.affirm : says.deny, () => this.change(() => (item.not = !item.not), { focus: `${item.id}:menu` }), !isGroup(item)),
        act(says.duplicate, () => { const twin = renamed(item); this.change(() => group.items.splice(place + 1, 0, twin), { focus: `${twin.id}:menu` }); }),
        act(item.off ? says.on : says.off, () => this.change(() => (item.off = !item.off), { focus: `${item.id}:menu` })),
        act(says.remove, () => this.remove(item, group))));
  }
  remove(item, group) {
    const place = group.items.indexOf(item);
    const next = group.items[place + 1] || group.items[place - 1];
    this.change(() => group.items.splice(place, 1), { focus: next ? `${next.id}:menu` : `${group.id}:add` });
    this.say(this.says.removed);
  }
  move(item, from, to, place) {
    this.change(() => {
      from.items.splice(from.items.indexOf(item), 1);
      to.items.splice(Math.max(0, Math.min(place, to.items.length)), 0, item);
    }, { focus: `${item.id}:menu` });
    this.say(this.says.moved);
  }
  parentOf(group) {
    for (const each of groupsOf(this.model)) {
      const place = each.items.indexOf(group);
      if (place >= 0) return { group: each, place };
    }
    return null;
  }
  say(text) {
    this.said.textContent = text;
  }

  // Dragging: a line shows where it would fall

  droppable(element, body, group, about) {
    const fits = () => {
      const dragged = this.dragged;
      if (!dragged || dragged.about.subject !== about.subject || dragged.about.kind !== about.kind || dragged.about.stepped !== about.stepped) return false;
      return !isGroup(dragged.item) || ![...groupsOf(dragged.item)].includes(group);
    };
    const placeAt = (y) => {
      const rows = [...body.children];
      const at = rows.findIndex((row) => { const box = row.getBoundingClientRect(); return y < box.top + box.height / 2; });
      return at < 0 ? rows.length : at;
    };
    element.addEventListener("dragover", (event) => {
      if (!fits()) return;
      event.preventDefault();
      event.stopPropagation();
      this.dropAt(body, placeAt(event.clientY));
    });
    element.addEventListener("drop", (event) => {
      if (!fits()) return;
      event.preventDefault();
      event.stopPropagation();
      const { item, group: from } = this.dragged;
      let place = placeAt(event.clientY);
      if (from === group && from.items.indexOf(item) < place) place -= 1;
      this.dragged = null;
      this.dropAt(null);
      this.move(item, from, group, place);
    });
  }
  dropAt(body, place = 0) {
    for (const each of this.tree.querySelectorAll(".drop-before, .drop-end")) each.classList.remove("drop-before", "drop-end");
    if (!body) return;
    if (body.children[place]) body.children[place].classList.add("drop-before");
    else body.classList.add("drop-end");
  }

  // One condition

  leaf(item, about) {
    const parts = [];
    if (item.not) parts.push(make("span", { class: "tag bad" }, this.says.not));
    parts.push(this.what(item, about));
    const draw = DRAWN[item.node.node];
    const shown = draw ? draw.call(this, item, item.node, about) : [];
    return make("div", { class: "leaf", role: "group", "aria-label": this.nameOf(item, about) }, parts, shown);
  }
  nameOf(item, about) {
    const value = whatOf(item.node, about);
    for (const each of this.whats(about)) {
      const found = each.options.find(([name]) => name === value);
      if (found) return found[1];
    }
    return this.says.condition;
  }
  whats(about) {
    const says = this.says;
    const fields = (subject, prefix) => this.words.fields[subject].map((each) => [`field:${prefix}${each.key}`, each.label]);
    if (about.kind) {
      const usual = this.propertiesOf(about.kind);
      const keys = new Set(usual.map((each) => each.key));
      const others = this.words.properties.filter((each) => !keys.has(each.key));
      const shown = (each) => [`property:${each.key}`, each.label];
      return [
        { label: says.usualProperties, options: usual.map(shown) },
        { label: says.otherProperties, options: [...others.map(shown), ["property:", says.namedProperty]] },
      ];
    }
    const groups = [{ label: says.fields, options: fields(about.subject, "") }];
    const other = about.subject === "companies" ? ["contact", says.hasContact] : ["company", says.ofCompany];
    groups.unshift({ label: says.behaviour, options: [["did", says.did], ["sequence", says.sequence], ["figure", says.figure]] });
    groups.push({ label: says.membership, options: [["segment", says.segment], ["list", says.list], ["tag", says.tag], ["audience", says.audience]] });
    if (!about.stepped) {
      groups.push({ label: says.other, options: [other] });
      if (about.subject === "contacts") groups.push({ label: says.companyFields, options: fields("companies", "company.") });
    }
    return groups;
  }
  what(item, about) {
    const select = this.select(this.says.what, whatOf(item.node, about), this.whats(about), `${item.id}:what`, (value) => {
      this.change(() => (item.node = started(value, this, about, item.node)));
    });
    return select;
  }
  propertiesOf(kind) {
    const found = this.words.kinds.find((each) => each.key === kind);
    if (!found) return [];
    const known = found.properties.map((key) => this.words.properties.find((each) => each.key === key)).filter(Boolean);
    return [...known, ...found.own];
  }
  wordOf(field, about) {
    if (about.kind) {
      const known = [...this.propertiesOf(about.kind), ...this.words.properties];
      return known.find((each) => each.key === field.name) || { key: field.name, label: field.name, type: "text", free: true };
    }
    const subject = field.of_company ? "companies" : about.subject;
    const fields = this.words.fields[subject];
    return fields.find((each) => each.key === field.name) || fields.find((each) => each.key === `own.${field.name}`) || { key: field.name, label: field.name, type: "text" };
  }

  // Operators and values

  operatorsOf(type, { aggregate = false, property = false, free = false } = {}) {
    let found = this.words.operators[type] || [];
    if (free) found = [...found, ...this.words.operators.number.filter((each) => !found.some((one) => one.key === each.key))];
    if (aggregate) found = found.filter((each) => each.key !== "is exactly");
    if (property) found = found.filter((each) => each.takes !== "percent");
    return found;
  }
  operator(item, node, operators, typeOf) {
    const options = operators.map((each) => [each.key, each.label]);
    return this.select(this.says.operator, node.operator, options, `${item.id}:operator`, (value) => {
      this.change(() => {
        node.operator = value;
        node.values = fitted(node.values || [], operators.find((each) => each.key === value)?.takes, typeOf);
      });
    });
  }
  values(item, node, takes, type, word, about) {
    const key = `${item.id}:value`;
    const put = (place, value) => this.change(() => (node.values = Object.assign([...(node.values || [])], { [place]: value })), { typing: `${key}${place}`, draw: false });
    const one = (place) => this.value(`${key}${place}`, node.values?.[place], type, word, about, (value) => put(place, value));
    if (takes === "one") return [one(0)];
    if (takes === "two") return [one(0), make("span", {}, this.says.and), one(1)];
    if (takes === "days") return [this.value(`${key}0`, node.values?.[0], "number", {}, about, (value) => put(0, value)), make("span", {}, this.says.days)];
    if (takes === "percent") return [this.value(`${key}0`, node.values?.[0], "number", {}, about, (value) => put(0, value)), make("span", {}, "%")];
    if (takes === "some") return [this.several(item, node, type, word, about)];
    return [];
  }
  value(key, value, type, word, about, chosen) {
    const label = this.says.value;
    if (word.choices?.length) return this.select(label, value === undefined ? "" : String(value), this.choicesOf(word, value), key, chosen);
    if (type === "number") return this.number(label, value?.number ?? "", key, (text) => chosen({ number: text }), { small: false });
    if (type === "day" || type === "instant") {
      const input = make("input", { type: "date", "aria-label": label, "data-key": key, value: value?.day ?? "" });
      input.addEventListener("change", () => chosen({ day: input.value }));
      return input;
    }
    if (type === "yes-no") {
      const shown = value === undefined ? "" : value ? "yes" : "no";
      return this.select(label, shown, [["yes", this.says.yes], ["no", this.says.no]], key, (text) => chosen(text === "yes"));
    }
    const input = make("input", { type: "text", "aria-label": label, "data-key": key, value: typeof value === "string" ? value : "", autocomplete: "off" });
    input.addEventListener("input", () => chosen(input.value));
    this.suggesting(input, word, about);
    return input;
  }
  choicesOf(word, value) {
    return word.choices.some(([name]) => name === value) || !value ? word.choices : [[value, value], ...word.choices];
  }
  several(item, node, type, word, about) {
    const key = `${item.id}:value`;
    const values = node.values || [];
    const shown = (value) => (value && typeof value === "object" ? value.number ?? value.day : typeof value === "boolean" ? (value ? this.says.yes : this.says.no) : word.choices?.find(([name]) => name === value)?.[1] ?? value);
    const box = make("span", { class: "several" }, values.map((value, place) =>
      make("span", { class: "tag" }, shown(value), make("button", { type: "button", class: "remove", "data-key": `${key}-${place}`, "aria-label": `${this.says.remove} : ${shown(value)}`,
        onclick: () => this.change(() => node.values.splice(place, 1), { focus: `${key}+` }) }, "×"))));
    const add = (value) => {
      const bare = value && typeof value === "object" ? value.number || value.day : value;
      if (bare === "" || bare === undefined) return;
      this.change(() => (node.values = [...values, value]), { focus: `${key}+` });
    };
    if (word.choices?.length || type === "yes-no") {
      box.append(this.value(`${key}+`, undefined, type, word, about, add));
      return box;
    }
    let typed; // not yet among the values
    const take = () => { const value = typed; typed = undefined; if (value !== undefined) add(value); };
    const input = this.value(`${key}+`, undefined, type, word, about, (value) => (typed = value));
    input.placeholder = this.says.addValue;
    input.addEventListener("input", (event) => { if (event.inputType === "insertReplacementText" || !event.inputType) take(); });
    input.addEventListener("keydown", (event) => {
      const ends = event.key === "Enter" || event.key === ";" || (event.key === "," && type !== "number");
      const leaves = event.key === "Tab" && input.value;
      if (ends || leaves) event.preventDefault();
      if (ends || leaves) take();
      if (leaves) this.next(event.shiftKey ? -1 : 1);
    });
    input.addEventListener("change", () => { // somebody clicked elsewhere: nothing may move under the pointer
      if (typed === undefined || !input.value) return;
      this.change(() => (node.values = [...values, typed]), { draw: false });
      typed = undefined;
    });
    box.append(input);
    return box;
  }
  suggesting(input, word, about) {
    const list = make("datalist", { id: `seen-${++made}` });
    input.setAttribute("list", list.id);
    let timer = 0;
    const asked = about.kind ? { kind: about.kind, property: word.key } : { subject: word.subject || about.subject, field: word.key };
    if (about.figure) return;
    const look = async () => {
      const query = new URLSearchParams({ ...asked, typed: input.value });
      const answer = await fetch(`${this.root.dataset.values}?${query}`).catch(() => null);
      if (!answer?.ok) return;
      const seen = (await answer.json()).values;
      if (!input.isConnected) return;
      list.replaceChildren(...seen.map((each) => make("option", { value: each.value }, this.says.seen.replace("{n}", each.n.toLocaleString(document.documentElement.lang)))));
    };
    input.addEventListener("focus", () => { input.after(list); look(); }, { once: true });
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, TYPING); });
  }

  // Events

  kind(key, value, chosen) {
    const phases = new Map();
    for (const each of this.words.kinds) {
      if (!phases.has(each.phase)) phases.set(each.phase, []);
      phases.get(each.phase).push([each.key, each.label]);
    }
    const options = [...phases].map(([label, some]) => ({ label, options: some }));
    return this.select(this.says.kind, value, options, key, chosen);
  }
  window(item, part, key) {
    const kinds = Object.entries(this.says.windows);
    const window = part.window;
    const shown = [this.select(this.says.when, window?.node ?? "", [["", this.says.ever], ...kinds], `${key}:window`, (value) => {
      this.change(() => {
        part.window = { last: { node: "last", n: 30, unit: "days" }, before: { node: "before", day: { day: "" } }, after: { node: "after", day: { day: "" } }, between: { node: "between", first: { day: "" }, last: { day: "" } } }[value];
        if (!value) delete part.window;
      });
    })];
    const day = (name) => this.value(`${key}:${name}`, window[name], "day", {}, {}, (value) => this.change(() => (window[name] = value), { draw: false }));
    if (window?.node === "last")
      shown.push(this.whole(this.says.howMany, window.n, `${key}:n`, (n) => (window.n = n)),
        this.select(this.says.unit, window.unit, Object.entries(this.says.units), `${key}:unit`, (value) => this.change(() => (window.unit = value))));
    if (window?.node === "before" || window?.node === "after") shown.push(day("day"));
    if (window?.node === "between") shown.push(day("first"), make("span", {}, this.says.and), day("last"));
    return make("span", { class: "bit" }, shown);
  }
  where(item, part, about, key, always = false) {
    if (part.where && (part.where.items.length || always)) return make("div", { class: "inside" }, make("p", { class: "quiet small" }, about.kind ? this.says.withProperties : this.says.suchThat), this.group(part.where, about, null));
    return make("button", { type: "button", class: "small plain", "data-key": `${key}:where`, onclick: () => {
      const leaf = newLeaf();
      this.change(() => (part.where = newGroup("all", [leaf])), { focus: `${leaf.id}:what` });
    } }, "+ ", about.kind ? this.says.specify : this.says.specifyWho);
  }
  times(item, node, bounds) {
    const times = node.times || { node: "times" };
    const bound = times.bound === "exactly" && times.n === 0 ? "none" : times.bound || "at least";
    const shown = [this.select(this.says.howOften, bound, Object.entries(bounds), `${item.id}:bound`, (value) => {
      this.change(() => (node.times = value === "none" ? { node: "times", bound: "exactly", n: 0 } : { node: "times", bound: value, n: times.n || 1 }));
    })];
    if (bound !== "none")
      shown.push(this.whole(this.says.howMany, times.n ?? 1, `${item.id}:times`, (n) => (node.times = { ...times, node: "times", n })));
    return shown;
  }
  aggregate(item, part, key) {
    const found = this.words.functions.find((each) => each.key === part.function);
    const shown = [
      this.select(this.says.figure, part.function, this.words.functions.map((each) => [each.key, each.label]), `${key}:function`, (value) => {
        this.change(() => {
          part.function = value;
          const now = this.words.functions.find((each) => each.key === value);
          if (!now.of) delete part.property;
          if (item.node.node === "test") Object.assign(item.node, { operator: now.gives === "text" ? "=" : ">=", values: [] });
        });
      }),
      this.kind(`${key}:kind`, part.kind, (value) => this.change(() => { part.kind = value; delete part.where; if (found?.of) delete part.property; })),
    ];
    if (found?.of) {
      const fits = (each) => !found.of.length || found.of.includes(each.type);
      const usual = this.propertiesOf(part.kind).filter(fits);
      const others = this.words.properties.filter((each) => fits(each) && !usual.some((one) => one.key === each.key));
      const shownOf = (each) => [each.key, each.label];
      shown.push(this.select(this.says.property, part.property ?? "", [
        { label: this.says.usualProperties, options: usual.map(shownOf) }, { label: this.says.otherProperties, options: others.map(shownOf) },
      ], `${key}:property`, (value) => this.change(() => (part.property = value))));
    }
    shown.push(this.window(item, part, key));
    const inner = { subject: this.subject, stepped: true, kind: part.kind };
    if (part.kind) shown.push(this.where(item, part, inner, key));
    return make("span", { class: "bit figure" }, shown);
  }

  // What is pressed

  pressed(event) {
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      const redo = key === "y" || (key === "z" && event.shiftKey);
      if (!redo && key !== "z") return;
      event.preventDefault();
      if (redo) this.redo();
      else this.undo();
      return;
    }
    const row = event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && event.target.closest("[data-item]");
    if (row && this.tree.contains(row)) {
      event.preventDefault();
      for (const group of groupsOf(this.model)) {
        const place = group.items.findIndex((each) => each.id === row.dataset.item);
        const to = place + (event.key === "ArrowUp" ? -1 : 1);
        if (place >= 0 && to >= 0 && to < group.items.length) return void this.move(group.items[place], group, group, to);
      }
    }
    if (event.key === "Enter" && event.target.matches("input") && this.tree.contains(event.target)) event.preventDefault();
  }
  clicked(event) {
    const button = event.target.closest("[data-do], [data-rule]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.do === "undo") this.undo();
    if (button.dataset.do === "redo") this.redo();
    if (button.dataset.rule) this.replace(button.dataset.rule);
  }
  replace(text) {
    this.typing = "";
    this.remember();
    this.text.value = text;
    Object.assign(this, { source: "text", unheard: false });
    this.hold("text");
    this.kept = this.state();
    for (const menu of this.root.querySelectorAll("details.menu[open]")) menu.open = false;
    this.later(() => this.ask("text"), 0);
    this.text.scrollIntoView({ block: "nearest" });
  }
}

const idsWithin = (part) =>
  Object.values(part).flatMap((value) => (Array.isArray(value) ? value : [value]))
    .flatMap((one) => (one?.node && one.g === undefined ? [one.id, ...idsWithin(one)].filter(Boolean) : []));

// What a condition is about, as its first menu says it
function whatOf(node, about) {
  if (node.node === "comparison" || (node.node === "test" && node.measure.node === "aggregate")) return "figure";
  if (node.node !== "test") return node.node;
  return (about.kind ? "property:" : "field:") + (node.measure.of_company ? "company." : "") + node.measure.name;
}

function started(value, builder, about, before) {
  const [what, name] = value.includes(":") ? [value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)] : [value, ""];
  if (what === "field" || what === "property") {
    const measure = { node: "field", name };
    if (what === "field" && name.startsWith("company.")) Object.assign(measure, { name: name.slice(8), of_company: true });
    const word = builder.wordOf(measure, about);
    const known = builder.operatorsOf(word.type, { property: Boolean(about.kind) });
    const kept = before.node === "test" && known.find((each) => each.key === before.operator);
    const node = { node: "test", measure, operator: kept ? before.operator : known[0].key, values: [] };
    if (kept && before.measure.node === "field" && builder.wordOf(before.measure, about).type === word.type && !word.choices) node.values = before.values || [];
    return node;
  }
  return {
    did: () => ({ node: "did", kind: "" }),
    sequence: () => ({ node: "sequence", steps: [{ node: "step", kind: "", id: newId() }, { node: "step", kind: "", id: newId() }], within: 14, unit: "days" }),
    figure: () => ({ node: "test", measure: { node: "aggregate", function: "count", kind: "" }, operator: ">=", values: [] }),
    segment: () => ({ node: "segment", segment: "" }),
    list: () => ({ node: "list", list: "" }),
    tag: () => ({ node: "tag", name: "" }),
    audience: () => ({ node: "audience", audience: "" }),
    contact: () => ({ node: "contact", where: newGroup("all", [newLeaf()]) }),
    company: () => ({ node: "company", where: newGroup("all", [newLeaf()]) }),
  }[what]?.() ?? { node: "" };
}

// The values that an operator can keep of those of another
function fitted(values, takes, type) {
  const kind = (value) => (value && typeof value === "object" ? Object.keys(value)[0] : typeof value);
  const wanted = { days: "number", percent: "number" }[takes] || { number: "number", day: "day", instant: "day", "yes-no": "boolean" }[type] || "string";
  const kept = values.filter((each) => each !== undefined && kind(each) === wanted);
  if (takes === "nothing") return [];
  if (takes === "two") return kept.slice(0, 2);
  return takes === "some" ? kept : kept.slice(0, 1);
}

const DRAWN = {
  test(item, node, about) {
    return node.measure.node === "aggregate" ? DRAWN.figure.call(this, item, node, about) : DRAWN.field.call(this, item, node, about);
  },
  comparison(item, node, about) {
    return DRAWN.figure.call(this, item, node, about);
  },
  field(item, node, about) {
    const field = node.measure;
    const word = { ...this.wordOf(field, about), subject: field.of_company ? "companies" : about.subject };
    const free = Boolean(word.free);
    const numbers = free && (node.values || []).some((each) => each?.number !== undefined);
    const type = numbers ? "number" : word.type;
    const operators = this.operatorsOf(word.type, { property: Boolean(about.kind), free });
    const found = operators.find((each) => each.key === node.operator);
    const ranked = free && ["<", "<=", ">", ">=", "between"].includes(node.operator);
    const shown = [this.operator(item, node, operators, ranked ? "number" : type), ...this.values(item, node, found?.takes, ranked ? "number" : type, word, about)];
    const known = this.whats(about).some((group) => group.options.some(([name]) => name === `property:${field.name}`));
    if (about.kind && (!known || field.name === ""))
      shown.unshift(this.textInput(this.says.namedProperty, field.name, `${item.id}:name`, (value) => (field.name = value)));
    return shown;
  },
  figure(item, node, about) {
    const compared = node.node === "comparison";
    const found = this.words.functions.find((each) => each.key === node.measure.function);
    const text = found?.gives === "text";
    const operators = compared ? this.words.operators.number.filter((each) => this.words.comparisons.includes(each.key)) : this.operatorsOf(text ? "text" : "number", { aggregate: true });
    const operator = operators.find((each) => each.key === node.operator);
    const shown = [this.aggregate(item, node.measure, `${item.id}:a`), this.operator(item, node, operators, text ? "text" : "number")];
    const either = !text && this.words.comparisons.includes(node.operator);
    if (either)
      shown.push(this.select(this.says.comparedWith, compared ? "figure" : "value", [["value", this.says.aValue], ["figure", this.says.aFigure]], `${item.id}:with`, (value) => {
        this.change(() => {
          item.node = value === "figure"
            ? { node: "comparison", measure: node.measure, operator: node.operator, other: { ...copy(node.measure), where: undefined, id: undefined } }
            : { node: "test", measure: node.measure, operator: node.operator, values: [] };
        });
      }));
    if (compared) {
      const factor = this.number(this.says.times, node.factor?.number ?? "1", `${item.id}:factor`, (value) => this.change(() => (node.factor = { number: value }), { typing: "factor", draw: false }));
      shown.push(factor, make("span", {}, "×"), this.aggregate(item, node.other, `${item.id}:b`));
    } else {
      const word = { key: node.measure.property ?? "" };
      shown.push(...this.values(item, node, operator?.takes, text ? "text" : "number", word, node.measure.property ? { kind: node.measure.kind } : { figure: true }));
    }
    return shown;
  },
  did(item, node, about) {
    const inner = { subject: about.subject, stepped: true, kind: node.kind };
    return [
      this.kind(`${item.id}:kind`, node.kind, (value) => this.change(() => { node.kind = value; delete node.where; })),
      make("span", { class: "bit" }, this.times(item, node, this.says.bounds), node.times?.bound === "exactly" && node.times?.n === 0 ? null : make("span", {}, this.says.timesWord)),
      this.window(item, node, item.id),
      node.kind ? this.where(item, node, inner, item.id) : null,
    ];
  },
  sequence(item, node, about) {
    const steps = node.steps.map((step, place) => {
      const key = `${item.id}:step${place}`;
      const inner = { subject: about.subject, stepped: true, kind: step.kind };
      const move = (to) => this.change(() => { node.steps.splice(place, 1); node.steps.splice(to, 0, step); });
      return make("li", {}, make("span", { class: "quiet small" }, place ? this.says.then : this.says.first),
        this.kind(`${key}:kind`, step.kind, (value) => this.change(() => { step.kind = value; delete step.where; })),
        place > 0 && make("button", { type: "button", class: "icon-button", "data-key": `${key}:up`, "aria-label": `${this.says.up} (${place + 1})`, onclick: () => move(place - 1) }, "↑"),
        node.steps.length > 2 && make("button", { type: "button", class: "icon-button", "data-key": `${key}:remove`, "aria-label": `${this.says.remove} (${place + 1})`, onclick: () => this.change(() => node.steps.splice(place, 1), { focus: `${item.id}:addstep` }) }, "×"),
        step.kind ? this.where(item, step, inner, key) : null);
    });
    return [
      make("ol", { class: "sequence" }, steps),
      make("button", { type: "button", class: "small plain", "data-key": `${item.id}:addstep`, onclick: () => this.change(() => node.steps.push({ node: "step", kind: "", id: newId() }), { focus: `${item.id}:step${node.steps.length}:kind` }) }, "+ ", this.says.step),
      make("span", { class: "bit" }, make("span", {}, this.says.within), this.whole(this.says.howMany, node.within, `${item.id}:within`, (n) => (node.within = n)),
        this.select(this.says.unit, node.unit, Object.entries(this.says.units).slice(0, 2), `${item.id}:unit`, (value) => this.change(() => (node.unit = value)))),
      this.window(item, node, item.id),
    ];
  },
  segment(item, node) {
    return [this.select(this.says.segment, node.segment, this.words.segments, `${item.id}:name`, (value) => this.change(() => (node.segment = value)))];
  },
  list(item, node) {
    return [this.select(this.says.list, node.list, this.words.lists.map((each) => [each, each]), `${item.id}:name`, (value) => this.change(() => (node.list = value)))];
  },
  audience(item, node, about) {
    const known = this.words.audiences.filter(([, subject]) => subject === about.subject).map(([name]) => [name, name]);
    return [this.select(this.says.audience, node.audience, known, `${item.id}:name`, (value) => this.change(() => (node.audience = value)))];
  },
  tag(item, node) {
    const categories = new Map();
    for (const [name, category] of this.words.tags) categories.set(category, [...(categories.get(category) || []), [JSON.stringify([name, category]), name]]);
    const options = [...categories].map(([label, some]) => ({ label, options: some }));
    const any = [...new Set(this.words.tags.map(([name]) => name))].map((name) => [JSON.stringify([name, ""]), name]);
    const value = node.name ? JSON.stringify([node.name, node.category || ""]) : "";
    const known = this.words.tags.some(([name, category]) => JSON.stringify([name, category]) === value) || any.some(([each]) => each === value);
    const own = node.name && !known ? [[value, [node.name, node.category].filter(Boolean).join(" · ")]] : [];
    return [this.select(this.says.tag, value, [...own, ...options, { label: this.says.anyCategory, options: any }], `${item.id}:name`, (chosen) => {
      const [name, category] = JSON.parse(chosen);
      this.change(() => (item.node = category ? { node: "tag", name, category } : { node: "tag", name }));
    })];
  },
  contact(item, node) {
    const inner = { subject: "contacts", stepped: true, kind: "" };
    return [make("span", { class: "bit" }, this.times(item, node, this.says.contactBounds)), this.where(item, node, inner, item.id)];
  },
  company(item, node) {
    const inner = { subject: "companies", stepped: true, kind: "" };
    node.where ||= newGroup();
    return [this.where(item, node, inner, item.id, true)];
  },
};
Builder.prototype.textInput = function textInput(label, value, key, changed) {
  const input = make("input", { type: "text", "aria-label": label, "data-key": key, value, autocomplete: "off" });
  input.addEventListener("input", () => this.change(() => changed(input.value), { typing: key, draw: false }));
  return input;
};

const begin = (within) => {
  for (const root of within.querySelectorAll("[data-builder]:not([data-begun])")) {
    root.dataset.begun = "";
    new Builder(root).start();
  }
};
begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target));

export { asGroup, closed, opened };
