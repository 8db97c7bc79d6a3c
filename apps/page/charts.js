// Plots with axes: places of values in pixels, round numbers along the sides.

function ticksOf(low, high, wanted) {
  const rough = (high - low) / Math.max(wanted, 1), power = 10 ** Math.floor(Math.log10(rough));
  const step =
      [1, 2, 5, 10].map((round) => round * power).find((size) => size >= rough * (1 - 1e-9)) ?? 10 * power;
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; ++i) ticks.push(i * step + 0);
  return ticks;
}

// Places are decimal logarithms.
function logTicksOf(low, high) {
  const ticks = [];
  for (let power = Math.floor(low); power <= high; ++power) {
    for (const round of [1, 2, 5]) {
      const at = power + Math.log10(round);
      if (at >= low && at <= high) ticks.push(at);
    }
  }
  if (ticks.length >= 3) return ticks;
  return ticksOf(10 ** low, 10 ** high, 6).filter((value) => value > 0).map(Math.log10);
}

function rangeOf(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const margin = Math.max(0.03 * (high - low), 1e-6 * Math.max(1, Math.abs(high)));
  return [low - margin, high + margin];
}

// axis: {title, low, high, log, label(value)}. The result places values and has the picture to draw into.
function plot({width, height, x, y, label}) {
  const left = 58, right = 12, top = 12, bottom = 44;
  const picture =
      shape("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label});
  const inner = {width: width - left - right, height: height - top - bottom};
  const placeX = (value) => left + (inner.width * (value - x.low)) / (x.high - x.low);
  const placeY = (value) => top + inner.height * (1 - (value - y.low) / (y.high - y.low));
  const text = (axis, at) => (axis.label ?? shortNumber)(axis.log ? 10 ** at : at);
  for (const at of y.log ? logTicksOf(y.low, y.high) : ticksOf(y.low, y.high, height / 60)) {
    picture.append(
        shape("path", {class: "grid", d: `M${left} ${placeY(at)}h${inner.width}`}),
        shape("text", {x: left - 7, y: placeY(at) + 4, "text-anchor": "end", class: "tick"}, text(y, at)));
  }
  for (const at of x.log ? logTicksOf(x.low, x.high) : x.ticks ?? ticksOf(x.low, x.high, width / 90)) {
    picture.append(
        shape("path", {class: "grid", d: `M${placeX(at)} ${top}v${inner.height}`}),
        shape(
            "text", {x: placeX(at), y: top + inner.height + 17, "text-anchor": "middle", class: "tick"},
            text(x, at)));
  }
  picture.append(
      shape("text", {x: left + inner.width / 2, y: height - 8, "text-anchor": "middle"}, x.title),
      shape(
          "text", {
            x: 14,
            y: top + inner.height / 2,
            "text-anchor": "middle",
            transform: `rotate(-90 14 ${top + inner.height / 2})`
          },
          y.title));
  return {picture, placeX, placeY, left, top, inner};
}

const pathOf = (points, frame) =>
    points.map(([x, y], i) => `${i ? "L" : "M"}${frame.placeX(x).toFixed(1)} ${frame.placeY(y).toFixed(1)}`)
        .join("");

// How often each integer occurs. low: the integer that counts[0] is of.
function histogram({low, counts, log, width}) {
  const height = 260, most = counts.reduce((a, b) => Math.max(a, b), 1);
  const y = log ? {title: "how often", low: -0.3, high: Math.log10(most) + 0.1, log: true} :
                  {title: "how often", low: 0, high: most * 1.05};
  const frame = plot({
    width,
    height,
    y,
    x: {
      title: "integer",
      low: low - 0.7,
      high: low + counts.length - 0.3,
      ticks: ticksOf(low - 0.7, low + counts.length - 0.3, width / 70).filter(Number.isInteger)
    },
    label: `Histogram of ${count(counts.reduce((a, b) => a + b, 0))} integers from ${low} to ${
        low + counts.length - 1}`
  });
  const step = frame.inner.width / (counts.length + 0.4), floor = frame.top + frame.inner.height;
  counts.forEach((times, i) => {
    if (times === 0) return;
    const top = frame.placeY(log ? Math.log10(times) : times);
    frame.picture.append(shape(
        "rect", {
          class: "bar",
          x: (frame.placeX(low + i) - step * 0.45).toFixed(2),
          y: top.toFixed(2),
          width: Math.max(0.6, step * 0.9).toFixed(2),
          height: Math.max(0, floor - top).toFixed(2)
        },
        shape("title", {}, `${integer(low + i)}: ${count(times)} times`)));
  });
  return frame.picture;
}

// Entropy of order 0 against what was spent, in bits a weight; on the line both are the same.
function entropyPlot({points, width, pressed}) {
  const height = Math.min(420, Math.max(300, width * 0.5));
  const [low, high] = rangeOf(points.flatMap((point) => [point.entropy, point.spent]).concat([0]));
  const axis = {low: Math.max(0, low), high};
  const frame = plot({
    width,
    height,
    x: {...axis, title: "order-0 entropy, bits a weight"},
    y: {...axis, title: "spent, bits a weight"},
    label: "Order-0 entropy against bits spent, one circle a tensor; the table has the figures"
  });
  frame.picture.append(
      shape("path", {class: "even", d: pathOf([[axis.low, axis.low], [axis.high, axis.high]], frame)}));
  const most = Math.max(...points.map((point) => point.row.bytes), 1);
  for (const point of [...points].sort((a, b) => b.row.bytes - a.row.bytes)) {
    const dot = shape(
        "circle", {
          class: "dot",
          cx: frame.placeX(point.entropy).toFixed(1),
          cy: frame.placeY(point.spent).toFixed(1),
          r: (3 + 12 * Math.sqrt(point.row.bytes / most)).toFixed(1),
          onclick: () => pressed(point.row)
        },
        shape(
            "title", {},
            `${shown(point.row.name)}: entropy ${fixed(point.entropy, 3)}, spent ${
                fixed(point.spent, 3)} bits/weight`));
    dot.style.fill = groupColor(point.row);
    frame.picture.append(dot);
  }
  return frame.picture;
}
