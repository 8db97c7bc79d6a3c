// The parts of the page that show a file: an element of "files" of golf.inspect/1.

// {limit_bytes, artifact_bytes, code_bytes, …}: what is used of the budget, as a bar.
function gauge(budget) {
  const whole = Math.max(budget.limit_bytes, budget.total_bytes);
  const parts = [
    ["artifact", budget.artifact_bytes], ["code", budget.code_bytes],
    ["free", Math.max(0, budget.margin_bytes)]
  ];
  const bar = element("div", {
    class: "gauge",
    role: "img",
    "aria-label": parts.map(([name, bytes]) => `${name} ${count(bytes)} bytes`).join(", ")
  });
  for (const [name, bytes] of parts) {
    const piece = element("span", {class: name, title: `${name}: ${count(bytes)} bytes`});
    piece.style.width = `${(100 * bytes) / whole}%`;
    bar.append(piece);
  }
  if (!budget.fits) {
    const limit = element("i", {class: "limit"});
    limit.style.left = `${(100 * budget.limit_bytes) / whole}%`;
    bar.append(limit);
  }
  const verdict = budget.fits ?
      element("strong", {class: "good"}, `fits, ${count(budget.margin_bytes)} bytes left`) :
      element("strong", {class: "bad"}, `over by ${count(-budget.margin_bytes)} bytes`);
  const sum = budget.code_bytes > 0 ? `artifact ${count(budget.artifact_bytes)} + code ${
                                          count(budget.code_bytes)} = ${count(budget.total_bytes)}` :
                                      count(budget.total_bytes);
  const trap = budget.over_but_under_16_mib ? " It is under 16 MiB, but the limit is decimal." : "";
  return element(
      "div", {class: "budget"}, bar,
      element(
          "p", {}, verdict,
          ` — ${sum} of ${count(budget.limit_bytes)} bytes (${
              share(budget.total_bytes, budget.limit_bytes)}).${trap}`));
}

function factsOf(file) {
  const facts = [["file", shown(file.path)], ["kind", file.kind], ["bytes", count(file.bytes)]];
  if (file.artifact) {
    for (const key of ["codec", "recipe", "ptz_layout"]) {
      if (file.artifact[key]) facts.push([key.replace("ptz_", ""), shown(file.artifact[key])]);
    }
    for (const [key, value] of Object.entries(file.artifact.provenance))
      facts.push([shown(key), shown(value)]);
  }
  for (const key
           of ["tokens", "largest_token", "pieces", "byte_pieces", "control_pieces", "user_defined_pieces",
               "sha256"]) {
    if (key in file)
      facts.push([key.replaceAll("_", " "), isNumber(file[key]) ? count(file[key]) : shown(file[key])]);
  }
  return element(
      "dl", {class: "facts"},
      ...facts.map(
          ([key, value]) =>
              element("div", {}, element("dt", {}, key), element("dd", {}, element("bdi", {}, value)))));
}

function tensorTable(file, integers, pressed) {
  const entropy = (row) => {
    const known = integers.get(row.name);
    return known && row.elements > 0 ? known.order0_bits / row.elements : null;
  };
  const number = (key, title, hint) => ({
    key,
    title,
    hint,
    number: true,
    value: (row) => row[key],
    text: (row) => (row[key] ? count(row[key]) : "")
  });
  // On a phone the first columns are those that are seen.
  const columns = [
    {key: "name", title: "tensor", text: (row) => row.name},
    {
      key: "bytes",
      title: "bytes",
      hint: "~: apportioned",
      number: true,
      value: (row) => row.bytes,
      text: (row) => (row.attribution === "apportioned" ? "~" : "") + count(row.bytes)
    },
    {
      key: "share",
      title: "share",
      number: true,
      value: (row) => row.bytes,
      text: (row) => share(row.bytes, file.bytes)
    },
    {
      key: "bits_per_weight",
      title: "bits/weight",
      number: true,
      value: (row) => row.bits_per_weight,
      text: (row) => fixed(row.bits_per_weight, 2)
    },
  ];
  if (integers.size > 0) {
    columns.push({
      key: "entropy",
      title: "order-0",
      hint: "order-0 entropy of integers and scales, bits a weight",
      number: true,
      value: entropy,
      text: (row) => fixed(entropy(row), 2)
    });
  }
  columns.push(
      {key: "group", title: "group", text: (row) => (row.overhead ? "" : row.group)},
      {key: "layer", title: "layer", number: true, value: (row) => row.layer, text: (row) => row.layer ?? ""},
      {key: "schemes", title: "scheme", text: (row) => row.schemes.join(", ")}, number("elements", "weights"),
      number("raw_bytes", "raw", "bytes before the codec"), number("payload_bytes", "payload"),
      number("scales_bytes", "scales"));
  return new SortedTable({
           caption: "tensors of " + shown(file.path),
           columns,
           rows: file.rows,
           first: "bytes",
           label: (row) => row.name,
           pressed
         })
      .node;
}

