// Small steps in the page that all its parts take.

import { onLanguage, sentence } from "./texts.js";

/** The first element that a selector finds. */
export const find = (selector) => document.querySelector(selector);

/** A new element with properties and children. */
export function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Say something to who hears the page. */
export function say(text) {
  find("#say").textContent = text;
}

const errors = new Map();

/** Show mistakes in their place, or none. */
export function showError(place, ...given) {
  errors.set(place, given);
  place.textContent = given.filter(Boolean).map(sentence).join("\n");
}

onLanguage(() => errors.forEach((given, place) => showError(place, ...given)));
