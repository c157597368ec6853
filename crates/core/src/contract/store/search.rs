//! Tags, and lists.

use super::super::{Stores, Verdict, ensure, why};
use super::steps::{FENCE, all, commit, created, expect_found, expect_missing, new};
use crate::actor::{Address, At, Tags};
use crate::store::{Commit, Open, Query, Record};

fn tags(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect()
}

fn tagged(name: &str, of: &[(&str, &str)]) -> Address {
    Address { name: name.into(), at: At::Tags(tags(of)) }
}

/// By tags the oldest actor is found whose tags include all that were asked for; keys and tags never meet.
///
/// # Errors
/// What was seen instead.
pub async fn tags_find_the_oldest(nodes: &Stores) -> Verdict {
    let node = nodes.first();
    let keyed = created(node, Open::Create(Address::keyed("room", [""; 0]), new("keyed"))).await?;
    expect_missing(nodes, Open::Find(tagged("room", &[]))).await?;
    let made: [&[(&str, &str)]; 6] = [
        &[("a", "1"), ("b", "2")],
        &[("a", "1")],
        &[("a", "1"), ("b", "2"), ("c", "3")],
        &[],
        &[("a", "1\",\"b\":\"3"), ("\0", "%_")],
        &[("a", "1"), ("b", "2")],
    ];
    let mut records = Vec::new();
    for (n, of) in made.iter().enumerate() {
        records.push(created(node, Open::Create(tagged("room", of), new(&n.to_string()))).await?);
    }
    let found: [(&[(&str, &str)], usize); 8] = [
        (&[], 0),
        (&[("a", "1")], 0),
        (&[("b", "2")], 0),
        (&[("a", "1"), ("b", "2")], 0),
        (&[("c", "3")], 2),
        (&[("a", "1"), ("c", "3")], 2),
        (&[("\0", "%_")], 4),
        (&[("a", "1\",\"b\":\"3")], 4),
    ];
    for (of, expected) in found {
        expect_found(nodes, Open::Find(tagged("room", of)), &records[expected]).await?;
        expect_found(nodes, Open::FindOrCreate(tagged("room", of), new("other")), &records[expected]).await?;
    }
    let missing: [&[(&str, &str)]; 7] = [
        &[("a", "2")],
        &[("b", "1")],
        &[("b", "3")],
        &[("a", "")],
        &[("A", "1")],
        &[("a", "1"), ("d", "4")],
        &[("\0", "%a")],
    ];
    for of in missing {
        expect_missing(nodes, Open::Find(tagged("room", of))).await?;
    }
    expect_missing(nodes, Open::Find(tagged("Room", &[]))).await?;
    expect_found(nodes, Open::Find(keyed.address.clone()), &keyed).await?;
    let of = [("d", "4"), ("a", "1")];
    let late = created(nodes.last(), Open::FindOrCreate(tagged("room", &of), new("late"))).await?;
    expect_found(nodes, Open::FindOrCreate(tagged("room", &of[..1]), new("other")), &late).await?;
    commit(node, Commit { destroys: true, ..Commit::of(&records[0], FENCE, 0) }).await?;
    expect_found(nodes, Open::Find(tagged("room", &[("b", "2")])), &records[2]).await?;
    expect_found(nodes, Open::Find(tagged("room", &[])), &records[1]).await
}

