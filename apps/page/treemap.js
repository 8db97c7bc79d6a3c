// A treemap: a box a group, a rectangle a tensor, areas in proportion to bytes.

// Bruls, Huizing, van Wijk, "Squarified Treemaps" (2000), as draw/squarify.cpp: one rectangle a weight.
function squarify(weights, box) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const places = weights.map(() => ({x: box.x, y: box.y, width: 0, height: 0}));
  if (total <= 0 || box.width <= 0 || box.height <= 0) return places;
  const areas = weights.map((weight) => (weight / total) * box.width * box.height);
  const order = areas.map((_, i) => i).sort((a, b) => areas[b] - areas[a] || a - b);
  const worst = (least, most, sum, side) =>
      Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least));
  let rest = {...box};
  for (let first = 0; first < order.length;) {
    const side = Math.min(rest.width, rest.height);
    if (side <= 0) break;
    const most = areas[order[first]];
    let sum = most, last = first + 1;
    while (last < order.length) {
      const next = areas[order[last]];
      if (worst(next, most, sum + next, side) > worst(areas[order[last - 1]], most, sum, side)) break;
      sum += next;
      ++last;
    }
    const upright = rest.width >= rest.height, thickness = sum / side;
    let offset = 0;
    for (let i = first; i < last; ++i) {
      const length = areas[order[i]] / thickness;
      places[order[i]] = upright ? {x: rest.x, y: rest.y + offset, width: thickness, height: length} :
                                   {x: rest.x + offset, y: rest.y, width: length, height: thickness};
      offset += length;
    }
    rest = upright ? {...rest, x: rest.x + thickness, width: Math.max(0, rest.width - thickness)} :
                     {...rest, y: rest.y + thickness, height: Math.max(0, rest.height - thickness)};
    first = last;
  }
  return places;
}

const LETTER = 0.58;  // width of a letter in font sizes
const TITLE = 20;

// "3.attn.c_q", "3 c_q": with the layer, which is the first part of the name that is a number.
function cellName(name, size, width, inLayer) {
  const fits = (text) => text.length * size * LETTER <= width;
  const parts = shown(name).replace(/\.weight$/, "").split(".");
  const layer = parts.findIndex((part, place) => place + 1 < parts.length && /^[0-9]+$/.test(part));
  const whole = parts.slice(Math.max(layer, 0)).join("."), last = parts[parts.length - 1];
  const forms = [whole];
  if (layer >= 0) forms.push(`${parts[layer]} ${last}`);
  if (layer < 0 || inLayer) forms.push(last);
  return forms.find(fits) ?? "";
}

function boxName(row, by) {
  if (by === "none") return "";
  if (row.overhead) return row.name;
  if (by === "layer") return row.layer === null ? "outside the blocks" : `layer ${row.layer}`;
  return by === "scheme" ? row.schemes.join(", ") : row.group;
}

const groupColor = (row) => `var(--group-${row.overhead ? "overhead" : row.group}, var(--group-other))`;

function tensorSentence(row, fileBytes) {
  const about = row.attribution === "apportioned" ? "about " : "";
  const bits = isNumber(row.bits_per_weight) ?
      `, ${row.schemes.join(", ")}, ${count(row.elements)} weights, ${
          fixed(row.bits_per_weight, 2)} bits/weight` :
      "";
  return `${shown(row.name)}: ${about}${count(row.bytes)} bytes, ${share(row.bytes, fileBytes)}${bits}`;
}

