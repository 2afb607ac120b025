//! One change in several transactions.

/// Cuts a batch for `nft -f` into `pieces` that, loaded one after another, make what the whole
/// makes. Pieces are of about the same length.
///
/// The kernel looks up what a command names when it comes to the command, so any beginning of a
/// batch is a batch; each piece finds what those before it have made. Cuts are made only where a
/// run of `chain` commands begins, which is where kube-proxy begins with another Service: no piece
/// leaves a Service without its rules.
///
/// # Errors
/// In words, if the batch has fewer places to cut, or is of iptables, whose table is one change.
pub fn split(text: &str, pieces: u32) -> Result<Vec<String>, String> {
    if crate::Mode::of(text) == crate::Mode::Iptables {
        return Err("what is for iptables-restore cannot be split".to_owned());
    }
    let pieces = pieces.max(1) as usize;
    let places = places(text);
    if pieces > places.len() + 1 {
        let most = places.len() + 1;
        return Err(format!("cannot be cut into {pieces}, only into {most}"));
    }
    let mut cuts = vec![0];
    let mut from = 0;
    for piece in 1..pieces {
        let wanted = text.len() * piece / pieces;
        // Enough places stay for the cuts that are to come.
        let last = places.len() - (pieces - piece);
        let near = places[from..last].partition_point(|place| *place < wanted);
        let at = from + near;
        cuts.push(places[at]);
        from = at + 1;
    }
    cuts.push(text.len());
    let pairs = cuts.windows(2);
    Ok(pairs
        .map(|pair| text[pair[0]..pair[1]].to_owned())
        .collect())
}

/// Where the batch may be cut: before a command for a chain that follows a command for something
/// else.
fn places(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let (mut at, mut before) = (0, true);
    for line in text.split_inclusive('\n') {
        let words = line.trim_start();
        // What says nothing belongs to what follows it.
        if !words.is_empty() && !words.starts_with('#') {
            let is_chain = words.split_whitespace().nth(1) == Some("chain");
            if is_chain && !before && at > 0 {
                places.push(at);
            }
            before = is_chain;
        }
        at += line.len();
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Mode, Request, Shape, Tables, generate};

    fn batch(shape: Shape, services: u32, endpoints: u32, from_replicas: Option<u32>) -> String {
        generate(&Request {
            mode: Mode::Nftables,
            shape,
            services,
            endpoints,
            from_replicas,
            local: 0,
            has_api_endpoint: true,
        })
    }

    #[test]
    fn what_cannot_be_cut_is_said() {
        let text = batch(Shape::KubeProxy1_32, 2, 2, None);
        assert_eq!(split(&text, 1), Ok(vec![text.clone()]));
        let error = split(&text, 1000).unwrap_err();
        assert!(error.starts_with("cannot be cut into 1000, only into "));
        let rules = "*nat\n:A - [0:0]\nCOMMIT\n";
        assert!(split(rules, 2).unwrap_err().contains("iptables"));
        let plain = "add table ip t\nadd chain ip t c\nadd rule ip t c drop\n";
        assert_eq!(split(plain, 2).unwrap().len(), 2);
        assert!(split(plain, 3).unwrap_err().ends_with("only into 2"));
    }

    /// Four Services of 40 bytes: a cut is made at the first place from the wanted length on, and
    /// early enough that those to come find one.
    #[test]
    fn cuts_lie_where_the_pieces_are_about_the_same_length() {
        let service =
            |name: char| format!("add chain ip t {name}\nadd rule ip t {name} drop\n\n\n");
        let text: String = "abcd".chars().map(service).collect();
        assert_eq!(text.len(), 160);
        for (pieces, cuts) in [(1, "a"), (2, "ac"), (3, "acd"), (4, "abcd")] {
            let parts = split(&text, pieces).unwrap();
            let begin = |part: &String| part.chars().nth("add chain ip t ".len()).unwrap();
            let found: String = parts.iter().map(begin).collect();
            assert_eq!(found, cuts, "{pieces}: {parts:?}");
        }
    }

    #[test]
    fn a_run_of_chains_is_not_cut_by_what_says_nothing() {
        let text = "# kube-proxy\nadd chain ip t a\n\n# more\nadd chain ip t b\n\
                    add rule ip t a drop\nadd chain ip t c\n";
        assert_eq!(places(text), [text.find("add chain ip t c").unwrap()]);
    }

    proptest! {
        /// The proof that it is the same change: the tables hold the same afterwards, and each
        /// piece names only what is there when it comes to it.
        #[test]
        fn the_pieces_make_what_the_whole_makes(
            services in 1u32..20, endpoints in 1u32..6, pieces in 1u32..12, shape in 0..3usize,
            step in any::<bool>(),
        ) {
            let shape = [Shape::KubeProxy1_32, Shape::KubeProxy1_36, Shape::KubeProxy1_37][shape];
            let from = (step && endpoints > 1).then_some(endpoints - 1);
            let text = batch(shape, services, endpoints, from);
            let mut whole = Tables::default();
            if from.is_some() {
                whole.load(&batch(shape, services, endpoints - 1, None)).unwrap();
            }
            let mut parted = whole.clone();
            let one = whole.load(&text).unwrap();
            if let Ok(parts) = split(&text, pieces) {
                prop_assert_eq!(parts.len(), pieces as usize);
                prop_assert_eq!(parts.concat(), text);
                let mut last = None;
                for part in &parts {
                    prop_assert!(!part.is_empty());
                    last = Some(parted.load(part).unwrap());
                }
                let last = last.unwrap();
                prop_assert_eq!(
                    (last.table_chains, last.table_rules, last.table_sets, last.table_elements),
                    (one.table_chains, one.table_rules, one.table_sets, one.table_elements)
                );
            } else {
                prop_assert!(places(&text).len() + 1 < pieces as usize);
            }
        }
    }
}
