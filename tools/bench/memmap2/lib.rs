// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
//! memmap2 for C: one mapping at a time, in a slot that C keeps.
use memmap2::MmapMut;

type Slot = Option<MmapMut>;

/// A slot for peer_memmap2_map(), for ever.
#[no_mangle]
pub extern "C" fn peer_memmap2_slot() -> *mut Slot {
    Box::into_raw(Box::new(None))
}

/// Memory of that length, or null.
///
/// # Safety
/// The slot is one of peer_memmap2_slot() and empty.
#[no_mangle]
pub unsafe extern "C" fn peer_memmap2_map(slot: *mut Slot, length: usize) -> *mut u8 {
    match MmapMut::map_anon(length) {
        Ok(map) => (*slot).insert(map).as_mut_ptr(),
        Err(_) => std::ptr::null_mut(),
    }
}

/// Unmap what is in the slot.
///
/// # Safety
/// The slot is one of peer_memmap2_slot().
#[no_mangle]
pub unsafe extern "C" fn peer_memmap2_unmap(slot: *mut Slot) {
    *slot = None;
}