/// Page by page every actor is listed once, in order of creation, also if others come and go meanwhile.
///
/// # Errors
/// What was seen instead.
pub async fn lists_go_on(nodes: &Stores) -> Verdict {
    expect_listed(nodes, all(), &[]).await?;
    let mut records: Vec<Record> = Vec::new();
    for (n, node) in nodes.in_turn().take(25).enumerate() {
        // So that the order of ids, of keys and of creation are three.
        let (id, key) = (format!("{}", (n * 7) % 25), format!("{}", (n * 11) % 25));
        let (name, n) = (["cat", "dog"][n % 2], n.to_string());
        let address = match n.len() {
            1 => Address::keyed(name, key),
            _ => tagged(name, &[("all", ""), ("n", &n)]),
        };
        records.push(created(node, Open::Create(address, new(&id))).await?);
        let rows = records.iter().map(|record| record.row);
        ensure!(rows.is_sorted(), "rows are not in order of creation");
    }
    let of = |fits: &dyn Fn(&Record) -> bool| -> Vec<Record> {
        records.iter().filter(|record| fits(record)).cloned().collect()
    };
    let named = |record: &Record| &*record.address.name == "cat";
    let is_tagged = |record: &Record| matches!(record.address.at, At::Tags(_));
    let (name, all_tagged) = (Some("cat".into()), Some(tags(&[("all", "")])));
    expect_listed(nodes, all(), &records).await?;
    expect_listed(nodes, Query { name: name.clone(), ..all() }, &of(&named)).await?;
    expect_listed(nodes, Query { tags: all_tagged.clone(), ..all() }, &of(&is_tagged)).await?;
    expect_listed(nodes, Query { tags: Some(Tags::new()), ..all() }, &of(&is_tagged)).await?;
    let both = of(&|record| named(record) && is_tagged(record));
    expect_listed(nodes, Query { name: name.clone(), tags: all_tagged, ..all() }, &both).await?;
    let one = Some(tags(&[("n", "12"), ("all", "")]));
    expect_listed(nodes, Query { name, tags: one, ..all() }, &records[12..13]).await?;
    expect_listed(nodes, Query { name: Some("cow".into()), ..all() }, &[]).await?;
    expect_listed(nodes, Query { tags: Some(tags(&[("n", "1")])), ..all() }, &[]).await?;
    while_they_come_and_go(nodes, records).await
}

/// The same as a whole and in pages of every size.
async fn expect_listed(nodes: &Stores, query: Query, expected: &[Record]) -> Verdict {
    for (limit, node) in [1_000, 1, 2, 7, 25].into_iter().zip(nodes.in_turn()) {
        let mut listed: Vec<Record> = Vec::new();
        loop {
            let after = listed.last().map_or(0, |record| record.row);
            let page = node.list(Query { after, limit, ..query.clone() }).await.map_err(why)?;
            ensure!(page.len() <= limit, "{} came where at most {limit} were wanted", page.len());
            if page.is_empty() {
                break;
            }
            listed.extend(page);
            ensure!(listed.len() <= 2 * expected.len(), "{query:?} in pages of {limit} does not end");
        }
        ensure!(listed == expected, "{query:?} in pages of {limit} gave {listed:?}, not {expected:?}");
    }
    let none = nodes.last().list(Query { limit: 0, ..query }).await.map_err(why)?;
    ensure!(none.is_empty(), "none were wanted, and {none:?} came");
    Ok(())
}

async fn while_they_come_and_go(nodes: &Stores, records: Vec<Record>) -> Verdict {
    let (node, last) = (nodes.first(), &records[records.len() - 1]);
    let page = node.list(Query { limit: 10, ..all() }).await.map_err(why)?;
    ensure!(page == records[..10], "the first ten are {page:?}");
    for gone in [&records[3], &records[9], &records[10], last] {
        commit(node, Commit { destroys: true, ..Commit::of(gone, FENCE, 0) }).await?;
    }
    let late = created(nodes.last(), Open::Create(records[3].address.clone(), new("late"))).await?;
    ensure!(late.row > last.row, "an actor made now has row {}, one before had {}", late.row, last.row);
    let rest = node.list(Query { after: records[9].row, ..all() }).await.map_err(why)?;
    let expected = [&records[11..24], std::slice::from_ref(&late)].concat();
    ensure!(rest == expected, "behind the first ten are {rest:?}, not {expected:?}");
    let behind = node.list(Query { after: late.row, ..all() }).await.map_err(why)?;
    ensure!(behind.is_empty(), "behind the last there is {behind:?}");
    Ok(())
}
