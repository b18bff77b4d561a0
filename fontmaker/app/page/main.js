// Puts the parts of the page together and begins with what the program knows.

import { change, onState, refresh } from "./api.js";
import { find, say, showError } from "./dom.js";
import "./export.js";
import * as references from "./references.js";
import * as specimen from "./specimen.js";
import { setLanguage, show, t } from "./texts.js";

const SURE = 5000; // milliseconds in which a second press means it

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => setLanguage(button.dataset.language));
}

const forget = find("#forget");
let unsure = 0;
forget.addEventListener("click", async () => {
  if (!unsure) {
    unsure = setTimeout(calm, SURE);
    forget.textContent = t("forget_sure");
    return;
  }
  calm();
  await change("DELETE", "/api/session").catch(() => {});
  references.start();
  say(t("forgotten"));
});

function calm() {
  clearTimeout(unsure);
  unsure = 0;
  forget.textContent = t("forget");
}

let isOffline = false;
onState((_, error) => {
  if (error || isOffline) showError(find("#text-error"), error);
  isOffline = Boolean(error);
});
await refresh();
show();
references.start();
specimen.start();