// Adds the counts of several tensors up.
function summed(list) {
  const low = Math.min(...list.map((one) => one.low));
  const high = Math.max(...list.map((one) => one.low + one.counts.length));
  const counts = new Array(high - low).fill(0);
  for (const one of list) one.counts.forEach((times, i) => (counts[one.low - low + i] += times));
  return {low, counts};
}

function integerSection(list) {
  const whole = list.filter((one) => one.counts.length > 0);
  const schemes = [...new Set(whole.map((one) => one.scheme))].sort();
  let chosen = "all", log = false;
  const about = element("p", {class: "details", "aria-live": "polite"});
  const of = () => chosen === "all" ? whole :
      chosen.startsWith("scheme ")  ? whole.filter((one) => one.scheme === chosen.slice(7)) :
                                      [whole[Number(chosen)]];
  const box = responsive("chart", (width) => {
    const {low, counts} = summed(of());
    const total = counts.reduce((a, b) => a + b, 0), at = -low;
    const zeros = at >= 0 && at < counts.length ? counts[at] : 0;
    const used = counts.filter((times) => times > 0).length;
    const bits =
        counts.reduce((sum, times) => (times > 0 ? sum - times * Math.log2(times / total) : sum), 0) / total;
    about.textContent = `${count(total)} integers, ${count(used)} different, ${integer(low)} to ${
                            integer(low + counts.length - 1)}; ` +
        `${share(zeros, total)} are 0; order-0 entropy ${fixed(bits, 3)} bits`;
    return histogram({low, counts, log, width});
  });
  const choices = [
    ["all", "all tensors"], ...schemes.map((name) => ["scheme " + name, "all " + name]),
    ...whole.map((one, i) => [String(i), shortened(one.name, 48)])
  ];
  const choose = (value) => {
    chosen = value;
    box.redraw();
  };
  const control = select("integers of", choices, chosen, choose);
  const node = section(
      "Integers", null, element("div", {class: "controls"}, control, checkbox("logarithmic", log, (on) => {
                                  log = on;
                                  box.redraw();
                                })), box, about);
  // What the treemap and the table call: shows one tensor's integers, where it has some.
  const show = (name) => {
    const place = whole.findIndex((one) => one.name === name);
    if (place < 0) {
      about.textContent = `${shown(name)} has no integers`;
      return;
    }
    control.querySelector("select").value = String(place);
    choose(String(place));
    node.scrollIntoView({block: "nearest", behavior: "smooth"});
  };
  return {node, show};
}

function entropySection(file, integers, pressed) {
  const points = file.rows.filter((row) => row.elements > 0 && row.bytes > 0 && integers.has(row.name))
                     .map((row) => ({
                            row,
                            entropy: integers.get(row.name).order0_bits / row.elements,
                            spent: row.bits_per_weight
                          }));
  if (points.length === 0) return null;
  const guessed = points.some((point) => point.row.attribution === "apportioned") ?
      " The bytes of this file's tensors are apportioned, so the heights are, too." :
      "";
  return section(
      "Entropy against bytes spent",
      "One circle a tensor, its area by bytes. Below the line the codec needs less than the order-0 entropy." +
          guessed,
      responsive("chart", (width) => entropyPlot({points, width, pressed})));
}

function fileParts(file, several) {
  const parts = [];
  const title = several ? shown(file.path) : "File";
  parts.push(section(
      title, null, file.budget ? gauge(file.budget) : null, factsOf(file),
      ...file.warnings.map((text) => element("p", {class: "warning"}, shown(text))),
      file.model_spec ? element(
                            "details", {}, element("summary", {}, "model configuration"),
                            element("pre", {}, JSON.stringify(file.model_spec, null, 1))) :
                        null));
  if (file.model_spec === undefined) return parts;  // neither artifact nor checkpoint
  const integers = new Map((file.integers ?? []).map((one) => [one.name, one]));
  const histograms =
      (file.integers ?? []).some((one) => one.counts.length > 0) ? integerSection(file.integers) : null;
  const pressed = (row) => histograms?.show(row.name);
  parts.push(
      section("Where the bytes are", null, ...treemap({rows: file.rows, fileBytes: file.bytes, pressed})));
  parts.push(section("Tensors", null, tensorTable(file, integers, pressed)));
  if (histograms) parts.push(histograms.node);
  parts.push(entropySection(file, integers, pressed));
  return parts;
}
