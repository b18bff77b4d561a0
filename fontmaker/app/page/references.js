// What the font is continued from: drawings, photographs of one syllable each, or of a sheet.

import { change, onState, state } from "./api.js";
import { element, find, say, showError } from "./dom.js";
import { Pad } from "./pad.js";
import { onLanguage, t } from "./texts.js";

const SUGGESTED = [..."한글빛뜻쪽의휘맑"]; // the benchmark's reference syllables
const field = find("#syllable");
const error = find("#add-error");
let busy = false;

const pad = new Pad(find("#pad"), (empty) => {
  find("#pad-hint").hidden = !empty;
  for (const name of ["#undo", "#clear", "#use"]) find(name).disabled = empty;
});

find("#undo").addEventListener("click", () => pad.undo());
find("#clear").addEventListener("click", () => pad.clear());
find("#add").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (pad.empty || busy) return;
  if (!(await add(await pad.picture(), "drawing.png", field.value))) pad.clear();
});
find("#file").addEventListener("change", async (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  await addFiles(files);
});

const dropping = find("#dropping");
addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  dropping.hidden = false;
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) dropping.hidden = true;
});
addEventListener("drop", async (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  dropping.hidden = true;
  await addFiles([...event.dataTransfer.files]);
});

/**
 * Take pictures, each as the syllable that its name says, or that the field or the list gives.
 * What is refused is named; the others are taken.
 */
async function addFiles(files) {
  const refusals = [];
  for (const file of files) {
    const named = file.name.normalize("NFC").replace(/\.\w+$/, "");
    const syllable = /^[가-힣]$/.test(named) ? named : field.value;
    const refusal = await add(file, file.name, syllable);
    if (refusal) refusals.push(files.length > 1 ? { ...refusal, file: file.name } : refusal);
  }
  if (refusals.length) showError(error, ...refusals);
}

/** Take one; the refusal, or null. */
async function add(picture, name, syllable) {
  busy = true;
  const before = new Set(state.references.map(({ number }) => number));
  const asked = new URLSearchParams({ name, syllable });
  try {
    await change("POST", `/api/references?${asked}`, picture);
  } catch (refusal) {
    showError(error, refusal);
    if (refusal.reason === "no-syllable") field.focus();
    return refusal;
  } finally {
    busy = false;
  }
  showError(error, null);
  const count = state.references.filter(({ number }) => !before.has(number)).length;
  say(count > 1 || state.sheet.length ? t("added_sheet", { count }) : t("added", { syllable }));
  suggest();
  return null;
}

/** The next syllable that is not given yet. */
function suggest() {
  const given = new Set(state.references.map(({ syllable }) => syllable));
  field.value = SUGGESTED.find((syllable) => !given.has(syllable)) ?? "";
}

async function act(method, path, said) {
  try {
    await change(method, path);
    showError(error, null);
    say(said);
    suggest();
  } catch (refusal) {
    showError(error, refusal);
  }
}

function tile({ number, syllable, name, seen }) {
  const picture = element("img", {
    src: `/api/references/${number}.png?as=${encodeURIComponent(syllable)}`,
    alt: t("reference", { syllable }),
    title: name,
    width: 128,
    height: 128,
  });
  const remove = element("button", {
    type: "button",
    className: "remove",
    ariaLabel: t("remove", { syllable }),
    textContent: "×",
  });
  remove.addEventListener("click", async () => {
    await act("DELETE", `/api/references/${number}`, t("removed", { syllable }));
    field.focus();
  });
  const caption = [element("span", { textContent: syllable, lang: "ko" }), remove];
  const parts = [picture, element("p", { className: "caption" }, caption)];
  if (seen) {
    const yes = element("button", {
      type: "button",
      className: "yes",
      textContent: t("seen_yes", { seen }),
    });
    const path = `/api/references/${number}?${new URLSearchParams({ syllable: seen })}`;
    yes.addEventListener("click", () => act("POST", path, t("added", { syllable: seen })));
    const warning = t("seen", { seen, syllable });
    parts.push(element("span", { className: "seen", role: "alert", textContent: warning }), yes);
  }
  return element("li", { className: seen ? "tile odd" : "tile" }, parts);
}

/** A box of the sheet that is no reference. */
function box({ syllable, problem, seen }) {
  const glyph = element("span", { className: "glyph", lang: "ko", textContent: syllable });
  const why = t(`box_${problem}`, { seen: seen || "?" });
  const said = element("span", { className: "seen", textContent: t("box", { syllable, why }) });
  const className = problem === "empty" || problem === "over" ? "tile box" : "tile box bad";
  return element("li", { className }, [glyph, said]);
}

/** Have a syllable be written: in the field's place, and the field in view. */
export function write(syllable) {
  field.value = syllable;
  find("#pad").scrollIntoView({ block: "center" });
  field.focus();
}

let shown = "";

function render() {
  const now = JSON.stringify([state.references, state.sheet, document.documentElement.lang]);
  if (now === shown) return; // what is not drawn anew keeps its focus
  shown = now;
  find("#tiles").replaceChildren(...state.references.map(tile), ...state.sheet.map(box));
}

onState(render);
onLanguage(render);

/** Begin. */
export const start = suggest;
