//! The pictures of the report as figures of plotly. Nothing else knows plotly: what is drawn comes in as plain numbers.

use plotly::common::{ColorBar, ColorScale, ColorScaleElement, HoverInfo, ThicknessMode, Visible};
use plotly::configuration::DisplayModeBar;
use plotly::layout::{Axis, Margin};
use plotly::{Configuration, HeatMap, Layout, Plot};
use serde_json::Value;

use super::picture::{COLOURS, Overview};

/// Shares of sound days and their colours: whatever is not all of them stands out.
const SOUND: [(f64, &str); 5] =
    [(0.0, "#8c2d04"), (0.6, "#d55e00"), (0.95, "#e69f00"), (0.999, "#f0e442"), (1.0, "#009e73")];

/// Height of a row, in pixels, and what the axes need.
const ROW_PIXELS: usize = 20;
const FRAME_PIXELS: usize = 90;

/// Above so many months blanks between them would be most of the picture.
const GAPS_MONTHS_MAX: usize = 60;

/// The script that draws, as an element of the page: plotly.js itself, which the crate carries.
pub fn library() -> String {
    // Of the scripts the crate carries only the first is needed; the other draws formulas.
    let sources = Plot::offline_js_sources();
    let (library, _) = sources.split_once("</script>").unwrap_or((&sources, ""));
    format!("{library}</script>\n")
}

/// Symbols by month.
pub fn overview(picture: &Overview) -> Value {
    let places = |count: usize| (0..count).map(|place| place as f64).collect::<Vec<_>>();
    let colours = SOUND.map(|(at, colour)| ColorScaleElement(at, colour.to_owned()));
    let rows = picture.names.len();
    let bar = ColorBar::new().tick_suffix(" %").outline_width(0);
    let trace = HeatMap::new(places(picture.months), places(rows), picture.sound.clone())
        .text_matrix(picture.told.clone())
        .hover_info(HoverInfo::Text)
        .color_scale(ColorScale::Vector(colours.to_vec()))
        .zmin(0.0)
        .zmax(100.0)
        .x_gap(if picture.months > GAPS_MONTHS_MAX { 0.0 } else { 1.0 })
        .y_gap(1.0)
        .color_bar(bar.thickness_mode(ThicknessMode::Pixels).thickness(12));
    let (at, labels) = picture.ticks.iter().map(|(place, label)| (*place as f64, label.clone())).unzip();
    // The first row stands at the top.
    let upside_down = vec![rows as f64 - 0.5, -0.5];
    let names = axis().tick_values(places(rows)).tick_text(picture.names.clone()).range(upside_down);
    let months = axis().tick_values(at).tick_text(labels);
    figure(trace, layout(rows).x_axis(months).y_axis(names))
}

/// The calendar without its days: the page fills in those of the symbol that was chosen, from [`packed`](super::picture::packed).
pub fn calendar() -> Value {
    let states = COLOURS.len() as f64;
    let band = |(place, colour): (usize, &&str)| {
        let element = |at: usize| ColorScaleElement(at as f64 / states, (*colour).to_owned());
        [element(place), element(place + 1)]
    };
    let colours = COLOURS.iter().enumerate().flat_map(band).collect();
    let trace = HeatMap::<f64, f64, Vec<f64>>::new(Vec::new(), Vec::new(), Vec::new())
        .hover_info(HoverInfo::Text)
        .color_scale(ColorScale::Vector(colours))
        .zmin(-0.5)
        .zmax(states - 0.5)
        .x_gap(1.0)
        .y_gap(1.0)
        .show_scale(false)
        .visible(Visible::True);
    figure(trace, layout(1).x_axis(axis()).y_axis(axis()))
}

fn figure<T: plotly::Trace + 'static>(trace: Box<T>, layout: Layout) -> Value {
    let mut plot = Plot::new();
    plot.add_trace(trace);
    plot.set_layout(layout);
    plot.set_configuration(
        Configuration::new().responsive(true).display_logo(false).display_mode_bar(DisplayModeBar::False),
    );
    serde_json::to_value(&plot).expect("a figure is numbers and texts")
}

fn layout(rows: usize) -> Layout {
    Layout::new()
        .height(rows * ROW_PIXELS + FRAME_PIXELS)
        .margin(Margin::new().left(130).right(10).top(10).bottom(50))
        .paper_background_color("rgba(0,0,0,0)")
        .plot_background_color("rgba(0,0,0,0)")
}

/// An axis without lines: the cells are the picture.
fn axis() -> Axis {
    Axis::new().show_grid(false).zero_line(false).show_line(false).fixed_range(true)
}
