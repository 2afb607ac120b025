//! A cost that is part linear and part quadratic in the size of a load.

/// `seconds = linear * n + quadratic * n^2`, with neither part below 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quadratic {
    /// Seconds for each unit of size.
    pub linear: f64,
    /// Seconds for each unit of size squared.
    pub quadratic: f64,
    /// Largest distance of a point from the curve, as a share of the point.
    pub worst: f64,
}

/// Fits sizes (above 0) and seconds (above 0) by least squares of the relative errors, so that
/// small sizes count as much as large ones:
/// min over a, b >= 0 of the sum of (a n / y + b n^2 / y - 1)^2.
///
/// With two unknowns the bounded optimum is the free one where both parts come out above 0, else
/// the better of the two with one part alone (Lawson and Hanson, "Solving Least Squares
/// Problems", 1974, chapter 23). Fewer than three different sizes: none, as two parts fit any two
/// points.
#[must_use]
pub fn quadratic(points: &[(f64, f64)]) -> Option<Quadratic> {
    let mut sizes: Vec<f64> = points.iter().map(|(n, _)| *n).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let usable = points.iter().all(|(n, y)| *n > 0.0 && *y > 0.0);
    if sizes.len() < 3 || !usable {
        return None;
    }
    let rows: Vec<(f64, f64)> = points.iter().map(|(n, y)| (n / y, n * n / y)).collect();
    let sum = |of: fn(&(f64, f64)) -> f64| rows.iter().map(of).sum::<f64>();
    let (uu, uv, vv) = (sum(|r| r.0 * r.0), sum(|r| r.0 * r.1), sum(|r| r.1 * r.1));
    let (u, v) = (sum(|r| r.0), sum(|r| r.1));
    let determinant = uu * vv - uv * uv;
    let free = (
        (u * vv - v * uv) / determinant,
        (v * uu - u * uv) / determinant,
    );
    let error = |(a, b): (f64, f64)| {
        rows.iter()
            .map(|(u, v)| (a * u + b * v - 1.0).powi(2))
            .sum::<f64>()
    };
    let (linear, quadratic) = if free.0 >= 0.0 && free.1 >= 0.0 {
        free
    } else {
        let (alone, squared) = ((u / uu, 0.0), (0.0, v / vv));
        if error(alone) <= error(squared) {
            alone
        } else {
            squared
        }
    };
    let off = |(u, v): &(f64, f64)| (linear * u + quadratic * v - 1.0).abs();
    let worst = rows.iter().map(off).fold(0.0, f64::max);
    Some(Quadratic {
        linear,
        quadratic,
        worst,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, wanted: f64) {
        assert!((got / wanted - 1.0).abs() < 1e-6, "{got} is not {wanted}");
    }

    #[test]
    fn a_curve_of_both_parts_is_found_again() {
        let points: Vec<(f64, f64)> = [125.0, 250.0, 500.0, 1000.0]
            .map(|n: f64| (n, 1.8e-3 * n + 1.8e-6 * n * n))
            .to_vec();
        let fit = quadratic(&points).unwrap();
        close(fit.linear, 1.8e-3);
        close(fit.quadratic, 1.8e-6);
        assert!(fit.worst < 1e-9);
    }

    #[test]
    fn neither_part_falls_below_nothing() {
        let power = |p: f64| -> Vec<(f64, f64)> {
            [100.0f64, 200.0, 400.0, 800.0]
                .map(|n| (n, n.powf(p)))
                .to_vec()
        };
        let slower = quadratic(&power(0.7)).unwrap();
        assert!(slower.quadratic == 0.0 && slower.linear > 0.0);
        let steeper = quadratic(&power(2.5)).unwrap();
        assert!(steeper.linear == 0.0 && steeper.quadratic > 0.0);
    }

    #[test]
    fn two_sizes_are_no_curve() {
        assert_eq!(quadratic(&[(1.0, 1.0), (2.0, 3.0), (2.0, 3.1)]), None);
        assert!(quadratic(&[(1.0, 1.0), (2.0, 3.0), (3.0, 5.0)]).is_some());
        assert_eq!(quadratic(&[(1.0, 1.0), (2.0, 3.0), (3.0, 0.0)]), None);
        assert_eq!(quadratic(&[]), None);
    }

    /// Kernel time of one cold transaction on 6.1.192 (125 to 1,000 Services of 30 endpoints),
    /// against `scipy.optimize.nnls` of the rows (n/y, n^2/y) = 1.
    #[test]
    fn as_scipy_has_it() {
        let points = [(125.0, 0.26), (250.0, 0.56), (500.0, 1.37), (1000.0, 3.67)];
        let fit = quadratic(&points).unwrap();
        close(fit.linear, SCIPY.0);
        close(fit.quadratic, SCIPY.1);
    }

    const SCIPY: (f64, f64) = (0.001_821_558_425_203_229_2, 1.834_127_353_412_779_4e-6);
}
