//! Plots in block characters; where only ASCII is drawn they fold to characters that still rise.

/// A cell filled from the bottom in eighths.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns of so many cells' width and rows' height, the top row first. Nothing stands where there is no value; the
/// least value still shows.
pub fn chart(values: &[Option<u64>], width: usize, height: usize) -> Vec<String> {
    let height = height.max(1);
    let most = values.iter().flatten().max().copied().unwrap_or(0).max(1);
    let level = |value: u64| {
        let eighths = u128::from(value) * (height as u128 * 8) / u128::from(most);
        usize::try_from(eighths).unwrap_or(0).max(1)
    };
    // A gap keeps columns apart where there is room for one.
    let (solid, gap) = if width > 2 { (width - 1, 1) } else { (width.max(1), 0) };
    let row = |from_bottom: usize| {
        let cell = |value: &Option<u64>| {
            let filled = value.map_or(0, level).saturating_sub(from_bottom * 8).min(8);
            let c = EIGHTHS.get(filled).copied().unwrap_or(' ');
            std::iter::repeat_n(c, solid).chain(std::iter::repeat_n(' ', gap)).collect::<String>()
        };
        values.iter().map(cell).collect::<String>()
    };
    (0..height).rev().map(row).collect()
}

/// A bar: solid up to the first value, light from there to the second, of `most` in so many cells.
pub fn bar(solid: Option<u64>, light: Option<u64>, most: u64, cells: usize) -> (String, String) {
    let long = |value: Option<u64>| {
        let Some(value) = value.filter(|_| most > 0) else { return 0 };
        let long = u128::from(value) * cells as u128 / u128::from(most);
        usize::try_from(long).unwrap_or(cells).clamp(1, cells)
    };
    let (first, both) = (long(solid), long(light));
    ("█".repeat(first), "░".repeat(both.saturating_sub(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_rise_with_their_values_and_nothing_is_not_nought() {
        assert_eq!(chart(&[Some(0), None, Some(4), Some(8)], 1, 1), ["▁ ▄█"]);
        assert_eq!(chart(&[Some(1), Some(4)], 3, 2), ["   ██ ", "▄▄ ██ "]);
        assert_eq!(chart(&[], 1, 1), [""]);
        assert_eq!(chart(&[Some(u64::MAX), Some(1)], 1, 1), ["█▁"]);
    }

    #[test]
    fn a_bar_never_outgrows_its_cells() {
        assert_eq!(bar(Some(5), Some(10), 10, 8), ("████".to_owned(), "░░░░".to_owned()));
        assert_eq!(bar(Some(20), Some(u64::MAX), 10, 3), ("███".to_owned(), String::new()));
        assert_eq!(bar(None, None, 0, 3), (String::new(), String::new()));
        assert_eq!(bar(Some(1), None, 1000, 3), ("█".to_owned(), String::new()));
    }
}
