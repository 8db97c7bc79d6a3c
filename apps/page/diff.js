// What differs between two files.

// diff: golf.inspect-diff/1 by tensor.
function diffSection(diff) {
  const most = Math.max(1, ...diff.rows.map((row) => Math.abs(row.change_bytes)));
  const bar = (row) => {
    const piece = element("i", {class: row.change_bytes > 0 ? "grew" : "shrank"});
    piece.style.width = `${(50 * Math.abs(row.change_bytes)) / most}%`;
    return element("div", {class: "change", "aria-hidden": "true"}, piece);
  };
  const number = (key, title) =>
      ({key, title, number: true, value: (row) => row[key], text: (row) => count(row[key])});
  const columns = [
    {key: "name", title: "tensor", text: (row) => row.name}, number("before_bytes", "before"),
    number("after_bytes", "after"), {
      key: "change_bytes",
      title: "change",
      number: true,
      value: (row) => row.change_bytes,
      text: (row) => signed(row.change_bytes)
    },
    {
      key: "size",
      title: "by size",
      value: (row) => Math.abs(row.change_bytes),
      number: true,
      node: bar,
      hint: "by size of the change"
    },
    {
      key: "relative",
      title: "%",
      number: true,
      value: (row) => (row.before_bytes ? row.change_bytes / row.before_bytes : null),
      text: (row) =>
          (row.before_bytes ? (row.change_bytes > 0 ? "+" : "") + share(row.change_bytes, row.before_bytes) :
                              "new")
    }
  ];
  return section(
      "Difference",
      `${shown(diff.before)} → ${shown(diff.after)}: ${count(diff.before_bytes)} → ${
          count(diff.after_bytes)} bytes, ${signed(diff.change_bytes)}`,
      new SortedTable({
        caption: "difference by tensor",
        columns,
        rows: diff.rows,
        first: "size",
        label: (row) => row.name
      }).node);
}
