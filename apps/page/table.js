// Tables that sort by a press on a heading, and leave out rows that a filter does not match.

const MOST_ROWS = 300;  // shown at once

// columns: {key, title, text(row), value(row), number, hint, node(row)}. `value` is what a column sorts by,
// `node` replaces the text. `first` is the key that it is sorted by at first.
class SortedTable {
  constructor({caption, columns, rows, first, descending = true, label, pressed}) {
    Object.assign(this, {columns, rows, label, pressed});
    this.key = first;
    this.descending = descending;
    this.all = false;
    this.pattern = "";
    this.body = element("tbody");
    this.headings = columns.map((column) => this.heading(column));
    this.more = element("button", {type: "button", class: "more", onclick: () => this.showAll()});
    this.status = element("p", {class: "note", "aria-live": "polite"});
    const table = element(
        "table", {}, element("caption", {class: "hidden"}, caption),
        element("thead", {}, element("tr", {}, ...this.headings)), this.body);
    const scroller =
        element("div", {class: "scroller", tabindex: "0", role: "region", "aria-label": caption}, table);
    const filter = element("input", {
      type: "search",
      placeholder: "filter by name",
      "aria-label": "filter " + caption,
      oninput: (event) => this.filter(event.target.value)
    });
    this.node =
        element("div", {class: "table"}, rows.length > 8 ? filter : null, scroller, this.more, this.status);
    this.render();
  }

  heading(column) {
    const button = element(
        "button", {type: "button", title: column.hint, onclick: () => this.sort(column.key)}, column.title,
        element("span", {class: "arrow", "aria-hidden": "true"}));
    return element(
        "th", {scope: "col", class: column.number ? "number" : null, "data-key": column.key}, button);
  }

  // Numbers begin with the largest, names with the first. A second press turns the order round.
  sort(key) {
    const column = this.columns.find((other) => other.key === key);
    this.descending = this.key === key ? !this.descending : Boolean(column.number);
    this.key = key;
    this.render();
  }

  filter(text) {
    this.pattern = text.toLowerCase();
    this.render();
  }

  showAll() {
    this.all = true;
    this.render();
  }

  sorted() {
    const column = this.columns.find((other) => other.key === this.key);
    const rows = this.rows.filter((row) => shown(this.label(row)).toLowerCase().includes(this.pattern));
    const sign = this.descending ? -1 : 1;
    const value = column.value ?? column.text;
    // Missing values stand last in either order.
    const missing = (item) => item === null || item === undefined || item === "";
    return rows.map((row) => [value(row), row])
        .sort(([a], [b]) => {
          if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
          if (typeof a === "number" && typeof b === "number") return sign * (a - b);
          return sign * (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
        })
        .map(([, row]) => row);
  }

  render() {
    const rows = this.sorted();
    const visible = this.all ? rows : rows.slice(0, MOST_ROWS);
    this.body.replaceChildren(...visible.map((row) => this.line(row)));
    for (const heading of this.headings) {
      const current = heading.dataset.key === this.key;
      heading.setAttribute("aria-sort", current ? (this.descending ? "descending" : "ascending") : "none");
      heading.querySelector(".arrow").textContent = current ? (this.descending ? " ▼" : " ▲") : "";
    }
    this.more.hidden = visible.length === rows.length;
    this.more.textContent = `show all ${count(rows.length)} rows`;
    this.status.textContent = this.pattern ? `${count(rows.length)} of ${count(this.rows.length)} rows` : "";
    this.status.hidden = !this.pattern;
  }

  line(row) {
    const cells = this.columns.map((column, place) => {
      const content = column.node ? column.node(row) : shown(column.text(row) ?? "");
      if (place > 0) return element("td", {class: column.number ? "number" : null}, content);
      const name = this.pressed ?
          element("button", {type: "button", class: "name", onclick: () => this.pressed(row)}, content) :
          content;
      return element("th", {scope: "row"}, element("bdi", {}, name));
    });
    return element("tr", {}, ...cells);
  }
}