// rows: of golf.inspect/1 by tensor. One rectangle is in the order of Tab; the arrow keys go on from there.
function treemap({rows, fileBytes, pressed}) {
  const cells = rows.filter((row) => row.bytes > 0);
  const details = element(
      "p", {class: "details", "aria-live": "polite"},
      "Point at a rectangle, or press Tab and the arrow keys.");
  let by = "group", current = 0;

  function cell(row, place, at) {
    const group = shape("g", {
      class: "cell",
      role: "img",
      tabindex: at === current ? "0" : "-1",
      "data-tensor": at,
      "aria-label": tensorSentence(row, fileBytes)
    });
    const rect = shape("rect", {
      x: place.x.toFixed(2),
      y: place.y.toFixed(2),
      width: place.width.toFixed(2),
      height: place.height.toFixed(2)
    });
    rect.style.fill = groupColor(row);
    group.append(rect);
    const name = place.height >= 17 ? cellName(row.name, 12, place.width - 10, by === "layer") : "";
    if (name) group.append(shape("text", {x: place.x + 5, y: place.y + 15}, name));
    if (name && place.height >= 34 && count(row.bytes).length * 11 * LETTER <= place.width - 10) {
      group.append(shape("text", {x: place.x + 5, y: place.y + 30, class: "small"}, count(row.bytes)));
    }
    const tell = () => (details.textContent = tensorSentence(row, fileBytes));
    group.addEventListener("pointerenter", tell);
    group.addEventListener("focus", () => {
      group.ownerSVGElement.querySelector(`[data-tensor="${current}"]`).setAttribute("tabindex", "-1");
      group.setAttribute("tabindex", "0");
      current = at;
      tell();
    });
    group.addEventListener("click", () => pressed(row));
    return group;
  }

  function draw(width) {
    const height = Math.round(Math.min(640, Math.max(360, width * 0.56)));
    const boxes = new Map();
    cells.forEach((row, at) => {
      const name = boxName(row, by);
      if (!boxes.has(name)) boxes.set(name, []);
      boxes.get(name).push(at);
    });
    const bytesOf = (list) => list.reduce((sum, at) => sum + cells[at].bytes, 0);
    const sorted = [...boxes].sort(([, a], [, b]) => bytesOf(b) - bytesOf(a));
    const places = squarify(sorted.map(([, list]) => bytesOf(list)), {x: 0, y: 0, width, height});
    const picture = shape("svg", {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "group",
      "aria-label": "Treemap of the bytes. Arrow keys go from tensor to tensor, Enter shows its integers."
    });
    const order = [];
    sorted.forEach(([name, list], i) => {
      const inner = {
        x: places[i].x + 1,
        y: places[i].y + 1,
        width: Math.max(0, places[i].width - 2),
        height: Math.max(0, places[i].height - 2)
      };
      const full = `${shown(name)}  ${count(bytesOf(list))}, ${share(bytesOf(list), fileBytes)}`;
      const wide = (text) => text.length * 13 * LETTER <= inner.width;
      if (name && inner.height > 3 * TITLE && wide(shown(name))) {
        picture.append(shape(
            "text", {x: inner.x + 3, y: inner.y + 14, class: "title"}, wide(full) ? full : shown(name)));
        inner.y += TITLE;
        inner.height -= TITLE;
      }
      list.sort((a, b) => cells[b].bytes - cells[a].bytes);
      squarify(list.map((at) => cells[at].bytes), inner).forEach((place, j) => {
        picture.append(cell(cells[list[j]], place, list[j]));
        order.push(list[j]);
      });
    });
    picture.addEventListener("keydown", (event) => {
      const from = order.indexOf(current);
      const steps = {
        ArrowRight: from + 1,
        ArrowDown: from + 1,
        ArrowLeft: from - 1,
        ArrowUp: from - 1,
        Home: 0,
        End: order.length - 1
      };
      if (event.key === "Enter" || event.key === " ")
        pressed(cells[current]);
      else if (!(event.key in steps))
        return;
      event.preventDefault();
      if (!(event.key in steps)) return;
      const to = order[Math.min(order.length - 1, Math.max(0, steps[event.key]))];
      picture.querySelector(`[data-tensor="${to}"]`).focus();
    });
    return picture;
  }

  const box = responsive("treemap", draw);
  const control = select(
      "boxes by", [["group", "group"], ["layer", "layer"], ["scheme", "scheme"], ["none", "nothing"]], by,
      (value) => {
        by = value;
        box.redraw();
      });
  const legend = element("p", {class: "legend"});
  const groups = new Map();
  for (const row of cells) {
    const name = row.overhead ? row.name : row.group;
    groups.set(name, {row, bytes: (groups.get(name)?.bytes ?? 0) + row.bytes});
  }
  for (const [name, {row, bytes}] of [...groups].sort(([, a], [, b]) => b.bytes - a.bytes)) {
    const chip = element("i", {class: "chip", "aria-hidden": "true"});
    chip.style.background = groupColor(row);
    legend.append(element("span", {}, chip, `${shown(name)} ${share(bytes, fileBytes)}`), " ");
  }
  return [control, box, details, legend];
}
