//! A transaction without what tells whose it is: addresses, names of namespaces, Services and
//! ports, remarks.
//!
//! `pieces` finds those in a text, `addresses` and `names` give others for them. The same piece
//! gets the same one wherever it stands, different pieces get different ones, and none of them
//! stands in the originals.

mod addresses;
mod names;
mod pieces;

use std::collections::BTreeSet;

use crate::error::Error;
use addresses::Addresses;
use names::Names;
use pieces::{Piece, replace};

/// Scrambles transactions that belong together.
///
/// A name has as many letters as before and an address shares as many leading bits with others as
/// before, so that the kernel has the same to do and the ledger is the same but for the bytes. The
/// key is to be chosen at random each time and forgotten; whoever has it can try guesses. Ports,
/// the first bits that addresses share, and how long names are stay as they are, and so does the
/// Service `default/kubernetes`, which every cluster has.
///
/// # Errors
/// [`Error`] where a text has more networks than there are others for.
pub fn scrub(texts: &[&str], key: &[u8; 32]) -> Result<Vec<String>, Error> {
    let mut names = BTreeSet::new();
    let (mut octets, mut groups) = (BTreeSet::new(), BTreeSet::new());
    for text in texts {
        replace(text, &mut |piece| {
            match piece {
                Piece::V4(address, _) => {
                    octets.insert(address.octets()[0]);
                }
                Piece::V6(address, _) => {
                    groups.insert(address.segments()[0]);
                }
                Piece::Name(name) => {
                    names.insert(name.to_owned());
                }
                Piece::Digest(..) => {}
            }
            String::new()
        });
    }
    let mut names = Names::new(*key, names);
    let mut addresses =
        Addresses::new(*key, &octets, &groups).map_err(|problem| Error { line: 1, problem })?;
    let mut other = |piece: Piece<'_>| match piece {
        Piece::V4(address, length) => addresses.v4(address, length).to_string(),
        Piece::V6(address, length) => addresses.v6(address, length).to_string(),
        Piece::Name(name) => names.of(name),
        Piece::Digest(of, characters) => names.digest(of, characters),
    };
    let all = texts.iter().map(|text| replace(text, &mut other));
    Ok(all.collect())
}
