"use strict";
// Loss surfaces in WebGL: turn, zoom, cut at a height, switch what is shown, read values. Several
// surfaces share camera, colours and reading.

const surfaceShaders = {
  vertex: `#version 300 es
    in vec3 place; in vec3 normal; in float level;
    uniform mat4 camera;
    out float at; out vec3 facing;
    void main() { gl_Position = camera * vec4(place, 1.0); at = level; facing = normal; }`,
  // Shaded colours with level lines, and a dark edge where the surface is cut.
  fragment: `#version 300 es
    precision highp float;
    in float at; in vec3 facing;
    uniform sampler2D colors; uniform float cut; uniform vec3 light;
    out vec4 color;
    void main() {
      if (at > cut) discard;
      vec3 base = texture(colors, vec2(at, 0.5)).rgb;
      float shade = 0.62 + 0.38 * abs(dot(normalize(facing), light));
      float band = at * 16.0;
      float edge = abs(fract(band - 0.5) - 0.5) / max(fwidth(band), 1e-6);
      float line = 0.4 * (1.0 - clamp(edge, 0.0, 1.0));
      if (cut < 1.0) line = max(line, 0.8 * (1.0 - clamp((cut - at) / max(2.0 * fwidth(at), 1e-6), 0.0, 1.0)));
      color = vec4(mix(base * shade, vec3(0.0), line), 1.0);
    }`,
};

/** Where the camera stands at first: as in the still picture. */
const firstCamera = { turn: -60, tilt: 30, zoom: 1 };

function showSurfaces(figure, data) {
  const quantities = [{ key: "loss", label: "loss" }];
  if (data.metric) quantities.push({ key: "score", label: data.metric });
  const state = { quantity: 0, isLog: false, cut: 1, ...firstCamera, cursor: null };
  state.isLog = isWide();
  const refresh = onceAFrame(draw);

  const grid = element("div", { class: "surfaces" });
  let views;
  try {
    views = data.surfaces.map((surface) => surfaceView(surface, data, state, { turnBy, zoomBy, cutBy, reset, point, refresh }));
  } catch (error) {
    // The still picture stays.
    figure.append(element("p", { class: "quiet" }, `This browser shows no WebGL (${error.message}): the picture is still.`));
    return;
  }
  grid.append(...views.map((view) => view.node));

  const cutText = element("output", {});
  const cutInput = element("input", {
    type: "range", min: 0, max: 1, step: 0.005, value: 1,
    oninput: () => { state.cut = Number(cutInput.value); refresh(); },
  });
  const logInput = element("input", { type: "checkbox", onchange: () => { state.isLog = logInput.checked; rebuild(); } });
  const bar = element("div", { class: "bar" });
  bar.style.background = `linear-gradient(to right, ${data.colors.join(", ")})`;
  const ticks = element("div", { class: "ticks" });
  const group = `quantity-${Math.random().toString(36).slice(2)}`;
  const controls = element("div", { class: "controls" },
    element("fieldset", {}, element("legend", {}, "Height and colour"),
      ...quantities.map((q, k) => element("label", {}, element("input", {
        type: "radio", name: group, checked: k === 0,
        onchange: () => { state.quantity = k; state.isLog = k === 0 && isWide(); rebuild(); },
      }), q.label))),
    element("label", {}, logInput, "logarithmic"),
    element("label", {}, "cut at", cutInput, cutText),
    element("button", { type: "button", onclick: () => turnBy(-15, 0), "aria-label": "turn left" }, "⟲"),
    element("button", { type: "button", onclick: () => turnBy(15, 0), "aria-label": "turn right" }, "⟳"),
    element("button", { type: "button", onclick: () => zoomBy(1.25), "aria-label": "zoom in" }, "+"),
    element("button", { type: "button", onclick: () => zoomBy(0.8), "aria-label": "zoom out" }, "−"),
    element("button", { type: "button", onclick: reset }, "Reset"));
  figure.prepend(element("div", { class: "view" }, grid,
    element("div", { class: "scale" }, bar, ticks), controls,
    element("p", { class: "quiet" }, "Drag to turn. Keys: arrows turn, + and − zoom, Page Up and Page Down "
      + "cut, Shift with arrows moves the reading, Home resets.")));
  figure.classList.add("has-view");
  rebuild();

  function values() {
    const key = quantities[state.quantity].key;
    return data.surfaces.flatMap((s) => s[key]).filter((v) => v !== null);
  }

  function ends() {
    const all = values();
    return [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity)];
  }

  /** Whether the values span more than a factor of 50, and have logarithms. */
  function isWide() {
    const [low, high] = ends();
    return low > 0 && high / low > 50;
  }

  /** A value as a height from 0 to 1, and back. */
  function scale() {
    const [low, high] = ends();
    const f = state.isLog ? Math.log : (v) => v;
    const span = f(high) - f(low) || 1;
    return {
      level: (v) => (f(v) - f(low)) / span,
      value: (t) => (state.isLog ? Math.exp(f(low) + t * span) : low + t * span),
    };
  }

  /** Makes the meshes again after a switch. */
  function rebuild() {
    logInput.disabled = !(ends()[0] > 0);
    if (logInput.disabled) state.isLog = false;
    logInput.checked = state.isLog;
    const { level, value } = scale();
    for (const view of views) view.build(quantities[state.quantity].key, level);
    ticks.replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((t) => element("span", {}, digits(value(t)))));
    refresh();
  }

  function draw() {
    cutInput.value = state.cut;
    cutText.textContent = state.cut < 1 ? digits(scale().value(state.cut)) : "none";
    for (const view of views) view.draw();
  }

  function turnBy(turn, tilt) {
    state.turn = (state.turn + turn) % 360;
    state.tilt = Math.min(Math.max(state.tilt + tilt, -5), 90);
    refresh();
  }

  function zoomBy(factor) {
    state.zoom = Math.min(Math.max(state.zoom * factor, 0.4), 12);
    refresh();
  }

  function cutBy(step) {
    state.cut = Math.min(Math.max(state.cut + step, 0), 1);
    refresh();
  }

  function reset() {
    Object.assign(state, firstCamera, { cut: 1, cursor: null });
    refresh();
  }

  /** Reads all surfaces at the point of the grid that is nearest to coordinates. */
  function point(x, y) {
    state.cursor = { x, y };
    refresh();
  }
}

