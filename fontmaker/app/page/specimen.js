// The text, which is typed into its own specimen and set in the style as far as that is drawn.

import { active, change, onState, state } from "./api.js";
import { element, find, showError } from "./dom.js";
import { write } from "./references.js";
import { onLanguage, t } from "./texts.js";

const PAUSE = 500; // milliseconds without a key after which a text is drawn
const typed = find("#text");
const shown = find("#shown");
const error = find("#text-error");
const isSyllable = (character) => /^[가-힣]$/.test(character);

let timer = 0;
let face = null; // the font that is loaded
let loaded = ""; // of which references and version it is
let seen = new Set(); // syllables that have been shown drawn

typed.addEventListener("input", (event) => {
  render();
  if (!event.isComposing) later();
});
typed.addEventListener("compositionend", later);
find("#size").addEventListener("input", resize);

function later() {
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE);
}

async function draw() {
  if (!state.references.length) return;
  if (!typed.value.trim()) return showError(error, null);
  try {
    await change("POST", "/api/text", { text: typed.value });
    showError(error, null);
  } catch (refusal) {
    showError(error, refusal);
  }
}

function resize() {
  for (const node of [typed, shown]) node.style.fontSize = `${find("#size").value}px`;
}

/** Which references the state is of, in one word. */
const style = () => state.references.map(({ number, syllable }) => `${number}${syllable}`).join();

let drawnFrom = "";

function onNews() {
  if (style() !== drawnFrom) {
    drawnFrom = style();
    seen = new Set();
    if (state.references.length && state.text === null) draw();
  }
  if (state.text?.error) showError(error, state.text.error);
  load();
  render();
}

/** Load the font of what is drawn so far, once for each version of it. */
async function load() {
  const wanted = state.text?.version ? `${style()} ${state.text.version}` : "";
  if (wanted === loaded) return;
  loaded = wanted;
  let next = null;
  if (wanted) {
    const answer = await fetch(`/api/preview.ttf?${encodeURIComponent(wanted)}`);
    if (!answer.ok || wanted !== loaded) return;
    next = new FontFace("specimen", await answer.arrayBuffer());
    await next.load();
    if (wanted !== loaded) return;
    document.fonts.add(next);
  }
  if (face) document.fonts.delete(face);
  face = next;
  render();
}

/** What the text's syllables are: drawn, doubtful, or still to come. */
function render() {
  const drawn = new Set(face ? state.text?.drawn : []);
  const doubtful = state.text?.doubtful ?? {};
  const parts = [...typed.value.normalize("NFC")].map((character) => {
    if (!isSyllable(character)) return character;
    if (!drawn.has(character)) return element("span", { className: "wait", textContent: character });
    const mark = character in doubtful ? "mark" : "span";
    const isNew = !seen.has(character);
    return element(mark, { className: isNew ? "new" : "", textContent: character });
  });
  seen = new Set([...seen, ...drawn]);
  shown.replaceChildren(...parts, "\u200b"); // a line that ends in nothing has a height, too
  shown.parentElement.classList.toggle("drawing", active(state.text));
  find("#text-state").textContent = stateInWords();
  renderDoubts(doubtful, drawn);
  const rest = state.text?.left_out ?? [];
  find("#left-out").hidden = rest.length === 0;
  find("#left-out").textContent = t("left_out", { characters: rest.join(" ") });
}

function stateInWords() {
  const text = state.text;
  if (!state.references.length) return t("text_none");
  if (text === null || text.error) return "";
  const all = new Set([...text.text.normalize("NFC")].filter(isSyllable)).size;
  const drawn = text.drawn.length;
  if (text.state === "waiting") return t("text_waiting");
  if (text.state === "running") return t(drawn < all ? "text_drawing" : "text_again", { all, drawn });
  return t("text_done", { all, doubtful: Object.keys(text.doubtful).length });
}

function renderDoubts(doubtful, drawn) {
  const syllables = Object.keys(doubtful).filter((syllable) => drawn.has(syllable));
  find("#doubts").hidden = syllables.length === 0;
  const all = drawn.size;
  find("#doubts-title").textContent = t("doubts", { doubtful: syllables.length, all });
  find("#doubt-list").replaceChildren(
    ...syllables.map((syllable) => {
      const glyph = element("span", { className: "glyph", lang: "ko", textContent: syllable });
      glyph.ariaHidden = "true";
      return doubtButton(syllable, doubtful[syllable], [glyph]);
    }),
  );
}

/** A doubtful syllable, which a press asks to be written by hand. */
export function doubtButton(syllable, read, before = []) {
  const words = read ? t("doubt", { syllable, seen: read }) : t("doubt_blank", { syllable });
  const title = t("doubt_write", { syllable });
  const button = element("button", { type: "button", className: "doubt", title }, [
    ...before,
    words,
  ]);
  button.addEventListener("click", () => write(syllable));
  return element("li", {}, [button]);
}

onState(onNews);
onLanguage(render);

/** Begin with the text that the program knows, or with a sample. */
export function start() {
  typed.value = state.text?.text ?? t("sample");
  if (innerWidth < 600) find("#size").value = 56;
  resize();
  render();
  if (state.text === null) draw();
}
