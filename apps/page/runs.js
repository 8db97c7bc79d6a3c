// Curves of training runs (golf.runs/1): validation as dots, training smoothed over its faint self.

// The mean over the points around each; near the start, where losses fall steeply, over few.
function smoothed(points, over) {
  const half = Math.floor(over / 2), sums = [0];
  for (const [, y] of points) sums.push(sums[sums.length - 1] + y);
  return points.map(([x], i) => {
    const before = Math.min(half, Math.floor(i / 4)), first = i - before, end = Math.min(points.length, i + before + 1);
    return [x, (sums[end] - sums[first]) / (end - first)];
  });
}

function timeUnit(longest) {
  if (longest >= 3 * 3600e3) return [3600e3, "training time, hours"];
  return longest >= 3 * 60e3 ? [60e3, "training time, minutes"] : [1e3, "training time, seconds"];
}

function seriesOf(runs, {unit, axis}) {
  const longest = Math.max(0, ...runs.map((run) => run.train_ms));
  const [divisor, title] =
      axis === "time" ? timeUnit(longest) : [1, axis === "tokens" ? "training tokens" : "step"];
  const x = (point) => (axis === "time"       ? point.train_ms :
                            axis === "tokens" ? point.tokens :
                                                point.step) /
      divisor;
  return {
    title,
    series: runs.map((run, i) => {
      const last = run.validations[run.validations.length - 1];
      const factor = unit === "bpb" ? (last ? last.val_bpb / last.val_loss : NaN) : 1;
      return {
        name: run.label,
        color: `var(--series-${i % 7})`,
        line: run.train_loss.map((point) => [x(point), factor * point.train_loss]),
        dots: run.validations.map((point) => [x(point), factor * point.val_loss, point])
      };
    })
  };
}

function lossPlot(runs, options, width) {
  const {title, series} = seriesOf(runs, options);
  const lift =
      ([x, y, ...more]) => [options.logX ? Math.log10(x) : x, options.logY ? Math.log10(y) : y, ...more];
  const lifted = (points) => points.map(lift).filter(([x, y]) => isNumber(x) && isNumber(y));
  for (const one of series) {
    one.smooth = lifted(smoothed(one.line, options.smooth));
    one.line = lifted(one.line);
    one.dots = lifted(one.dots);
  }
  const [lowX, highX] = rangeOf(series.flatMap((one) => one.line.concat(one.dots)).map(([x]) => x));
  const [lowY, highY] = rangeOf(series.flatMap((one) => one.line.concat(one.dots)).map(([, y]) => y));
  const frame = plot({
    width,
    height: Math.min(520, Math.max(300, width * 0.5)),
    label: "Losses of the runs; the table has the figures",
    x: {low: lowX, high: highX, log: options.logX, title},
    y: {
      low: lowY,
      high: highY,
      log: options.logY,
      title: options.unit === "bpb" ? "bits per byte" : "nats a token"
    }
  });
  for (const one of series) {
    const group = shape("g", {class: "series"}, shape("title", {}, shown(one.name)));
    group.style.color = one.color;
    if (options.smooth > 1) group.append(shape("path", {class: "raw", d: pathOf(one.line, frame)}));
    group.append(shape("path", {class: "line", d: pathOf(one.smooth, frame)}));
    for (const [x, y, point] of one.dots) {
      group.append(shape(
          "circle", {class: "ring", cx: frame.placeX(x).toFixed(1), cy: frame.placeY(y).toFixed(1), r: 4.5},
          shape(
              "title", {},
              `${shown(one.name)}, step ${count(point.step)}: val_loss ${fixed(point.val_loss, 4)}, val_bpb ${
                  fixed(point.val_bpb, 4)}`)));
    }
    frame.picture.append(group);
  }
  return frame.picture;
}

function runTable(runs) {
  const last = (run) => run.validations[run.validations.length - 1];
  const packed = (run) => run.submission?.val_bpb ?? null;
  const number = (key, title, value, text) =>
      ({key, title, number: true, value, text: text ?? ((run) => count(value(run)))});
  const columns = [
    {key: "run", title: "run", text: (run) => run.label},
    number("parameters", "parameters", (run) => run.parameters),
    number(
        "steps", "steps", (run) => run.steps,
        (run) => count(run.steps) + (run.planned_steps ? ` of ${count(run.planned_steps)}` : "")),
    number("tokens", "tokens", (run) => run.tokens),
    number("minutes", "minutes", (run) => run.train_ms, (run) => fixed(run.train_ms / 60e3, 1)),
    number("val_loss", "val_loss", (run) => last(run)?.val_loss, (run) => fixed(last(run)?.val_loss, 4)),
    number("val_bpb", "val_bpb", (run) => last(run)?.val_bpb, (run) => fixed(last(run)?.val_bpb, 4)),
    number("packed", "packed", packed, (run) => fixed(packed(run), 4)),
    number("bytes", "bytes", (run) => run.submission?.bytes_total ?? null),
    {key: "state", title: "state", text: (run) => (run.finished ? "finished" : "unfinished")}
  ];
  return new SortedTable({
           caption: "training runs",
           columns,
           rows: runs,
           first: "run",
           descending: false,
           label: (run) => run.label
         })
      .node;
}

function runParts({runs}) {
  const all = runs.every((run) => run.validations.length > 0);
  const points = Math.max(1, ...runs.map((run) => run.train_loss.length));
  const options =
      {unit: all ? "bpb" : "nats", axis: "steps", logX: false, logY: false, smooth: points >= 100 ? 9 : 0};
  const box = responsive("chart", (width) => lossPlot(runs, options, width));
  const change = (key) => (value) => {
    options[key] = value;
    box.redraw();
  };
  const smooth = element("input", {
    type: "range",
    min: 0,
    max: 49,
    step: 1,
    value: options.smooth,
    oninput: (event) => change("smooth")(Number(event.target.value))
  });
  const legend = element("p", {class: "legend"}, ...runs.map((run, i) => {
    const chip = element("i", {class: "chip", "aria-hidden": "true"});
    chip.style.background = `var(--series-${i % 7})`;
    return element("span", {}, chip, shown(run.label), " ");
  }));
  return [
    section("Training runs", null, runTable(runs)),
    section(
        "Losses", "Lines: training, the mean of each two-hundredth of a run. Dots: validation.",
        element(
            "div", {class: "controls"},
            all ? select(
                      "unit", [["bpb", "bits per byte"], ["nats", "nats a token"]], options.unit,
                      change("unit")) :
                  null,
            select(
                "over", [["steps", "steps"], ["tokens", "tokens"], ["time", "time"]], options.axis,
                change("axis")),
            element("label", {class: "control"}, "smoothing ", smooth),
            checkbox("log x", false, change("logX")), checkbox("log y", false, change("logY"))),
        box, legend)
  ];
}
