// The whole font: its order, how far it is, and the files that it ends in.

import { active, change, onState, state } from "./api.js";
import { element, find, showError } from "./dom.js";
import { doubtButton } from "./specimen.js";
import { has, onLanguage, t, time } from "./texts.js";

const KINDS = ["ttf", "woff2", "html", "json"];
const error = find("#export-error");
const family = find("#family");
let wasActive = false;
let proposed = ""; // a name that the page gave, not the user

find("#order").addEventListener("submit", async (event) => {
  event.preventDefault();
  const order = { family: family.value, syllables: find("[name=syllables]:checked").value };
  try {
    await change("POST", "/api/font", order);
    showError(error, null);
    find("#cancel").focus();
  } catch (refusal) {
    showError(error, refusal);
    const isName = refusal.reason.startsWith("family");
    family.setAttribute("aria-invalid", isName);
    if (isName) family.focus();
  }
});
find("#cancel").addEventListener("click", () => change("DELETE", "/api/font").catch(() => {}));

function render() {
  const font = state.font;
  const isActive = active(font);
  find("#order").hidden = isActive;
  find("#progress").hidden = !isActive;
  find("#make").disabled = state.references.length === 0;
  document.title = isActive ? `${percent(font)} ${t("title")}` : t("title");
  if (isActive) renderProgress(font);
  renderMade(font);
  if (wasActive && !isActive) ended(font);
  wasActive = isActive;
}

function ended(font) {
  if (font?.state === "done") find("#made-title").focus();
  else find("#make").focus();
  if (font?.state === "failed") showError(error, font.error);
  if (font?.state === "cancelled") showError(error, { reason: "cancelled", message: "Cancelled." });
}

function renderProgress(font) {
  find("#stage").textContent = stageInWords(font);
  const bar = find("#bar");
  if (font.total) [bar.max, bar.value] = [font.total, font.done];
  else bar.removeAttribute("value");
  const parts = [];
  if (font.total) parts.push(t("pace_count", { done: font.done, total: font.total }));
  if (font.rate) parts.push(t("pace_rate", { rate: Number(font.rate.toPrecision(2)) }));
  if (font.seconds_left) parts.push(t("pace_left", { time: time(font.seconds_left) }));
  find("#pace").textContent = parts.join(" · ");
}

function stageInWords({ state: how, stage }) {
  if (how === "waiting") return t("stage_waiting");
  const round = /^(Drawing again|Redrawing) \((\d+)\)$/.exec(stage);
  if (round) return t(`stage_${round[1]}`, { round: Number(round[2]) });
  return has(`stage_${stage}`) ? t(`stage_${stage}`) : stage;
}

const percent = ({ done, total }) => (total ? `${Math.floor((100 * done) / total)} %` : "…");

let shown = "";

function renderMade(font) {
  const isDone = font?.state === "done";
  find("#made").hidden = !isDone;
  const now = JSON.stringify([isDone && font, document.documentElement.lang]);
  if (!isDone || now === shown) return;
  shown = now;
  const doubts = Object.entries(font.doubtful);
  find("#made-title").textContent = t("made", { family: font.family });
  const facts = { syllables: font.syllables, doubtful: doubts.length };
  const latin = font.companion ? t("made_latin", { family: font.companion }) : t("made_no_latin");
  find("#made-facts").textContent = `${t("made_facts", facts)} ${latin}`;
  find("#files").replaceChildren(...KINDS.map((kind) => link(kind, font.files[kind])));
  find("#made-doubts").hidden = doubts.length === 0;
  find("#made-doubts-title").textContent = t("made_doubts", { doubtful: doubts.length });
  find("#made-doubt-list").replaceChildren(
    ...doubts.map(([syllable, read]) => doubtButton(syllable, read)),
  );
}

function link(kind, bytes) {
  const size = t("size_kb", { n: Math.ceil(bytes / 1024) });
  const words = [t(`file_${kind}`), element("small", { textContent: size })];
  return element("li", {}, [element("a", { href: `/api/font/${kind}`, download: "" }, words)]);
}

onState(render);
onLanguage(() => {
  if (family.value === proposed) family.value = proposed = t("family_default");
  render();
});