/** One surface: its canvases, its mesh and its reading. Throws where there is no WebGL. */
function surfaceView(surface, data, state, act) {
  const back = element("canvas", { "aria-hidden": "true" });
  const front = element("canvas", {
    class: "front", tabindex: 0, role: "img",
    "aria-label": `${surface.title}: surface of the loss around the weights. Arrow keys turn it.`,
  });
  const paths = surface.paths ?? [];
  const over = element("canvas", { class: "over", "aria-hidden": "true" });
  const mark = element("div", { class: "mark", hidden: true });
  const read = element("p", { class: "read", "aria-live": "polite" });
  const node = element("div", {}, element("h4", {}, surface.title),
    element("div", { class: "stage" }, back, front, over, mark), read);
  if (paths.length) {
    node.append(element("ul", { class: "legend" }, ...paths.map((path) => {
      const line = element("span", { class: "swatch", "aria-hidden": "true" });
      line.style.borderTop = `3px solid ${path.color}`;
      return element("li", {}, line, path.name);
    })));
  }

  const gl = front.getContext("webgl2", { antialias: true, premultipliedAlpha: false });
  if (!gl) throw new Error("no WebGL 2");
  const program = linked(gl);
  const place = (name) => gl.getUniformLocation(program, name);
  const [columns, rows] = [surface.x.length, surface.y.length];
  let mesh = null;
  let screen = [];

  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  const bytes = new Uint8Array(data.colors.flatMap((c) => [1, 3, 5].map((k) => parseInt(c.slice(k, k + 2), 16)).concat(255)));
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, data.colors.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  for (const [key, value] of [[gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]]) {
    gl.texParameteri(gl.TEXTURE_2D, key, value);
  }
  const buffers = [["place", 3], ["normal", 3], ["level", 1]].map(([name, size]) => {
    const buffer = gl.createBuffer();
    const location = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, size, gl.FLOAT, false, 0, 0);
    return buffer;
  });
  const indices = gl.createBuffer();

  /** Coordinates of the plane between -1 and 1 on the longer side. */
  const span = Math.max(Math.abs(surface.x[columns - 1] - surface.x[0]), Math.abs(surface.y[rows - 1] - surface.y[0])) / 2 || 1;
  const middle = [(surface.x[0] + surface.x[columns - 1]) / 2, (surface.y[0] + surface.y[rows - 1]) / 2];
  const flat = (x, y) => [(x - middle[0]) / span, (y - middle[1]) / span];
  const bottom = -0.6;

  function build(key, level) {
    const count = columns * rows;
    const values = surface[key];
    const places = new Float32Array(3 * count);
    const levels = new Float32Array(count);
    for (let k = 0; k < count; k++) {
      const [x, y] = flat(surface.x[k % columns], surface.y[Math.floor(k / columns)]);
      levels[k] = values[k] === null ? 0 : level(values[k]);
      places.set([x, y, bottom + 1.2 * levels[k]], 3 * k);
    }
    const corners = [];
    for (let row = 0; row + 1 < rows; row++) {
      for (let column = 0; column + 1 < columns; column++) {
        const a = row * columns + column;
        const quad = [a, a + 1, a + columns + 1, a + columns];
        if (quad.some((k) => values[k] === null)) continue;
        corners.push(quad[0], quad[1], quad[2], quad[0], quad[2], quad[3]);
      }
    }
    // Checkpoints stand at the values of their projections; those beside the plane are not shown.
    const isOn = (v, list) => v >= Math.min(list[0], list.at(-1)) && v <= Math.max(list[0], list.at(-1));
    const onPaths = paths.map((path) => path[key].map((v, k) =>
      (v !== null && isOn(path.x[k], surface.x) && isOn(path.y[k], surface.y)
        ? [...flat(path.x[k], path.y[k]), bottom + 1.2 * level(v)] : null)));
    mesh = { places, levels, corners: corners.length, values, paths: onPaths };
    const contents = [places, normals(places, columns, rows), levels];
    buffers.forEach((buffer, k) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, contents[k], gl.STATIC_DRAW);
    });
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint32Array(corners), gl.STATIC_DRAW);
  }

  function draw() {
    const size = fit(front);
    fit(back);
    const matrix = cameraMatrix(state, size.width / size.height);
    gl.viewport(0, 0, front.width, front.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(place("camera"), false, matrix);
    gl.uniform1f(place("cut"), state.cut);
    gl.uniform3f(place("light"), 0.35, -0.45, 0.82);
    gl.drawElements(gl.TRIANGLES, mesh.corners, gl.UNSIGNED_INT, 0);
    const project = (p) => {
      const [x, y, z, w] = [0, 1, 2, 3].map((r) => matrix[r] * p[0] + matrix[4 + r] * p[1] + matrix[8 + r] * p[2] + matrix[12 + r]);
      return [(x / w * 0.5 + 0.5) * size.width, (0.5 - y / w * 0.5) * size.height, z / w];
    };
    screen = mesh.values.map((v, k) => (v === null || mesh.levels[k] > state.cut ? null : project(mesh.places.subarray(3 * k, 3 * k + 3))));
    drawBox(back, size, project);
    drawPaths(size, project);
    say();
  }

  /** The edges of the plane with coordinates, behind the surface. */
  function drawBox(canvas, size, project) {
    const c = canvas.getContext("2d");
    c.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    c.clearRect(0, 0, size.width, size.height);
    c.font = "12px system-ui, sans-serif";
    const [xs, ys] = [[surface.x[0], surface.x[columns - 1]], [surface.y[0], surface.y[rows - 1]]];
    const at = (x, y) => project([...flat(x, y), bottom]);
    c.strokeStyle = "#aab4bf";
    c.beginPath();
    for (const [x, y] of [[xs[0], ys[0]], [xs[1], ys[0]], [xs[1], ys[1]], [xs[0], ys[1]], [xs[0], ys[0]]]) {
      c.lineTo(...at(x, y).slice(0, 2));
    }
    c.stroke();
    // Numbers stand at the edges that are in front.
    c.fillStyle = "#59636e";
    const half = (pair) => (pair[0] + pair[1]) / 2;
    const frontY = at(half(xs), ys[0])[1] > at(half(xs), ys[1])[1] ? ys[0] : ys[1];
    const frontX = at(xs[0], half(ys))[1] > at(xs[1], half(ys))[1] ? xs[0] : xs[1];
    const center = at(half(xs), half(ys));
    // Away from the plane, to that side on which there is room for the text.
    const edge = (name, pair, onEdge) => {
      const middle = onEdge(half(pair));
      const length = Math.hypot(middle[0] - center[0], middle[1] - center[1]) || 1;
      const [dx, dy] = [(middle[0] - center[0]) / length, (middle[1] - center[1]) / length];
      c.textAlign = dx > 0.35 ? "left" : dx < -0.35 ? "right" : "center";
      const put = (text, p, away) => {
        // Kept on the canvas, which on a phone is narrow.
        const width = c.measureText(text).width;
        const before = { left: 0, center: width / 2, right: width }[c.textAlign];
        const x = Math.min(Math.max(p[0] + away * dx, before + 4), size.width - width + before - 4);
        c.fillText(text, x, p[1] + away * dy + 4);
      };
      for (const tick of linearTicks(Math.min(...pair), Math.max(...pair), 4)) put(digits(tick), onEdge(tick), 10);
      put(name, middle, 38);
    };
    edge(data.xLabel, xs, (x) => at(x, frontY));
    edge(data.yLabel, ys, (y) => at(frontX, y));
  }

  /** Paths over the surface, also where it hides them: a dot for each checkpoint, a ring at the start. */
  function drawPaths(size, project) {
    if (!paths.length) return;
    fit(over);
    const c = over.getContext("2d");
    c.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    c.clearRect(0, 0, size.width, size.height);
    mesh.paths.forEach((places, k) => {
      const points = places.map((p) => p && project(p));
      // A light rim keeps the line apart from the colours below it.
      for (const [width, color] of [[4, "#ffffffb0"], [2, paths[k].color]]) {
        [c.lineWidth, c.strokeStyle, c.fillStyle] = [width, color, color];
        c.beginPath();
        points.forEach((p, j) => { if (p) (j && points[j - 1]) ? c.lineTo(p[0], p[1]) : c.moveTo(p[0], p[1]); });
        c.stroke();
        points.forEach((p, j) => {
          if (!p) return;
          c.beginPath();
          c.arc(p[0], p[1], j ? width / 2 + 1 : width / 2 + 3, 0, 2 * Math.PI);
          j ? c.fill() : c.stroke();
        });
      }
    });
  }

  function say() {
    mark.hidden = true;
    if (!state.cursor) {
      read.textContent = "Point at the surface to read it.";
      return;
    }
    const [column, row] = [nearest(surface.x, state.cursor.x), nearest(surface.y, state.cursor.y)];
    const k = row * columns + column;
    const value = (list) => (list[k] === null ? "not finite" : digits(list[k]));
    read.textContent = `(${digits(surface.x[column])}, ${digits(surface.y[row])}): loss ${value(surface.loss)}`
      + (data.metric && surface.score[k] !== null ? `, ${data.metric} ${value(surface.score)}` : "");
    if (!screen[k]) return;
    mark.hidden = false;
    mark.style.left = `${screen[k][0]}px`;
    mark.style.top = `${screen[k][1]}px`;
  }

  /** Reads the point of the surface that is drawn nearest to the pointer; of those, the one in front. */
  function pick(px, py) {
    let [best, least] = [-1, Infinity];
    screen.forEach((p, k) => {
      if (!p) return;
      const distance = Math.hypot(p[0] - px, p[1] - py) + 20 * p[2];
      if (Math.hypot(p[0] - px, p[1] - py) < 30 && distance < least) [best, least] = [k, distance];
    });
    if (best >= 0) act.point(surface.x[best % columns], surface.y[Math.floor(best / columns)]);
  }

  let drag = null;
  front.addEventListener("pointerdown", (event) => {
    drag = [event.clientX, event.clientY];
    front.setPointerCapture(event.pointerId);
  });
  front.addEventListener("pointermove", (event) => {
    if (drag) {
      act.turnBy((drag[0] - event.clientX) * 0.5, (event.clientY - drag[1]) * 0.5);
      drag = [event.clientX, event.clientY];
      return;
    }
    const box = front.getBoundingClientRect();
    pick(event.clientX - box.left, event.clientY - box.top);
  });
  for (const name of ["pointerup", "pointercancel"]) front.addEventListener(name, () => { drag = null; });
  front.addEventListener("wheel", (event) => {
    if (document.activeElement !== front) return; // Otherwise the page scrolls.
    event.preventDefault();
    act.zoomBy(Math.exp(-event.deltaY * 0.001));
  }, { passive: false });
  front.addEventListener("keydown", (event) => {
    const move = (dx, dy) => {
      const from = state.cursor ?? { x: middle[0], y: middle[1] };
      const column = Math.min(Math.max(nearest(surface.x, from.x) + dx, 0), columns - 1);
      const row = Math.min(Math.max(nearest(surface.y, from.y) + dy, 0), rows - 1);
      act.point(surface.x[column], surface.y[row]);
    };
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const keys = {
      "+": () => act.zoomBy(1.25), "=": () => act.zoomBy(1.25), "-": () => act.zoomBy(0.8),
      PageUp: () => act.cutBy(0.05), PageDown: () => act.cutBy(-0.05), Home: act.reset,
    };
    if (arrows) event.shiftKey ? move(...arrows) : act.turnBy(-5 * arrows[0], 5 * arrows[1]);
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  });
  front.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    read.textContent = "The picture was lost; load the page again.";
  });
  new ResizeObserver(act.refresh).observe(front);
  return { node, build, draw };
}

