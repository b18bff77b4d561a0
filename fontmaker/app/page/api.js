// Requests to the program, and the state that each of them answers with.

const EVERY = 350; // milliseconds between two looks while something is drawn
const listeners = [];
let timer = 0;
let latest = 0;

/** The program's last answer. */
export let state = { references: [], sheet: [], text: null, font: null };

/** Call with each new state. */
export const onState = (listener) => listeners.push(listener);

/** Ask for a change; throws {reason, message} if it is refused. */
export async function change(method, path, body) {
  const data = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  take(await ask(method, path, data));
}

/** Look how things stand. */
export async function refresh() {
  const number = ++latest;
  try {
    const answer = await ask("GET", "/api/state");
    if (number === latest) take(answer);
  } catch (error) {
    listeners.forEach((listener) => listener(state, error));
    if (number === latest) again(5 * EVERY);
  }
}

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, { method, body });
  } catch {
    throw { reason: "offline", message: "The program does not answer." };
  }
  const content = await answer.json();
  if (content.error) throw content.error;
  return content;
}

function take(answer) {
  latest += 1; // what was asked before is old now
  state = answer;
  listeners.forEach((listener) => listener(state, null));
  if ([state.text, state.font].some(active)) again(EVERY);
}

function again(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(refresh, milliseconds);
}

/** Whether a text or a font is being drawn. */
export const active = (job) => job !== null && ["waiting", "running"].includes(job.state);
