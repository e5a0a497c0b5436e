//! The head of every page, with the style sheet that all pages share.
//!
//! In: a title, the program's version, rules of the page's own. Out: `<!DOCTYPE html>` to `</head>`. A page is one file
//! that needs nothing else: its content security policy forbids every load, and scripts where it has none.

use askama::Template;

/// The start of a page, for `{{ head|safe }}` in a template.
#[derive(Debug, Clone, Template)]
#[template(path = "drawing/page/head.html")]
pub struct Head<'a> {
    title: &'a str,
    program: &'a str,
    style: &'static str,
    scripts: bool,
    css: &'static str,
}

impl<'a> Head<'a> {
    /// Of a page without scripts; `style` is added to the shared style sheet.
    pub fn new(title: &'a str, program: &'a str, style: &'static str) -> Head<'a> {
        Head { title, program, style: style.trim_end(), scripts: false, css: include_str!("page.css").trim() }
    }

    /// The same for a page with a script of its own.
    pub fn with_scripts(self) -> Head<'a> {
        Head { scripts: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_load_nothing_and_run_scripts_only_if_they_have_some() -> Result<(), askama::Error> {
        let head = Head::new("<Z'>", "1.0", ".own { color: red; }\n");
        let (plain, scripted) = (head.render()?, head.with_scripts().render()?);
        assert!(plain.contains("default-src 'none'") && !plain.contains("script-src"), "{plain}");
        assert!(scripted.contains("script-src 'unsafe-inline'"), "{scripted}");
        assert!(!plain.contains("<Z'>") && plain.contains(":root {") && plain.contains(".own {"), "{plain}");
        Ok(())
    }
}
