// The page's words in Korean and English, and which of the two are shown.

const TEXTS = await (await fetch("/page/texts.json")).json();
const STORED = "hangeul-bench-language";
const listeners = [];
let language = localStorage.getItem(STORED) ?? (navigator.language.startsWith("ko") ? "ko" : "en");

/** The text of a key, with {names} filled in; numbers as the language writes them. */
export function t(key, values = {}) {
  const text = TEXTS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => written(values[name]));
}

/** Whether there are words for a key. */
export const has = (key) => key in TEXTS[language];

/** What the page says of a mistake: its own sentence, or that of the program. */
export function sentence({ reason, message, file }) {
  const key = `error_${reason}`;
  const said = has(key) ? t(key, { message }) : message;
  return file ? `${file}: ${said}` : said;
}

/** Call when the language changes. */
export const onLanguage = (listener) => listeners.push(listener);

/** Show a language from now on. */
export function setLanguage(name) {
  language = name;
  localStorage.setItem(STORED, name);
  show();
}

/** Put the words where the page asks for them. */
export function show() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === language);
  }
  listeners.forEach((listener) => listener());
}

/** A stretch of time in words, from seconds. */
export function time(seconds) {
  if (seconds < 90) return t("seconds", { n: Math.max(1, Math.round(seconds)) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return t("minutes", { n: minutes });
  return t("hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

function written(value) {
  return typeof value === "number" ? value.toLocaleString(language) : String(value);
}
