//! Powers and logarithms of our own making.

use engine::indicators::{Bars, Field, Graph, compute, parse_asks};

fn made(name: &str, values: Vec<f64>) -> Vec<f64> {
    let asks = parse_asks(name, &|_| false).expect("a request");
    let (graph, rows) = (Graph::new(&asks), values.len());
    let bars = Bars { rows, fields: vec![(Field::Close, values.into())], columns: Vec::new() };
    compute(&graph, &bars).columns[0].values.to_vec()
}

/// How many numbers lie between two.
fn apart(a: f64, b: f64) -> u64 {
    if a == b { 0 } else { a.to_bits().abs_diff(b.to_bits()) }
}

#[test]
fn exact_figures() {
    let lines = include_str!("../../golden/maths.jsonl").lines();
    let lines: Vec<serde_json::Value> =
        lines.map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    for name in ["exp", "ln", "log10"] {
        let of: Vec<_> = lines.iter().filter(|line| line["of"] == name).collect();
        assert!(of.len() > 300, "{name}");
        let column = |key: &str| {
            of.iter().map(|line| f64::from_bits(line[key].as_u64().expect("bits"))).collect::<Vec<_>>()
        };
        let (x, exact) = (column("x"), column("y"));
        for ((x, made), exact) in x.iter().zip(made(name, x.clone())).zip(exact) {
            assert!(apart(made, exact) <= 1, "{name}({x:e}) is {exact:e}, not {made:e}");
        }
    }
}

/// The C library's are right to the last bit or the one before it.
#[test]
fn beside_the_library() {
    let all: Vec<f64> = (1..200_000).map(|n| f64::from(n) * 0.003_7).collect();
    for (name, library) in [("ln", f64::ln as fn(f64) -> f64), ("log10", f64::log10)] {
        for (x, made) in all.iter().zip(made(name, all.clone())) {
            assert!(apart(made, library(*x)) <= 2, "{name}({x}): {made:e}, {:e}", library(*x));
        }
    }
    let both: Vec<f64> = all.iter().flat_map(|x| [*x, -x]).collect();
    let powers =
        [("exp", f64::exp as fn(f64) -> f64), ("cosh", f64::cosh), ("sinh", f64::sinh), ("tanh", f64::tanh)];
    let angles =
        [("sin", f64::sin as fn(f64) -> f64), ("cos", f64::cos), ("tan", f64::tan), ("atan", f64::atan)];
    for (name, library) in powers.into_iter().chain(angles) {
        for (x, made) in both.iter().zip(made(name, both.clone())) {
            assert!(apart(made, library(*x)) <= 3, "{name}({x}): {made:e}, {:e}", library(*x));
        }
    }
}

/// Near whole quarters of a turn, near nothing, and further away than is reckoned here.
#[test]
fn angles() {
    let quarters = (0..700_000).step_by(97).map(|n| f64::from(n) * std::f64::consts::FRAC_PI_2);
    let mut all: Vec<f64> = quarters.flat_map(|x| [x, -x, x.next_up(), x * (1.0 + 1e-12)]).collect();
    all.extend([0.0, 5e-324, 1e-300, 1e-9, -1e-9, 999_999.9, 1e6, -1e15, 1e22, 1e300, f64::MAX]);
    all.extend((-60..60).flat_map(|n| [2.0_f64.powi(n), -1.1 * 2.0_f64.powi(n)]));
    for (name, library) in
        [("sin", f64::sin as fn(f64) -> f64), ("cos", f64::cos), ("tan", f64::tan), ("atan", f64::atan)]
    {
        for (x, made) in all.iter().zip(made(name, all.clone())) {
            assert!(apart(made, library(*x)) <= 2, "{name}({x:e}): {made:e}, {:e}", library(*x));
        }
    }
}

#[test]
fn borders() {
    let ends = vec![1.0, 0.0, -1.0, 0.25];
    for name in ["ln", "log10"] {
        let made = made(name, ends.clone());
        assert_eq!((made[0], made[1]), (0.0, f64::NEG_INFINITY), "{name}");
        assert!(made[2].is_nan() && made[3] < 0.0, "{name}");
    }
    let tens: Vec<f64> = (0..=22).map(|n| 10.0_f64.powi(n)).collect();
    assert_eq!(made("log10", tens), (0..=22).map(f64::from).collect::<Vec<_>>());
    assert_eq!(
        made("exp", vec![0.0, 710.0, 1e300, -746.0, -1e300]),
        [1.0, f64::INFINITY, f64::INFINITY, 0.0, 0.0]
    );
    let arcs = made("acos", vec![2.0, -1.0, 1.0, -2.0]);
    assert!(arcs[0].is_nan() && arcs[3].is_nan());
    assert_eq!(arcs[1..3], [std::f64::consts::PI, 0.0]);
    assert_eq!(made("tanh", vec![19.9, 20.0, -20.0, 1e300]), [19.9_f64.tanh(), 1.0, -1.0, 1.0]);
    assert_eq!(made("cosh", vec![0.0, -720.0, 1e300]), [1.0, f64::INFINITY, f64::INFINITY]);
}
