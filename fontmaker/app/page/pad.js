// A field to write one syllable in, with a pen, a finger or a mouse.

const WIDTH = 26; // of a stroke, in the canvas's 640 pixels
const INK = "#111";

/** Strokes on a canvas; calls `changed(empty)` after each of them. */
export class Pad {
  #canvas;
  #context;
  #changed;
  #strokes = [];
  #pen = null;

  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#changed = changed;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.#up(event));
    }
  }

  get empty() {
    return this.#strokes.length === 0;
  }

  undo() {
    this.#strokes.pop();
    this.#redraw();
  }

  clear() {
    this.#strokes = [];
    this.#redraw();
  }

  /** The drawing as PNG, black on white. */
  picture() {
    const page = document.createElement("canvas");
    [page.width, page.height] = [this.#canvas.width, this.#canvas.height];
    const context = page.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, page.width, page.height);
    context.drawImage(this.#canvas, 0, 0);
    return new Promise((resolve) => page.toBlob(resolve, "image/png"));
  }

  #down(event) {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen = event.pointerId;
    this.#strokes.push([this.#point(event)]);
    this.#redraw();
  }

  #move(event) {
    if (event.pointerId !== this.#pen) return;
    const seen = event.getCoalescedEvents?.() ?? [];
    const points = (seen.length ? seen : [event]).map((each) => this.#point(each));
    this.#strokes.at(-1).push(...points);
    this.#redraw();
  }

  #up(event) {
    if (event.pointerId === this.#pen) this.#pen = null;
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = this.#canvas.width / box.width;
    // A pen tells how hard it is pressed; mice and most fingers say one half.
    const pressed = event.pointerType === "pen" && event.pressure ? event.pressure : 0.5;
    return {
      x: (event.clientX - box.left) * scale,
      y: (event.clientY - box.top) * scale,
      width: WIDTH * (0.6 + 0.8 * pressed),
    };
  }

  #redraw() {
    const context = this.#context;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    [context.strokeStyle, context.lineCap, context.lineJoin] = [INK, "round", "round"];
    this.#strokes.forEach((stroke) => this.#draw(stroke));
    this.#changed(this.empty);
  }

  // Curves through the middles between points, so that a stroke has no corners of the hand's tempo.
  #draw(stroke) {
    const context = this.#context;
    let from = stroke[0];
    stroke.forEach((point, index) => {
      const before = stroke[Math.max(index - 1, 0)];
      const last = index === stroke.length - 1;
      const to = last ? point : { x: (before.x + point.x) / 2, y: (before.y + point.y) / 2 };
      context.lineWidth = point.width;
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.quadraticCurveTo(before.x, before.y, to.x, to.y);
      context.stroke();
      from = to;
    });
  }
}
