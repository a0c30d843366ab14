"use strict";
// Curves over one axis: zoom by dragging, by buttons and by keys; values under the pointer.

function showChart(figure, data) {
  const canvas = element("canvas", {
    tabindex: 0, role: "img",
    "aria-label": `${data.title}: ${data.y} over ${data.x}. Arrow keys move the reading, plus and minus `
      + "zoom, 0 shows everything.",
  });
  const read = element("p", { class: "read", "aria-live": "polite" });
  const all = xRange();
  let [low, high] = all;
  let cursor = null;
  let drag = null;

  const refresh = onceAFrame(draw);
  const legend = element("ul", { class: "legend" },
    ...data.series.filter((s) => s.name).map((s) => element("li", {}, swatch(s), s.name)));
  const controls = element("div", { class: "controls" },
    element("button", { type: "button", onclick: () => zoom(0.5) }, "Zoom in"),
    element("button", { type: "button", onclick: () => zoom(2) }, "Zoom out"),
    element("button", { type: "button", onclick: reset }, "All"),
    element("span", { class: "quiet" }, "Drag across to zoom."));
  figure.prepend(element("div", { class: "view" }, legend,
    element("div", { class: "chart" }, canvas), read, controls));
  figure.classList.add("has-view");

  /** A short line as the series is drawn. */
  function swatch(series) {
    const line = element("span", { class: "swatch", "aria-hidden": "true" });
    line.style.borderTop = `3px ${series.dash ? "dashed" : "solid"} ${series.color}`;
    return line;
  }

  function xRange() {
    const values = data.series.flatMap((s) => s.x).filter(Number.isFinite);
    const [a, b] = [Math.min(...values), Math.max(...values)];
    const margin = (b - a) * 0.01 || 0.5;
    return [a - margin, b + margin];
  }

  /** The range of y over what is seen, never below the floor of a log axis. */
  function yRange() {
    let [bottom, top] = [Infinity, -Infinity];
    for (const s of data.series) {
      s.x.forEach((x, k) => {
        if (x < low || x > high) return;
        for (const value of [s.y[k], s.low?.[k], s.high?.[k]]) {
          if (!Number.isFinite(value) || (data.log && value <= 0)) continue;
          bottom = Math.min(bottom, value);
          top = Math.max(top, value);
        }
      });
    }
    if (data.floor) bottom = Math.max(bottom, data.floor);
    if (!(bottom <= top)) [bottom, top] = data.log ? [0.1, 1] : [0, 1];
    if (data.log) return [bottom / 1.3, top * 1.6];
    const margin = (top - bottom || Math.abs(top) || 1) * 0.05;
    return [bottom - margin, top + margin];
  }

  function frame() {
    const size = fit(canvas);
    const area = { left: 62, right: size.width - 12, top: 14, bottom: size.height - 44 };
    const [bottom, top] = yRange();
    const f = data.log ? Math.log : (v) => v;
    return {
      ...size, area, bottom, top,
      x: (v) => area.left + ((v - low) / (high - low)) * (area.right - area.left),
      y: (v) => area.bottom - ((f(v) - f(bottom)) / (f(top) - f(bottom))) * (area.bottom - area.top),
      value: (px) => low + ((px - area.left) / (area.right - area.left)) * (high - low),
    };
  }

  function draw() {
    const view = frame();
    const { area } = view;
    const c = canvas.getContext("2d");
    c.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    c.clearRect(0, 0, view.width, view.height);
    c.font = "12px system-ui, sans-serif";
    axes(c, view);
    c.save();
    c.beginPath();
    c.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    c.clip();
    for (const s of data.series) series(c, view, s);
    c.restore();
    for (const m of data.markers ?? []) marker(c, view, m);
    if (drag) {
      c.fillStyle = "rgba(0, 114, 178, 0.15)";
      c.fillRect(Math.min(drag.from, drag.to), area.top, Math.abs(drag.to - drag.from), area.bottom - area.top);
    }
    if (cursor !== null && cursor >= low && cursor <= high) {
      c.strokeStyle = "#59636e";
      c.beginPath();
      c.moveTo(view.x(cursor), area.top);
      c.lineTo(view.x(cursor), area.bottom);
      c.stroke();
    }
  }

  function axes(c, view) {
    const { area } = view;
    const xs = linearTicks(low, high, view.width / 90);
    const ys = (data.log ? decadeTicks : linearTicks)(view.bottom, view.top, 6);
    c.strokeStyle = "#e7ebef";
    c.fillStyle = "#59636e";
    c.lineWidth = 1;
    c.textAlign = "center";
    for (const tick of xs.filter((t) => t >= low && t <= high)) {
      line(c, view.x(tick), area.top, view.x(tick), area.bottom);
      c.fillText(digits(tick), view.x(tick), area.bottom + 16);
    }
    c.textAlign = "right";
    for (const tick of ys) {
      line(c, area.left, view.y(tick), area.right, view.y(tick));
      c.fillText(digits(tick), area.left - 6, view.y(tick) + 4);
    }
    c.fillStyle = "#1d232a";
    c.textAlign = "center";
    c.fillText(data.x, (area.left + area.right) / 2, view.height - 8);
    c.save();
    c.translate(12, (area.top + area.bottom) / 2);
    c.rotate(-Math.PI / 2);
    c.fillText(data.y, 0, 0);
    c.restore();
  }

  function line(c, x, y, toX, toY) {
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(toX, toY);
    c.stroke();
  }

  /** A curve, or steps between edges, with gaps where there is no value. */
  function series(c, view, s) {
    const points = s.x.map((x, k) => {
      const ok = Number.isFinite(s.y[k]) && (!data.log || s.y[k] > 0);
      return ok ? [view.x(x), view.y(s.y[k])] : null;
    });
    if (s.low) {
      c.fillStyle = s.color;
      c.globalAlpha = 0.18;
      c.beginPath();
      s.x.forEach((x, k) => c.lineTo(view.x(x), view.y(Math.max(s.high[k], view.bottom))));
      for (let k = s.x.length - 1; k >= 0; k--) {
        c.lineTo(view.x(s.x[k]), view.y(Math.max(s.low[k], view.bottom)));
      }
      c.fill();
      c.globalAlpha = 1;
    }
    c.strokeStyle = s.color;
    c.lineWidth = 1.8;
    c.lineJoin = "round";
    c.setLineDash(s.dash ? [6, 4] : []);
    c.beginPath();
    let before = null;
    for (const point of points) {
      if (point && before && s.steps) c.lineTo(point[0], before[1]);
      if (point) before ? c.lineTo(...point) : c.moveTo(...point);
      before = point;
    }
    c.stroke();
    c.setLineDash([]);
    if (points.length > 60) return;
    c.fillStyle = s.color;
    for (const point of points.filter(Boolean)) {
      c.beginPath();
      c.arc(point[0], point[1], 2.4, 0, 7);
      c.fill();
    }
  }

  function marker(c, view, m) {
    if (m.x < low || m.x > high) return;
    const place = view.x(m.x);
    c.strokeStyle = m.color ?? "#59636e";
    c.setLineDash(m.isDotted ? [1.5, 3] : [4, 3]);
    line(c, place, view.area.top, place, view.area.bottom);
    c.setLineDash([]);
    if (!m.label) return;
    c.fillStyle = m.color ?? "#59636e";
    const isLeft = place > (view.area.left + view.area.right) / 2;
    c.textAlign = isLeft ? "right" : "left";
    c.fillText(m.label, place + (isLeft ? -5 : 5), view.area.top + 12 + 15 * (m.row ?? 0));
  }

  // Reading and zooming.

  function say() {
    if (cursor === null) return;
    const values = data.series.filter((s) => s.name || data.series.length === 1).map((s) => {
      const k = s.steps ? Math.max(s.x.findLastIndex((x) => x <= cursor), 0) : nearest(s.x, cursor);
      const value = s.y[k] ?? NaN;
      const text = value < data.floor ? `below ${digits(data.floor)}` : digits(value);
      return `${s.name || data.y} ${text}`;
    });
    read.textContent = `${data.x} ${digits(cursor)}: ${values.join("; ")}`;
  }

  function reset() {
    [low, high] = all;
    refresh();
  }

  function zoom(factor) {
    const center = cursor !== null && cursor > low && cursor < high ? cursor : (low + high) / 2;
    const half = Math.min(((high - low) / 2) * factor, (all[1] - all[0]) / 2);
    show(center - half, center + half);
  }

  /** Shows a part of the axis, kept inside of it. */
  function show(a, b) {
    const width = Math.max(b - a, (all[1] - all[0]) * 1e-5);
    low = Math.min(Math.max(a, all[0]), all[1] - width);
    high = low + width;
    refresh();
  }

  const place = (event) => event.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { from: place(event), to: place(event) };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const view = frame();
    cursor = Math.min(Math.max(view.value(place(event)), low), high);
    if (drag) drag.to = place(event);
    say();
    refresh();
  });
  canvas.addEventListener("pointerup", () => {
    const view = frame();
    if (drag && Math.abs(drag.to - drag.from) > 8) {
      show(view.value(Math.min(drag.from, drag.to)), view.value(Math.max(drag.from, drag.to)));
    }
    drag = null;
    refresh();
  });
  canvas.addEventListener("pointercancel", () => { drag = null; refresh(); });
  canvas.addEventListener("dblclick", reset);
  canvas.addEventListener("keydown", (event) => {
    const step = (high - low) / 100;
    const keys = {
      ArrowLeft: () => { cursor = Math.max((cursor ?? (low + high) / 2) - step, all[0]); },
      ArrowRight: () => { cursor = Math.min((cursor ?? (low + high) / 2) + step, all[1]); },
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: reset, Home: reset,
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
    if (cursor !== null && (cursor < low || cursor > high)) {
      show(cursor - (high - low) / 2, cursor + (high - low) / 2);
    }
    say();
    refresh();
  });
  new ResizeObserver(refresh).observe(canvas);
  refresh();
}
