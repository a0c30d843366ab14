"use strict";
// What charts and surfaces share: elements, numbers, ticks.

/** An element with attributes and children; texts become text, never markup. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** A number with four significant digits. */
function digits(value) {
  if (!Number.isFinite(value)) return "not finite";
  const text = Number(value.toPrecision(4));
  const size = Math.abs(text);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? text.toExponential() : String(text);
}

/** Round numbers between two ends, about as many as wanted. */
function linearTicks(low, high, wanted) {
  const raw = (high - low) / Math.max(wanted, 1);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten between two positive ends, at most as many as wanted. */
function decadeTicks(low, high, wanted) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) return linearTicks(low, high, wanted).filter((t) => t > 0);
  const every = Math.ceil((last - first + 1) / wanted);
  const ticks = [];
  for (let k = first; k <= last; k += every) ticks.push(10 ** k);
  return ticks;
}

/** Fits a canvas to its place on the page, in pixels of the screen. */
function fit(canvas) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const box = canvas.getBoundingClientRect();
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return { ratio, width: box.width, height: box.height };
}

/** Calls for a new picture at most once a frame. */
function onceAFrame(draw) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
}

/** The index of the number of an ascending or descending list that is nearest to a value. */
function nearest(list, value) {
  let best = 0;
  for (let k = 1; k < list.length; k++) {
    if (Math.abs(list[k] - value) < Math.abs(list[best] - value)) best = k;
  }
  return best;
}
