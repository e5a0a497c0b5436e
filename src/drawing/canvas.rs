//! A place to draw: SVG elements as text, well-formed and escaped.
//!
//! In: positions in pixels. Out: one `<svg>` element for inlining into a page. Ink is `currentColor`; colours are set by
//! class in the page's style sheet (light and dark) and by attribute for those who copy the picture out.

use std::fmt::Write;

/// Escapes text for XML and HTML, contents or attributes; characters that XML forbids become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A length with one decimal, as short as it goes.
pub fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_string(),
        Some(whole) => whole.to_string(),
        None => text,
    }
}

/// A label that fits into `width` pixels, cut in the middle if it must be: both ends of a category tell most.
pub fn fitting(label: &str, width: f64) -> String {
    // Widest letters of common sans-serif fonts at 12 px, bold included.
    let most = (width / 8.0).max(8.0) as usize;
    let n = label.chars().count();
    if n <= most {
        return label.to_string();
    }
    let tail = most / 2;
    label.chars().take(most - tail - 1).chain(['…']).chain(label.chars().skip(n - tail)).collect()
}

/// Where a text is tied to its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Left end.
    Start,
    /// Middle.
    Middle,
    /// Right end.
    End,
}

/// How a mark looks: its class, which the style sheet knows, and its attributes for those who copy the picture out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen<'a>(pub &'a str, pub &'a str);

/// What shows a text under the pointer.
const TIP: Pen = Pen("tip", "fill=\"none\"");

/// A picture in the making.
#[derive(Debug)]
pub struct Canvas {
    body: String,
}

impl Canvas {
    /// An empty picture of `width` x `height` pixels with a title for those who cannot see it.
    pub fn new(width: f64, height: f64, title: &str) -> Canvas {
        let mut body = String::new();
        let (w, h) = (px(width), px(height));
        let title = escape(title);
        // Writing to a String cannot fail; the results of write! are dropped for that reason here and below.
        let _ = write!(
            body,
            "<svg class=\"plot\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\">"
        );
        Canvas { body }
    }

    /// A filled rectangle; nothing for negative sizes.
    pub fn rect(&mut self, pen: Pen, at: (f64, f64), size: (f64, f64)) {
        if size.0 > 0.0 && size.1 > 0.0 {
            self.rect_with(pen, at, size, "/>");
        }
    }

    /// An invisible rectangle that shows `tip` under the pointer.
    pub fn hover(&mut self, at: (f64, f64), size: (f64, f64), tip: &str) {
        self.rect_with(TIP, at, size, &format!("><title>{}</title></rect>", escape(tip)));
    }

    fn rect_with(&mut self, Pen(class, attributes): Pen, (x, y): (f64, f64), (width, height): (f64, f64), end: &str) {
        let [x, y, width, height] = [x, y, width, height].map(px);
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" {attributes} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{end}"
        );
    }

    /// A path; an empty one draws nothing.
    pub fn path(&mut self, Pen(class, attributes): Pen, d: &str) {
        if !d.is_empty() {
            let _ = write!(self.body, "<path class=\"{class}\" {attributes} d=\"{d}\"/>");
        }
    }

    /// A line of text.
    pub fn text(&mut self, class: &str, anchor: Anchor, (x, y): (f64, f64), text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = write!(self.body, "<text{class} x=\"{}\" y=\"{}\"{anchor}>{}</text>", px(x), px(y), escape(text));
    }

    /// A line of text that runs upwards, ending at its position.
    pub fn text_upwards(&mut self, (x, y): (f64, f64), text: &str) {
        let (x, y) = (px(x), px(y));
        let _ = write!(
            self.body,
            "<text transform=\"translate({x} {y}) rotate(-90)\" text-anchor=\"end\">{}</text>",
            escape(text)
        );
    }

    /// The finished picture.
    pub fn finish(mut self) -> String {
        self.body.push_str("</svg>");
        self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_labels() {
        assert_eq!(escape("<a href=\"x\">&'\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{fffd}");
        let mut canvas = Canvas::new(10.0, 10.0, "\"><script>");
        canvas.text("", Anchor::End, (0.0, 0.0), "</text><script>");
        assert!(!canvas.finish().contains("<script>"));
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!((px(10.0), px(0.26), px(-0.01)), ("10".into(), "0.3".into(), "0".into()));
    }

    #[test]
    fn long_labels_keep_both_ends() {
        assert_eq!(fitting("m(mu1,mu2)", 300.0), "m(mu1,mu2)");
        let cut = fitting("m(e1,e2,mu1,mu2,g1,Z1,V1,T1,HM1,j1,j2,j3,j4)", 160.0);
        assert!(cut.starts_with("m(e1") && cut.ends_with("j3,j4)") && cut.chars().count() <= 20, "{cut}");
    }
}
