//! The pages of one export that was split over several QR codes, collected in any order.
//!
//! Pages belong together when their batch id and their number of pages agree. A page that was
//! scanned twice is kept once, since people scan until something happens.

use std::collections::BTreeMap;

use super::request::{Offers, Page};

/// The pages seen so far. Holds secrets: no `Debug`, no `Clone`.
pub struct PageCollector {
    batch_id: i32,
    size: u32,
    pages: BTreeMap<u32, Offers>,
}

/// Why a page cannot be added. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// These offers are no page of an export.
    #[error("not a page of an export")]
    NotAPage,
    /// The page is one of another export.
    #[error("a page of another export")]
    OtherExport,
}

impl PageCollector {
    /// Begins with the page that was read first.
    pub fn start(first: Offers) -> Result<Self, PageError> {
        let Page { batch_id, index, size } = first.page.ok_or(PageError::NotAPage)?;
        Ok(Self { batch_id, size, pages: BTreeMap::from([(index, first)]) })
    }

    /// Adds a page; false when it was there already.
    pub fn add(&mut self, page: Offers) -> Result<bool, PageError> {
        let Page { batch_id, index, size } = page.page.ok_or(PageError::NotAPage)?;
        if (batch_id, size) != (self.batch_id, self.size) {
            return Err(PageError::OtherExport);
        }
        let is_new = !self.pages.contains_key(&index);
        self.pages.entry(index).or_insert(page);
        Ok(is_new)
    }

    /// Number of pages of this export.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The pages that were not seen yet, counted from 0; empty when the export is complete.
    pub fn missing(&self) -> Vec<u32> {
        (0..self.size).filter(|index| !self.pages.contains_key(index)).collect()
    }

    /// What the pages seen so far offer, in the order of the export, with or without the missing
    /// ones. The places of refused entries count through these pages.
    pub fn into_offers(self) -> Offers {
        let mut all = Offers { offers: Vec::new(), refused: Vec::new(), page: None };
        for page in self.pages.into_values() {
            let before = all.offers.len().saturating_add(all.refused.len());
            let before = u32::try_from(before).unwrap_or(u32::MAX);
            all.offers.extend(page.offers);
            all.refused.extend(page.refused.into_iter().map(|mut refused| {
                refused.entry = refused.entry.saturating_add(before);
                refused
            }));
        }
        all
    }
}