function linked(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, surfaceShaders.vertex], [gl.FRAGMENT_SHADER, surfaceShaders.fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || "shaders");
  return program;
}

/** Unit normals by differences between neighbours. */
function normals(places, columns, rows) {
  const result = new Float32Array(places.length);
  const at = (column, row, axis) => places[3 * (row * columns + column) + axis];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.max(column - 1, 0), Math.min(column + 1, columns - 1)];
      const [low, high] = [Math.max(row - 1, 0), Math.min(row + 1, rows - 1)];
      const dx = (at(right, row, 2) - at(left, row, 2)) / (at(right, row, 0) - at(left, row, 0) || 1);
      const dy = (at(column, high, 2) - at(column, low, 2)) / (at(column, high, 1) - at(column, low, 1) || 1);
      const length = Math.hypot(dx, dy, 1);
      result.set([-dx / length, -dy / length, 1 / length], 3 * (row * columns + column));
    }
  }
  return result;
}

/** The camera as a matrix, column by column: turned about the vertical, tilted, in perspective. */
function cameraMatrix({ turn, tilt, zoom }, aspect) {
  const [a, b] = [(turn + 90) * Math.PI / 180, tilt * Math.PI / 180];
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  // Rows of the rotation: right, up and towards the camera.
  const right = [ca, sa, 0];
  const up = [sb * -sa, sb * ca, cb];
  const near = [cb * sa, cb * -ca, sb];
  const distance = 6;
  const scale = 3.7 * zoom / Math.max(1, 1.25 / aspect);
  // Clip coordinates: x and y scaled, w the distance from the camera, z from 2 to 10 into -1 to 1.
  const [z0, z1] = [2, 10];
  const [A, B] = [(z1 + z0) / (z1 - z0), -2 * z1 * z0 / (z1 - z0)];
  const columns = [];
  for (let k = 0; k < 3; k++) {
    columns.push(scale / aspect * right[k], scale * up[k], -A * near[k], -near[k]);
  }
  columns.push(0, 0, A * distance + B, distance);
  return new Float32Array(columns);
}
