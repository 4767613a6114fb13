//! The system's own browser, for the pages of an issuer.
//!
//! It is opened only where there is a screen: in a terminal without one, a text browser would take the terminal away
//! from the command, and it has none of the user's certificates.

use webbrowser::{Browser, BrowserOptions};

/// Opens pages.
pub trait Pages {
    /// Opens a page; false when there is no browser to be seen.
    fn open(&self, url: &str) -> bool;
}

/// The browser that the user has chosen for this desktop.
pub struct SystemBrowser;

impl Pages for SystemBrowser {
    fn open(&self, url: &str) -> bool {
        let quiet = BrowserOptions::new().with_suppress_output(true).clone();
        has_screen() && webbrowser::open_browser_with_options(Browser::Default, url, &quiet).is_ok()
    }
}

fn has_screen() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let always = cfg!(any(windows, target_os = "macos"));
    always || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Keeps what would be opened.
#[cfg(test)]
#[derive(Clone, Default)]
pub struct Kept(pub std::rc::Rc<std::cell::RefCell<Vec<String>>>);

#[cfg(test)]
impl Pages for Kept {
    fn open(&self, url: &str) -> bool {
        self.0.borrow_mut().push(url.to_owned());
        true
    }
}
