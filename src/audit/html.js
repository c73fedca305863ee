// Draws the two pictures from AUDIT, which the program wrote above.
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
// Above so many years of months the rows are years at first.
const YEARS_AS_MONTHS = 2;
const chosen = document.getElementById("symbol");
const rows = document.getElementById("rows");

// Months lie below each other, so every month is 31 days wide and a day that does not exist stays blank.
function calendar(symbol, byYear) {
  const width = byYear ? 12 * 31 : 31;
  const at = new Map(), labels = [], z = [], text = [];
  for (let i = 0; i < symbol.states.length; i++) {
    const day = symbol.first + i, date = new Date(day * 86400000);
    const year = date.getUTCFullYear(), month = date.getUTCMonth();
    const label = byYear ? String(year) : year + "-" + String(month + 1).padStart(2, "0");
    if (!at.has(label)) {
      at.set(label, labels.length);
      labels.push(label);
      z.push(new Array(width).fill(null));
      text.push(new Array(width).fill(""));
    }
    const row = at.get(label), column = date.getUTCDate() - 1 + (byYear ? 31 * month : 0);
    const state = symbol.states.charCodeAt(i) - 48;
    const bars = 64 * LETTERS.indexOf(symbol.bars[2 * i]) + LETTERS.indexOf(symbol.bars[2 * i + 1]);
    const note = symbol.notes[day] ? "<br>" + symbol.notes[day] : "";
    z[row][column] = state;
    text[row][column] = WEEKDAYS[date.getUTCDay()] + " " + date.toISOString().slice(0, 10) + "<br>" +
      AUDIT.states[state] + ", " + bars + " bars" + note;
  }
  return { width, labels, z, text };
}

function theme(layout) {
  const style = getComputedStyle(document.documentElement);
  layout.font = { color: style.getPropertyValue("--ink").trim(), family: "system-ui, sans-serif", size: 12 };
  layout.hoverlabel = { align: "left" };
  return layout;
}

function drawCalendar() {
  const symbol = AUDIT.symbols[chosen.value], byYear = rows.value === "year";
  if (!symbol) return;
  const { width, labels, z, text } = calendar(symbol, byYear);
  const figure = structuredClone(AUDIT.calendar), trace = figure.data[0], { xaxis, yaxis } = figure.layout;
  const count = n => Array.from({ length: n }, (_, i) => i);
  Object.assign(trace, { x: count(width), y: count(labels.length), z, text });
  // At three pixels a day a blank between the days would be a third of the picture.
  if (byYear) trace.xgap = 0;
  xaxis.range = [-0.5, width - 0.5];
  xaxis.tickvals = byYear ? MONTHS.map((_, month) => 31 * month + 15) : count(31);
  xaxis.ticktext = byYear ? MONTHS : count(31).map(day => String(day + 1));
  yaxis.tickvals = count(labels.length);
  yaxis.ticktext = labels;
  yaxis.range = [labels.length - 0.5, -0.5];
  // Months are told apart by a line, as the days themselves touch.
  const line = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  if (byYear) {
    figure.layout.shapes = count(11).map(month => ({
      type: "line", x0: 31 * (month + 1) - 0.5, x1: 31 * (month + 1) - 0.5, y0: 0, y1: 1, yref: "paper",
      line: { width: 2, color: line },
    }));
  }
  figure.layout.height = 20 * labels.length + 80;
  Plotly.react("calendar", figure.data, theme(figure.layout), figure.config);
}

function drawOverview() {
  if (!AUDIT.overview) return;
  const { data, layout, config } = structuredClone(AUDIT.overview);
  Plotly.react("overview", data, theme(layout), config);
}

function draw() {
  drawOverview();
  drawCalendar();
}

AUDIT.symbols.forEach((symbol, place) => {
  if (symbol.states.length > 0) chosen.add(new Option(symbol.name, place));
});
function usualRows() {
  const symbol = AUDIT.symbols[chosen.value];
  rows.value = symbol && symbol.states.length > 366 * YEARS_AS_MONTHS ? "year" : "month";
}
chosen.addEventListener("change", () => { usualRows(); drawCalendar(); });
rows.addEventListener("change", drawCalendar);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
usualRows();
draw();
if (AUDIT.overview) {
  document.getElementById("overview").on("plotly_click", event => {
    chosen.value = event.points[0].y;
    usualRows();
    drawCalendar();
    document.getElementById("calendar").scrollIntoView({ behavior: "smooth", block: "center" });
  });
}
