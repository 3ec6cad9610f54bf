//! The allocator of the WebAssembly modules: one list of free blocks for each size, sizes four to a power
//! of two. A call takes and gives back some dozens of small blocks: here each is a few instructions
//! within a few cache lines, where general allocators merge and split. Blocks are never merged, so
//! memory grows to what was needed of each size at once, and no further.
#![allow(unsafe_code, reason = "an allocator hands out memory")]
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "other targets have their own; only tests are here")
)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

/// The least block, and what every block is aligned to.
const UNIT: usize = 16;
const PAGE: usize = 65_536;
const CLASSES: usize = 4 * usize::BITS as usize;

/// Lists of free blocks, and the memory that was never given out.
pub(crate) struct Blocks(UnsafeCell<State>);

struct State {
    free: [*mut u8; CLASSES],
    next: usize,
    end: usize,
}

// SAFETY: the modules run on one thread.
unsafe impl Sync for Blocks {}

impl Blocks {
    pub(crate) const fn new() -> Blocks {
        Blocks(UnsafeCell::new(State { free: [null_mut(); CLASSES], next: 0, end: 0 }))
    }
}

/// The class that holds `size` bytes, and how many bytes its blocks have.
#[inline(always)]
fn class(size: usize) -> (usize, usize) {
    if size <= 4 * UNIT {
        let units = size.div_ceil(UNIT).max(1);
        return (units - 1, units * UNIT);
    }
    // Behind the highest bit, two more tell which quarter it is.
    let least = size - 1;
    let shift = (usize::BITS - 3 - least.leading_zeros()) as usize;
    let quarter = least >> shift;
    (shift * 4 + quarter - 16, (quarter + 1) << shift)
}

impl State {
    /// Memory that was never given out.
    fn fresh(&mut self, size: usize) -> *mut u8 {
        if size > self.end - self.next {
            let pages = size.div_ceil(PAGE);
            let Some(before) = grow(pages) else { return null_mut() };
            // What is left of the last pages goes on, unless someone else took the next ones.
            if before * PAGE != self.end {
                self.next = before * PAGE;
            }
            self.end = (before + pages) * PAGE;
        }
        let block = self.next;
        self.next += size;
        block as *mut u8
    }
}

#[cfg(target_family = "wasm")]
fn grow(pages: usize) -> Option<usize> {
    let before = core::arch::wasm32::memory_grow(0, pages);
    (before != usize::MAX).then_some(before)
}

#[cfg(not(target_family = "wasm"))]
fn grow(_: usize) -> Option<usize> {
    None
}

// SAFETY: a block is in one list or given out, and its class follows from the layout alone.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Nothing asks for more; nobody could tell such blocks apart.
        if layout.align() > UNIT {
            return null_mut();
        }
        let (class, size) = class(layout.size());
        // SAFETY: one thread, and no reference lives on.
        let state = unsafe { &mut *self.0.get() };
        match state.free.get_mut(class) {
            Some(first) if !first.is_null() => {
                let block = *first;
                // SAFETY: a free block holds the address of the next one.
                *first = unsafe { *block.cast::<*mut u8>() };
                block
            }
            _ => state.fresh(size),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above; the block is nobody's any more.
        unsafe {
            let state = &mut *self.0.get();
            if let Some(first) = state.free.get_mut(class(layout.size()).0) {
                *block.cast::<*mut u8>() = *first;
                *first = block;
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if class(size).0 == class(layout.size()).0 {
            return block;
        }
        // SAFETY: both blocks hold the lesser of the two sizes.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                core::ptr::copy_nonoverlapping(block, new, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_a_class_that_holds_it_and_not_much_more() {
        let mut last = (0, UNIT);
        let sizes = (1..5000).chain((13..40).flat_map(|shift| (1 << shift) - 3..(1 << shift) + 4));
        for size in sizes {
            let (class, block) = class(size);
            assert!(block >= size && block % UNIT == 0 && class < CLASSES, "{size}: {class} {block}");
            assert!(size < 4 * UNIT || block * 4 <= size * 5 + 4 * UNIT, "{size}: {block}");
            let next = class == last.0 && block == last.1 || class == last.0 + 1 && block > last.1;
            assert!(next || size > 5000, "{size}: {class} {block} behind {last:?}");
            last = (class, block);
        }
        assert_eq!(class(0), class(1));
    }

    #[test]
    fn no_two_block_sizes_share_a_class() {
        let mut seen = vec![0; CLASSES];
        for shift in 4..40 {
            for quarter in [4, 5, 6, 7] {
                let size = quarter << shift;
                let (class, block) = class(size);
                assert_eq!(block, size);
                assert_eq!(std::mem::replace(&mut seen[class], size), 0, "{size}");
            }
        }
    }
}
